"""The stack with ElastiCache, for its tests."""

from tests.engine.table import Drift, Replacing, Scenario

GROUP = "redis-group"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

ELASTICACHE = Scenario(
    stack="prod",
    package="aws",
    provider="elasticache",
    config={"aws:region": "us-east-1"},
    block={
        "engineVersion": "7.1", "allowedSecurityGroupIds": ["sg-0123456789abcdef0"],
        "monitoring": {"criticalEmails": ["on-call@example.com"]},
    },
    data=[GROUP],
    mutable={
        "nodeType": "large", "numCacheClusters": 3, "evictionPolicy": "volatile-lru",
        "parameters": {"timeout": 300}, "maintenanceWindow": "mon:01:00-mon:02:00",
        "autoMinorVersionUpgrade": False, "applyImmediately": True,
        "snapshotWindow": "22:00-23:00", "snapshotRetentionLimit": 14, "restoreFromSnapshot": "a-snapshot",
        "allowedCidrs": ["10.1.0.0/16"], "clientSecurityGroup": True, "readOnlyUser": True,
        "monitoring": {"criticalEmails": ["on-call@example.com"], "warningEmails": ["team@example.com"]},
    },
    updates={
        GROUP: {"nodeType", "numCacheClusters", "maintenanceWindow", "autoMinorVersionUpgrade",
                "applyImmediately", "snapshotWindow", "snapshotRetentionLimit"},
    },
    added=frozenset({
        "redis-network-from-10.1.0.0-16", "redis-network-clients", "redis-network-from-clients",
        "redis-network-clients-out", "redis-access-reader", "redis-access-reader-password-1",
        "redis-monitoring-topics-warning-team@example.com",
    }),
    update={"nodeType": "large", "numCacheClusters": 3, "evictionPolicy": "volatile-lru"},
    replacing=[
        Replacing(block={"replicationGroupId": "other"}, name=GROUP, property="replicationGroupId"),
        Replacing(block={"engineVersion": "7.0"}, name=GROUP, property="engineVersion"),
        Replacing(block={"port": 6380}, name=GROUP, property="port"),
        Replacing(block={"kmsKeyArn": KEY}, name=GROUP, property="kmsKeyId"),
        Replacing(
            block={"vpcId": "vpc-0123456789abcdef0", "subnetIds": SUBNETS},
            name=GROUP, property="subnetGroupName",
        ),
    ],
    drift=[
        Drift(name=GROUP, property="snapshotRetentionLimit", value=1),
        Drift(name="redis-monitoring-memory-critical", property="threshold", value=99),
    ],
)  # fmt: skip
