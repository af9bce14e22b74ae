"""The provider Upstash: its block of the config, and what it asks Upstash for."""

import json
from typing import Any

import pulumi
import pytest

from infra.config import ConfigError, parse
from infra.guard import Guard
from infra.providers.upstash import UpstashRedis
from infra.settings import Settings, UpstashSettings
from tests.unit.mocks import Cloud, mocked, run, value

DATABASE = "upstash:index/redisDatabase:RedisDatabase"
COMPUTED = {
    DATABASE: {
        "databaseId": "6a7b",
        "endpoint": "eu1-calm-owl-30000.upstash.io",
        "port": 6379,
        "password": "p/w",
        "restToken": "AXtoken",
        "readOnlyRestToken": "AnReadOnly",
    }
}
KEYS = {"upstash:email": "ops@example.com", "upstash:apiKey": "hunter2"}
EVERYTHING = {
    "primaryRegion": "eu-west-1",
    "readRegions": ["us-east-1", "ap-south-1"],
    "databaseName": "sessions-2",
    "eviction": False,
    "budget": 120,
    "autoScale": True,
    "prodPack": True,
    "ipAllowlist": ["192.0.2.0/24", "198.51.100.7/32"],
}


def read(block: dict[str, Any], **more: Any) -> Settings:
    config = {"provider": "upstash", "upstash": json.dumps(block), **more}
    own = {f"mantisnxt-redis:{key}": text for key, text in config.items()}
    return parse(own | KEYS, project="mantisnxt-redis", stack="prod")


def settings(**block: Any) -> UpstashSettings:
    redis = read({"primaryRegion": "eu-west-1", **block}).redis
    assert isinstance(redis, UpstashSettings)
    return redis


def made(
    chosen: UpstashSettings, *, stack: str = "prod", allowed: tuple[str, ...] = ()
) -> tuple[Cloud, UpstashRedis]:
    """Make the database in a mocked cloud, and wait until it is there."""
    found: list[UpstashRedis] = []

    async def check() -> None:
        found.append(UpstashRedis("redis", chosen, stack=stack, guard=Guard(stack, allowed)))

    with mocked(Cloud(COMPUTED), stack=stack) as cloud:
        run(check)
    return cloud, found[0]


def test_the_defaults_make_a_global_database_with_tls_and_eviction() -> None:
    cloud, _ = made(settings())
    assert cloud.inputs("redis-database") == {
        "databaseName": "mantisnxt-prod",
        "region": "global",
        "primaryRegion": "eu-west-1",
        "tls": True,
        "eviction": True,
        "budget": 20,
        "autoScale": False,
        "prodPack": False,
    }
    assert cloud.resources["redis-database"].typ == DATABASE


def test_everything_that_can_be_set_reaches_upstash() -> None:
    cloud, _ = made(settings(**EVERYTHING))
    assert cloud.inputs("redis-database") == {
        "databaseName": "sessions-2",
        "region": "global",
        "primaryRegion": "eu-west-1",
        "readRegions": ["us-east-1", "ap-south-1"],
        "tls": True,
        "eviction": False,
        "budget": 120,
        "autoScale": True,
        "prodPack": True,
        "ipAllowlists": ["192.0.2.0/24", "198.51.100.7/32"],
    }
    keys = {field.alias for name, field in UpstashSettings.model_fields.items() if name != "provider"}
    assert set(EVERYTHING) == keys, "the table above has every key"


def test_a_region_of_google_makes_a_global_database_on_google() -> None:
    cloud, _ = made(settings(primaryRegion="us-central1", readRegions=["europe-west1"]))
    inputs = cloud.inputs("redis-database")
    assert (inputs["region"], inputs["primaryRegion"]) == ("gcp-global", "us-central1")


@pytest.mark.parametrize(
    ("stack", "name"),
    [
        ("dev", "mantisnxt-dev"),
        ("team_a.eu", "mantisnxt-team-a-eu"),
        ("a" * 29 + "-b", "mantisnxt-" + "a" * 29),
        ("x" * 100, "mantisnxt-" + "x" * 30),
    ],
)
def test_the_database_is_named_after_the_stack(stack: str, name: str) -> None:
    cloud, _ = made(settings(), stack=stack)
    assert cloud.inputs("redis-database")["databaseName"] == name
    assert settings(databaseName=name).database_name == name, "our own default is allowed"


def test_the_database_belongs_to_the_component() -> None:
    cloud, _ = made(settings())
    assert cloud.requests["redis-database"].parent.endswith("mantisnxt-redis:index:UpstashRedis::redis")
    assert [name for name, request in cloud.requests.items() if request.custom] == ["redis-database"]


@pytest.mark.parametrize(
    ("stack", "allowed", "protected"),
    [("prod", (), True), ("staging", (), True), ("dev", (), False), ("prod", ("redis-database",), False)],
)
def test_the_data_is_protected(stack: str, allowed: tuple[str, ...], protected: bool) -> None:
    cloud, _ = made(settings(), stack=stack, allowed=allowed)
    assert cloud.requests["redis-database"].protect is protected


def test_the_connection_has_a_url_and_the_rest_api_and_tells_no_secret() -> None:
    async def check() -> None:
        redis = UpstashRedis("redis", settings(), stack="prod", guard=Guard("prod"))
        connection = redis.connection
        host = "eu1-calm-owl-30000.upstash.io"
        assert await value(connection.url) == f"rediss://default:p%2Fw@{host}:6379"
        variables = connection.variables()
        assert {name: await value(output) for name, output in variables.items()} == {
            "REDIS_URL": f"rediss://default:p%2Fw@{host}:6379",
            "REDIS_TLS": "true",
            "UPSTASH_REDIS_REST_URL": f"https://{host}",
            "UPSTASH_REDIS_REST_TOKEN": "AXtoken",
        }
        assert await value(redis.outputs["restReadOnlyToken"]) == "AnReadOnly"
        secrets = (
            connection.url,
            connection.password,
            connection.rest_token,
            redis.outputs["restReadOnlyToken"],
        )
        for secret in secrets:
            assert isinstance(secret, pulumi.Output)
            assert await secret.is_secret()
        assert connection.reader_url is None, "one address serves all regions"
        assert not connection.cluster

    with mocked(Cloud(COMPUTED), stack="prod"):
        run(check)


def test_the_facts_of_a_small_database() -> None:
    async def check() -> None:
        facts = UpstashRedis("redis", settings(), stack="prod", guard=Guard("prod")).facts
        assert await value(facts.dashboard) == "https://console.upstash.com/redis/6a7b"
        assert (facts.provider, facts.region, facts.tls) == ("upstash", "eu-west-1", True)
        assert facts.high_availability is False
        assert facts.access == ["any address that has the password or a REST token"]
        assert facts.nodes == "writes in eu-west-1"
        assert "daily backups are switched on in the dashboard" in facts.backup
        assert "budget of $20" in facts.estimated_monthly_cost

    with mocked(Cloud(COMPUTED), stack="prod"):
        run(check)


@pytest.mark.parametrize(
    ("block", "nodes", "available"),
    [
        ({"prodPack": True}, "writes in eu-west-1, several zones in each region", True),
        ({"readRegions": ["us-east-1"]}, "writes in eu-west-1, reads also in us-east-1", True),
        ({"ipAllowlist": ["192.0.2.0/24"], "autoScale": True}, "writes in eu-west-1", False),
    ],
)
def test_the_facts_follow_the_settings(block: dict[str, Any], nodes: str, available: bool) -> None:
    _, redis = made(settings(**block))
    assert (redis.facts.nodes, redis.facts.high_availability) == (nodes, available)
    if "ipAllowlist" in block:
        assert redis.facts.access == block["ipAllowlist"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"primaryRegion": None}, "upstash.primaryRegion = null: Input should be 'us-east-1', 'us-east-2'"),
        (
            {"primaryRegion": "eu-west-9"},
            "upstash.primaryRegion = \"eu-west-9\": Input should be 'us-east-1'",
        ),
        ({"primaryRegion": "global"}, 'upstash.primaryRegion = "global": Input should be'),
        ({"primaryRegion": ["us-east-1"]}, 'upstash.primaryRegion = ["us-east-1"]: Input should be'),
        ({"readRegions": ["mars"]}, 'upstash.readRegions.0 = "mars": Input should be'),
        ({"readRegions": "eu-west-1"}, 'upstash.readRegions = "eu-west-1": Input should be a valid'),
        (
            {"readRegions": ["us-east-1"]},
            'upstash.readRegions = ["us-east-1"]: us-east-1 is the primary region',
        ),
        (
            {"readRegions": ["eu-west-1", "eu-west-1"]},
            '["eu-west-1", "eu-west-1"]: eu-west-1 is listed twice',
        ),
        (
            {"readRegions": ["eu-west-1", "us-east4"]},
            "us-east4 is on another cloud than the primary region us-",
        ),
        ({"primaryRegion": "us-east4", "readRegions": ["us-east-1"]}, "us-east-1 is on another cloud"),
        ({"region": "us-east-1"}, 'upstash.region = "us-east-1": Upstash no longer makes regional databases'),
        ({"region": "global"}, 'upstash.region = "global": Upstash no longer makes regional databases'),
        ({"evictionPolicy": "allkeys-lru"}, 'upstash.evictionPolicy = "allkeys-lru": Upstash has one policy'),
        ({"databaseName": ""}, 'upstash.databaseName = "": a name has 1 to 40 letters'),
        ({"databaseName": "x" * 41}, "a name has 1 to 40 letters, digits and hyphens"),
        ({"databaseName": "my cache"}, 'upstash.databaseName = "my cache": a name has'),
        ({"databaseName": "1cache"}, "it starts with a letter"),
        ({"databaseName": "cache-"}, "does not end with a hyphen"),
        ({"databaseName": "cache\n"}, "letters, digits and hyphens"),
        ({"budget": 0}, "upstash.budget = 0: Input should be greater than or equal to 1"),
        ({"budget": -5}, "upstash.budget = -5: Input should be greater than or equal to 1"),
        ({"budget": 12.5}, "upstash.budget = 12.5: Input should be a valid integer"),
        ({"budget": "20"}, 'upstash.budget = "20": Input should be a valid integer'),
        ({"eviction": "on"}, 'upstash.eviction = "on": Input should be a valid boolean'),
        ({"eviction": "allkeys-lru"}, 'upstash.eviction = "allkeys-lru": Input should be a valid boolean'),
        ({"autoScale": 1}, "upstash.autoScale = 1: Input should be a valid boolean"),
        ({"prodPack": "yes"}, 'upstash.prodPack = "yes": Input should be a valid boolean'),
        ({"ipAllowlist": ["0.0.0.0/0"]}, 'upstash.ipAllowlist.0 = "0.0.0.0/0": would let 4,294,967,296'),
        ({"ipAllowlist": ["192.0.2.1/24"]}, "has bits after its prefix; did you mean 192.0.2.0/24?"),
        ({"ipAllowlist": ["office"]}, 'upstash.ipAllowlist.0 = "office": not an IPv4 CIDR block'),
        ({"ipAllowlist": ["2001:db8::/32"]}, "not an IPv4 CIDR block"),
        ({"ipAllowlist": ["192.0.2.0/24", "192.0.2.0/24"]}, "192.0.2.0/24 is listed twice"),
        ({"tls": False}, "upstash.tls = false: unknown key"),
        ({"multizone": True}, "upstash.multizone = true: unknown key"),
        ({"primary_region": "us-east-1"}, "unknown key; did you mean primaryRegion?"),
    ],
)
def test_a_bad_block_is_refused_with_the_reason(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"primaryRegion": "us-east-1"} | change)
    assert str(caught.value).startswith("1 problem in the configuration of stack 'prod':")
    assert expected in str(caught.value)


def test_the_region_is_required() -> None:
    with pytest.raises(ConfigError, match=r"upstash\.primaryRegion: missing"):
        read({})
