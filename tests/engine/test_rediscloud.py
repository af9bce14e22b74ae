"""Redis Cloud under the real engine."""

from tests.engine.scenarios import FaultTests, LifeTests
from tests.engine.table import Drift, Replacing, Scenario

SUBSCRIPTION, DATABASE = "redis-subscription", "redis-database"

SCENARIO = Scenario(
    stack="staging",
    package="rediscloud",
    provider="rediscloud",
    credentials={"REDISCLOUD_ACCESS_KEY": "an-access-key", "REDISCLOUD_SECRET_KEY": "a-secret-key"},
    block={
        "region": "us-east-1", "networkingDeploymentCidr": "10.42.0.0/24", "sourceIps": ["203.0.113.0/24"],
        "paymentMethodId": 40012,
    },
    data=[SUBSCRIPTION, DATABASE],
    mutable={
        "databaseName": "other", "memoryLimitInGb": 2, "throughput": 2000, "evictionPolicy": "volatile-ttl",
        "persistence": "none", "sourceIps": ["203.0.113.0/24", "198.51.100.7/32"], "paymentMethodId": 50013,
        "remoteBackup": {"interval": "every-12-hours", "timeUtc": "02:00", "path": "s3://bucket/folder"},
    },
    updates={
        SUBSCRIPTION: {"name", "paymentMethodId"},
        DATABASE: {"name", "memoryLimitInGb", "throughputMeasurementValue", "alerts", "dataEviction",
                   "dataPersistence", "sourceIps", "remoteBackup"},
    },
    update={"databaseName": "another", "throughput": 3000},
    replacing=[
        Replacing(block={"region": "eu-west-1"}, name=SUBSCRIPTION, property="cloudProvider"),
        Replacing(
            block={"networkingDeploymentCidr": "10.43.0.0/24"}, name=SUBSCRIPTION, property="cloudProvider",
        ),
        Replacing(block={"multiAz": False}, name=SUBSCRIPTION, property="cloudProvider"),
        Replacing(
            block={"paymentMethodId": None, "marketplace": True}, name=SUBSCRIPTION, property="paymentMethod",
        ),
        Replacing(block={"modules": ["RedisJSON"]}, name=DATABASE, property="modules"),
    ],
    drift=[Drift(name=DATABASE, property="sourceIps", value=["0.0.0.0/0"])],
)  # fmt: skip


class TestLife(LifeTests):
    scenario = SCENARIO


class TestFaults(FaultTests):
    scenario = SCENARIO
