"""What the AWS plugin and AWS do: a table of the types that this project uses."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.engine.cloud import functions
from tests.engine.cloud.rule import ACCOUNT, Rule
from tests.engine.cloud.wire import Properties


def _aws(kind: str, **rule: Any) -> Rule:
    name = rule.get("name", "name")
    arn = rule.pop("arn", f"arn:aws:{kind}:{{{name}}}".replace("@", "{region}:{account}"))
    own = {"arn": arn, "replaces": {name: True}, "same": (name,), "id": f"{{{name}}}"} | rule
    return Rule(**own | {"computed": {"tagsAll": lambda p: p.get("tags") or {}} | rule.get("computed", {})})


def _members(group: Properties) -> list[str]:
    name = group["replicationGroupId"]
    if not functions.is_cluster(group):
        return [f"{name}-{number:03}" for number in range(1, int(group.get("numCacheClusters", 1)) + 1)]
    return [
        f"{name}-{shard:04}-{number:03}"
        for shard in range(1, int(group["numNodeGroups"]) + 1)
        for number in range(1, int(group.get("replicasPerNodeGroup", 0)) + 2)
    ]


def _endpoint(first: str, *, cluster: bool) -> Callable[[Properties], str]:
    """An address that a group with shards, or one without, has; it is empty for the other kind."""

    def address(group: Properties) -> str:
        name = group["replicationGroupId"]
        return f"{first}{name}.use1.cache.example" if functions.is_cluster(group) is cluster else ""

    return address


GROUP_CONFLICTS = ("engine", "engineVersion", "nodeType", "parameterGroupName", "atRestEncryptionEnabled",
                   "transitEncryptionEnabled", "snapshotArns", "snapshotName")  # fmt: skip

AWS: Mapping[str, Rule] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": _aws(
        "elasticache:@:replicationgroup",
        name="replicationGroupId",
        exists="ReplicationGroupAlreadyExists",
        defaults={"engine": "redis", "port": 6379},
        computed={
            "primaryEndpointAddress": _endpoint("master.", cluster=False),
            "readerEndpointAddress": _endpoint("replica.", cluster=False),
            "configurationEndpointAddress": _endpoint("", cluster=True),
            "clusterEnabled": functions.is_cluster,
            "memberClusters": _members,
            "engineVersionActual": "{engineVersion}",
        },
        sticky=("maintenanceWindow", "snapshotWindow", "securityGroupIds", "parameterGroupName",
                "applyImmediately", "numCacheClusters", "engineVersion", "nodeType"),
        unread=("authToken", "authTokenUpdateStrategy", "applyImmediately", "finalSnapshotIdentifier"),
        replaces={
            **dict.fromkeys(
                ("replicationGroupId", "atRestEncryptionEnabled", "kmsKeyId", "port", "subnetGroupName",
                 "networkType", "dataTieringEnabled", "snapshotName", "snapshotArns",
                 "globalReplicationGroupId"),
                True,
            ),
            "engine": lambda old, new: (old["engine"], new["engine"]) != ("redis", "valkey"),
            "engineVersion": functions.is_downgrade,
            "transitEncryptionEnabled": lambda old, new: functions.version(new) < (7, 0, 5),
        },
        conflicts=[
            ("authToken", "userGroupIds"), ("numCacheClusters", "numNodeGroups"),
            ("numCacheClusters", "replicasPerNodeGroup"),
            *(("globalReplicationGroupId", name) for name in GROUP_CONFLICTS),
        ],
        needs=[("multiAzEnabled", "automaticFailoverEnabled")],
        accept=functions.refuse_group,
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": _aws(
        "elasticache:@:parametergroup",
        replaces={"family": True, "name": True, "description": True},
        exists="CacheParameterGroupAlreadyExists",
        defaults={"description": "Managed by Pulumi"},
        held="InvalidCacheParameterGroupState",
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": _aws(
        "elasticache:@:subnetgroup",
        exists="CacheSubnetGroupAlreadyExists",
        defaults={"description": "Managed by Pulumi"},
        computed={"vpcId": "vpc-default"},
        held="CacheSubnetGroupInUse",
    ),
    "aws:elasticache/user:User": _aws(
        "elasticache:@:user",
        name="userId",
        replaces={"userId": True, "userName": True},
        exists="UserAlreadyExists",
        unread=("passwords", "authenticationMode", "noPasswordRequired"),
        held="InvalidUserState",
    ),
    "aws:elasticache/userGroup:UserGroup": _aws(
        "elasticache:@:usergroup",
        name="userGroupId",
        exists="UserGroupAlreadyExists",
        held="InvalidUserGroupState",
    ),
    "aws:ec2/securityGroup:SecurityGroup": _aws(
        "ec2:@:security-group",
        id="sg-{hex}",
        arn="arn:aws:ec2:{region}:{account}:security-group/{id}",
        same=("name", "vpcId"),
        exists="InvalidGroup.Duplicate",
        replaces={"name": True, "namePrefix": True, "description": True, "vpcId": True},
        defaults={"description": "Managed by Pulumi"},
        computed={"ownerId": ACCOUNT},
        sticky=("ingress", "egress", "vpcId"),
        held="DependencyViolation",
        accept=functions.refuse_description,
    ),
    **dict.fromkeys(
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
         "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
        _aws(
            "ec2:@:security-group-rule",
            id="sgr-{hex}",
            arn="arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
            same=("securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6",
                  "referencedSecurityGroupId", "prefixListId"),
            exists="InvalidPermission.Duplicate",
            replaces={"securityGroupId": True},
            computed={"securityGroupRuleId": "{id}"},
            accept=functions.refuse_description,
        ),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _aws(
        "cloudwatch:@:alarm", conflicts=[("metricName", "metricQueries"), ("statistic", "extendedStatistic")]
    ),
    "aws:cloudwatch/dashboard:Dashboard": _aws(
        "cloudwatch::{account}:dashboard", name="dashboardName", computed={"dashboardArn": "{arn}"}
    ),
    "aws:cloudwatch/logGroup:LogGroup": _aws("logs:@:log-group", exists="ResourceAlreadyExistsException"),
    "aws:sns/topic:Topic": _aws(
        "sns:@", id="{arn}", replaces={"name": True, "namePrefix": True, "fifoTopic": True},
        computed={"owner": ACCOUNT}, sticky=("policy",),
    ),
    "aws:sns/topicSubscription:TopicSubscription": _aws(
        "sns:@", arn="{topic}:{hex}", id="{arn}", same=("topic", "protocol", "endpoint"),
        replaces={"topic": True, "protocol": True, "endpoint": True}, computed={"pendingConfirmation": True},
    ),
    "aws:sns/topicPolicy:TopicPolicy": _aws(
        "sns:@", name="arn", arn="", replaces={"arn": True}, computed={"owner": ACCOUNT}
    ),
    "aws:secretsmanager/secret:Secret": _aws(
        "secretsmanager",
        id="{arn}",
        arn="arn:aws:secretsmanager:{region}:{account}:secret:{name}-{hex}",
        replaces={"name": True, "namePrefix": True},
        exists="ResourceExistsException",
        sticky=("policy",),
        unread=("recoveryWindowInDays",),
        recoverable="recoveryWindowInDays",
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": _aws(
        "secretsmanager:@", name="secretId", arn="{secretId}", id="{secretId}|{uuid}", same=(),
        replaces={"secretId": True, "secretString": True},
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": _aws(
        "secretsmanager:@", name="secretArn", id="{secretArn}", arn="", unread=("blockPublicPolicy",),
    ),
    "aws:kms/key:Key": _aws(
        "kms:@", id="{uuid}", arn="arn:aws:kms:{region}:{account}:key/{id}", same=(), replaces={},
        computed={"keyId": "{id}"}, sticky=("policy",),
    ),
    "aws:kms/alias:Alias": _aws(
        "kms:@", computed={"targetKeyArn": "arn:aws:kms:{region}:{account}:key/{targetKeyId}"},
        exists="AlreadyExistsException",
    ),
}  # fmt: skip
