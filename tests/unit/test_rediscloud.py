"""The provider Redis Cloud: what it asks the service for."""

from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from infra.guard import Guard
from infra.providers.rediscloud import PATIENCE, RedisCloudRedis
from infra.settings import PasswordSettings, RedisCloudSettings, Thresholds
from tests.unit.mocks import SECRET_SIGNATURE, Cloud, mocked, run, value
from tests.unit.test_rediscloud_settings import LEAST, read

SUBSCRIPTION = "rediscloud:index/subscription:Subscription"
DATABASE = "rediscloud:index/subscriptionDatabase:SubscriptionDatabase"
PASSWORD = "random:index/randomPassword:RandomPassword"
COMPUTED: dict[str, dict[str, Any]] = {
    DATABASE: {
        "dbId": 51,
        "publicEndpoint": "redis-12345.c1.eu-west-1-1.ec2.cloud.redislabs.com:12345",
        "privateEndpoint": "redis-12345.internal.c1.eu-west-1-1.ec2.cloud.redislabs.com:12345",
    },
    PASSWORD: {"result": "generated"},
}
CARD = {"id": "8859", "cardType": "Visa", "lastFourNumbers": "0042", "excludeExpired": True}
EVERYTHING = {
    "databaseName": "sessions-2",
    "cloudProvider": "GCP",
    "region": "europe-west1",
    "networkingDeploymentCidr": "192.168.7.0/24",
    "multiAz": False,
    "memoryLimitInGb": 2.5,
    "shards": 2,
    "replication": False,
    "evictionPolicy": "volatile-ttl",
    "persistence": "snapshot-every-6-hours",
    "sourceIps": ["192.0.2.0/24", "198.51.100.7/32"],
    "modules": ["RediSearch", "RedisJSON"],
    "remoteBackup": {"interval": "every-24-hours", "timeUtc": "02:00", "path": "gs://backups/redis"},
    "paymentCard": {"type": "Visa", "lastFour": "0042"},
}


def settings(block: dict[str, Any] | None = None, **change: Any) -> RedisCloudSettings:
    redis = read((block or LEAST) | change).redis
    assert isinstance(redis, RedisCloudSettings)
    return redis


def make(chosen: RedisCloudSettings, stack: str = "prod", allowed: tuple[str, ...] = ()) -> RedisCloudRedis:
    return RedisCloudRedis(
        "redis",
        chosen,
        stack=stack,
        thresholds=Thresholds(),
        password=PasswordSettings(),
        guard=Guard(stack, allowed),
    )


def made(chosen: RedisCloudSettings, stack: str = "prod", allowed: tuple[str, ...] = ()) -> Cloud:
    """Make everything in a mocked cloud, and wait until it is there."""

    async def check() -> None:
        make(chosen, stack, allowed)

    card = {"rediscloud:index/getPaymentMethod:getPaymentMethod": CARD} if chosen.payment_card else {}
    with mocked(Cloud(COMPUTED, card), stack=stack) as cloud:
        run(check)
    return cloud


def test_the_defaults_make_a_subscription_in_several_zones() -> None:
    cloud = made(settings())
    assert cloud.inputs("redis-subscription") == {
        "name": "mantisnxt-prod",
        "paymentMethod": "credit-card",
        "paymentMethodId": "8859",
        "memoryStorage": "ram",
        "cloudProvider": {
            "provider": "AWS",
            "regions": [
                {
                    "region": "eu-west-1",
                    "networkingDeploymentCidr": "10.42.0.0/24",
                    "multipleAvailabilityZones": True,
                }
            ],
        },
        "creationPlan": {
            "memoryLimitInGb": 1,
            "quantity": 1,
            "replication": True,
            "throughputMeasurementBy": "operations-per-second",
            "throughputMeasurementValue": 1000,
        },
    }
    assert cloud.resources["redis-subscription"].typ == SUBSCRIPTION


def test_the_defaults_make_a_database_with_everything_safe() -> None:
    cloud = made(settings())
    assert cloud.inputs("redis-database") == {
        "subscriptionId": "redis-subscription-id",
        "name": "mantisnxt-prod",
        "password": "generated",
        "memoryLimitInGb": 1,
        "throughputMeasurementBy": "operations-per-second",
        "throughputMeasurementValue": 1000,
        "replication": True,
        "dataEviction": "allkeys-lru",
        "dataPersistence": "aof-every-1-second",
        "enableTls": True,
        "sourceIps": ["192.0.2.0/24"],
        "alerts": [
            {"name": "dataset-size", "value": 80},
            {"name": "latency", "value": 500},
            {"name": "throughput-higher-than", "value": 1000},
        ],
    }
    assert cloud.resources["redis-database"].typ == DATABASE


def test_everything_that_can_be_set_reaches_the_service() -> None:
    cloud = made(settings(EVERYTHING))
    subscription, database = cloud.inputs("redis-subscription"), cloud.inputs("redis-database")
    shared = {
        "memoryLimitInGb": 2.5,
        "replication": False,
        "throughputMeasurementBy": "number-of-shards",
        "throughputMeasurementValue": 2,
    }
    assert subscription == {
        "name": "sessions-2",
        "paymentMethod": "credit-card",
        "paymentMethodId": "8859",
        "memoryStorage": "ram",
        "cloudProvider": {
            "provider": "GCP",
            "regions": [
                {
                    "region": "europe-west1",
                    "networkingDeploymentCidr": "192.168.7.0/24",
                    "multipleAvailabilityZones": False,
                }
            ],
        },
        "creationPlan": {**shared, "quantity": 1, "modules": ["RediSearch", "RedisJSON"]},
    }
    assert database == {
        **shared,
        "subscriptionId": "redis-subscription-id",
        "name": "sessions-2",
        "password": "generated",
        "dataEviction": "volatile-ttl",
        "dataPersistence": "snapshot-every-6-hours",
        "enableTls": True,
        "sourceIps": ["192.0.2.0/24", "198.51.100.7/32"],
        "modules": [{"name": "RediSearch"}, {"name": "RedisJSON"}],
        "alerts": [{"name": "dataset-size", "value": 80}, {"name": "latency", "value": 500}],
        "remoteBackup": {
            "interval": "every-24-hours",
            "timeUtc": "02:00",
            "storageType": "google-blob-storage",
            "storagePath": "gs://backups/redis",
        },
    }
    keys = {field.alias for name, field in RedisCloudSettings.model_fields.items() if name != "provider"}
    others = {"throughput", "paymentMethodId", "marketplace"}
    assert set(EVERYTHING) == keys - others, "the table above has every key that goes with the others"


def test_a_marketplace_account_names_no_payment_method() -> None:
    chosen = settings({key: LEAST[key] for key in LEAST if key != "paymentMethodId"}, marketplace=True)
    inputs = made(chosen).inputs("redis-subscription")
    assert inputs["paymentMethod"] == "marketplace"
    assert "paymentMethodId" not in inputs


def test_the_password_is_long_and_secret_on_its_way_to_the_service() -> None:
    cloud = made(settings())
    inputs = cloud.inputs("redis-password-1")
    assert inputs["length"] >= 32
    assert inputs["special"] is False
    sent = cloud.resources["redis-database"].inputs["password"]
    assert SECRET_SIGNATURE in sent, "as a plain string it would be in the state"


@pytest.mark.parametrize("name", ["redis-subscription", "redis-database"])
@pytest.mark.parametrize(
    ("stack", "allowed", "protected"),
    [
        ("prod", (), True),
        ("dev", (), False),
        ("prod", ("redis-subscription", "redis-database"), False),
    ],
)
def test_the_data_is_protected(name: str, stack: str, allowed: tuple[str, ...], protected: bool) -> None:
    assert made(settings(), stack, allowed).requests[name].protect is protected


def test_the_resources_belong_to_the_component() -> None:
    cloud = made(settings())
    custom = {name: request for name, request in cloud.requests.items() if request.custom}
    assert set(custom) == {"redis-subscription", "redis-database", "redis-password-1"}
    for request in custom.values():
        assert request.parent.endswith("mantisnxt-redis:index:RedisCloudRedis::redis")


def test_modules_that_nobody_asked_for_are_no_change() -> None:
    assert list(made(settings()).requests["redis-database"].ignoreChanges) == ["modules"]
    assert list(made(settings(EVERYTHING)).requests["redis-database"].ignoreChanges) == []


def test_the_connection_has_a_url_of_the_public_endpoint_and_tells_no_secret() -> None:
    async def check() -> None:
        redis = make(settings())
        connection = redis.connection
        url = "rediss://default:generated@redis-12345.c1.eu-west-1-1.ec2.cloud.redislabs.com:12345"
        assert await value(connection.url) == url
        assert await value(connection.port) == 12345
        assert {name: await value(output) for name, output in connection.variables().items()} == {
            "REDIS_URL": url,
            "REDIS_TLS": "true",
        }
        assert await connection.url.is_secret()
        assert isinstance(connection.password, pulumi.Output)
        assert await connection.password.is_secret()
        page = (
            "https://cloud.redis.io/#/databases/51/subscription/redis-subscription-id/view-bdb/configuration"
        )
        assert await value(redis.facts.dashboard) == page

    with mocked(Cloud(COMPUTED), stack="prod"):
        run(check)


class Planned(Cloud):
    """A cloud in a preview, in which nothing exists yet."""

    def new_resource(self, args: MockResourceArgs) -> tuple[Any, dict[str, Any]]:
        return None, super().new_resource(args)[1]


@pytest.mark.parametrize("exists", [False, True])
def test_a_preview_says_how_long_a_new_subscription_takes(
    exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", said.append)

    async def check() -> None:
        make(settings())

    cloud = Cloud(COMPUTED) if exists else Planned()
    with mocked(cloud, stack="prod", preview=True):
        run(check)
    assert said == ([] if exists else [PATIENCE])
