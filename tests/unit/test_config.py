"""From a stack's config to its settings."""

import json
from typing import Any

import pulumi
import pytest

from infra.config import ConfigError, load, parse
from infra.settings import (
    ElastiCacheSettings,
    EvictionPolicy,
    LocalSettings,
    RedisCloudSettings,
    Settings,
    UpstashSettings,
)


def read(config: dict[str, Any], **options: Any) -> Settings:
    """As Pulumi hands a config to the program: every value is a string, a block is JSON."""
    texts = {
        key if ":" in key else f"mantisnxt-redis:{key}": value
        if isinstance(value, str)
        else json.dumps(value)
        for key, value in config.items()
    }
    secret = {f"mantisnxt-redis:{key}" for key in options.pop("secret", ())}
    return parse(texts, project="mantisnxt-redis", stack="dev", secret=secret, **options)


def problems(config: dict[str, Any], **options: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(config, **options)
    first, *lines, last = str(caught.value).splitlines()
    assert first.endswith("in the configuration of stack 'dev':")
    assert first.startswith("1 problem " if len(lines) == 1 else f"{len(lines)} problems ")
    assert last == "No Redis was touched. Edit Pulumi.dev.yaml, then run the command again."
    return [line.removeprefix("  mantisnxt-redis:") for line in lines]


UPSTASH = {"primaryRegion": "us-east-1"}
UPSTASH_KEYS = {"upstash:email": "ops@example.com", "upstash:apiKey": "hunter2"}
REDISCLOUD_KEYS = {"rediscloud:apiKey": "hunter2", "rediscloud:secretKey": "hunter3"}
AWS = {"aws:region": "eu-west-1"}
ELASTICACHE = {"allowedCidrs": ["10.0.0.0/16"]}
REDISCLOUD = {
    "region": "eu-west-1",
    "networkingDeploymentCidr": "10.0.0.0/24",
    "sourceIps": ["192.0.2.0/24"],
    "paymentMethodId": 8859,
}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"provider": "local"}, LocalSettings()),
        ({"provider": "local", "local": ""}, LocalSettings()),
        ({"provider": "local", "local": {"port": 6380, "tls": True}}, LocalSettings(port=6380, tls=True)),
        (
            {
                "provider": "local",
                "local": {"maxMemoryMb": 8, "evictionPolicy": "noeviction", "persistence": False},
            },
            LocalSettings(max_memory_mb=8, eviction_policy=EvictionPolicy.NOEVICTION, persistence=False),
        ),
        (
            {"provider": "upstash", "upstash": UPSTASH, **UPSTASH_KEYS},
            UpstashSettings.model_validate(UPSTASH),
        ),
        (
            {"provider": "elasticache", "elasticache": ELASTICACHE, **AWS},
            ElastiCacheSettings.model_validate({**ELASTICACHE, "region": "eu-west-1"}),
        ),
        (
            {"provider": "rediscloud", "rediscloud": REDISCLOUD, **REDISCLOUD_KEYS},
            RedisCloudSettings.model_validate(REDISCLOUD),
        ),
    ],
)
def test_each_provider_has_its_own_settings(config: dict[str, Any], expected: object) -> None:
    settings = read(config)
    assert settings.redis == expected
    assert settings.stack == "dev"


def test_the_defaults_of_the_application_and_of_the_providers_are_the_guides() -> None:
    assert read({"provider": "local"}).environment.variables() == {
        "REDIS_MAX_RETRIES": "3",
        "REDIS_SOCKET_TIMEOUT": "5000",
        "REDIS_COMMAND_TIMEOUT": "5000",
        "REDIS_CONNECT_TIMEOUT": "10000",
        "REDIS_DB": "0",
        "SESSION_TTL": "86400",
        "SESSION_PREFIX": "mantis:session:",
        "RATE_LIMIT_WINDOW": "60",
        "RATE_LIMIT_MAX_REQUESTS": "100",
    }


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, "provider: missing; allowed: local, upstash, elasticache, rediscloud"),
        ({"provider": "redis"}, 'provider = "redis": allowed: local, upstash, elasticache, rediscloud'),
        (
            {"provider": "local", "enviroment": {}},
            "enviroment = {}: unknown key; did you mean environment?",
        ),
        ({"provider": "local", "stack": "x"}, 'stack = "x": unknown key; allowed: provider, '),
        ({"provider": "local", "redis": {}}, "redis = {}: unknown key"),
        ({"provider": "local", "upstash": UPSTASH}, "the provider is local; remove this block, or set"),
        ({"provider": "upstash", **UPSTASH_KEYS}, "upstash.primaryRegion: missing, and it has no default"),
        ({"provider": "local", "local": 5}, "local = 5: Input should be an object"),
        ({"provider": "local", "local": "x"}, 'local = "x": Input should be an object'),
        (
            {"provider": "local", "local": {"port": 80}},
            "local.port = 80: Input should be greater than or equal to 1024",
        ),
        (
            {"provider": "local", "local": {"port": 65536}},
            "local.port = 65536: Input should be less than or equal to",
        ),
        (
            {"provider": "local", "local": {"port": "6379"}},
            'local.port = "6379": Input should be a valid integer',
        ),
        ({"provider": "local", "local": {"tls": 1}}, "local.tls = 1: Input should be a valid boolean"),
        (
            {"provider": "local", "local": {"maxMemoryMb": 0}},
            "local.maxMemoryMb = 0: Input should be greater",
        ),
        (
            {"provider": "local", "local": {"max_memory_mb": 1}},
            "local.max_memory_mb = 1: unknown key; did you mean maxMemoryMb?",
        ),
        ({"provider": "local", "environment": {"session_ttl": 1}}, "unknown key; did you mean sessionTtl?"),
        (
            {"provider": "local", "local": {"maxMemory": 1}},
            "unknown key; did you mean maxMemoryMb? allowed: port,",
        ),
        ({"provider": "local", "local": {"provider": "upstash"}}, 'local.provider = "upstash": unknown key'),
        (
            {"provider": "local", "local": {"evictionPolicy": "lru"}},
            "Input should be 'allkeys-lru', 'allkeys-lfu'",
        ),
        ({"provider": "local", "environment": []}, "environment = []: Input should be an object"),
        (
            {"provider": "local", "environment": {"redisDb": 16}},
            "environment.redisDb = 16: Input should be less",
        ),
        (
            {"provider": "local", "environment": {"redisDb": -1}},
            "environment.redisDb = -1: Input should be greater",
        ),
        (
            {"provider": "local", "environment": {"sessionTtl": 0}},
            "environment.sessionTtl = 0: Input should be",
        ),
        (
            {"provider": "local", "environment": {"redisConnectTimeout": -1}},
            "environment.redisConnectTimeout = -1",
        ),
        ({"provider": "local", "environment": {"sessionPrefix": ""}}, "at least 1 character"),
        (
            {"provider": "local", "environment": {"sessionPrefix": "it's"}},
            'environment.sessionPrefix = "it\'s": ',
        ),
        ({"provider": "local", "environment": {"rateLimitWindow": 0}}, "environment.rateLimitWindow = 0"),
        (
            {"provider": "upstash", "upstash": UPSTASH, "environment": {"redisDb": 1}, **UPSTASH_KEYS},
            "environment.redisDb = 1: upstash has database 0 only",
        ),
        (
            {"provider": "upstash", "upstash": UPSTASH, **UPSTASH_KEYS, "upstash:email": ""},
            "upstash:email: missing: pulumi config set --secret upstash:email …, or set UPSTASH_EMAIL",
        ),
        (
            {"provider": "upstash", "upstash": UPSTASH, "upstash:email": "ops@example.com"},
            "upstash:apiKey: missing: pulumi config set --secret upstash:apiKey …, or set UPSTASH_API_KEY",
        ),
        (
            {"provider": "rediscloud", "rediscloud": REDISCLOUD, "rediscloud:secretKey": "x"},
            "rediscloud:apiKey: missing: pulumi config set --secret rediscloud:apiKey …, or set "
            "REDISCLOUD_API_KEY or REDISCLOUD_ACCESS_KEY",
        ),
        (
            {"provider": "elasticache", "elasticache": ELASTICACHE},
            "aws:region: missing: pulumi config set aws:region",
        ),
        (
            {"provider": "elasticache", "elasticache": {**ELASTICACHE, "region": "eu-west-1"}, **AWS},
            'elasticache.region = "eu-west-1": the region is not set here: pulumi config set aws:region',
        ),
        (
            {"provider": "elasticache", "elasticache": {**ELASTICACHE, "nodeTyp": "small"}, **AWS},
            'elasticache.nodeTyp = "small": unknown key; did you mean nodeType? allowed: ',
        ),
        (
            {"provider": "elasticache", "elasticache": ELASTICACHE, "application": "vercel", **AWS},
            'application = "vercel": an application on Vercel cannot reach ElastiCache',
        ),
        (
            {"provider": "local", "environment": {"sessionPrefix": 7}},
            "environment.sessionPrefix = 7: a text is needed here: put it in quotes",
        ),
        (
            {"provider": "local", "password": {"version": 1, "keepPrevious": True}},
            "password.keepPrevious = true: there is none before version 1",
        ),
        (
            {"provider": "local", "password": {"version": 2, "keepPrevious": True}},
            "password.keepPrevious = true: local has one password at a time; remove this key",
        ),
        (
            {"provider": "upstash", "upstash": UPSTASH, "password": {"version": 2}, **UPSTASH_KEYS},
            "password.version = 2: Upstash's provider cannot change a password",
        ),
        ({"provider": "local", "application": "heroku"}, "Input should be 'vercel' or 'aws'"),
        (
            {"provider": "local", "thresholds": {"memoryUsedWarning": 95}},
            "thresholds.memoryUsedWarning = 95: must be less than memoryUsedCritical (90)",
        ),
        (
            {"provider": "local", "thresholds": {"memoryWarning": 70}},
            "thresholds.memoryWarning = 70: unknown key; did you mean memoryUsedWarning?",
        ),
        ({"provider": "local", "allowDataLoss": ["redis"]}, "Input should be 'redis-database', 'redis-gr"),
        ({"provider": "local", "allowDataLoss": "all"}, 'allowDataLoss = "all": Input should be a valid'),
    ],
)
def test_one_problem_is_named_with_its_key_its_value_and_what_is_allowed(
    config: dict[str, Any], expected: str
) -> None:
    [problem] = problems(config)
    assert expected in problem


def test_all_problems_come_in_one_message() -> None:
    config = {
        "provider": "local",
        "local": {"port": 1, "colour": "red"},
        "elasticache": {},
        "environment": {"redisDb": 99, "sessionPrefix": ""},
        "typo": "x",
    }
    keys = [problem.split(" ")[0].rstrip(":") for problem in problems(config)]
    assert keys == [
        "elasticache",
        "environment.redisDb",
        "environment.sessionPrefix",
        "local.colour",
        "local.port",
        "typo",
    ]


def test_credentials_may_come_from_the_environment() -> None:
    read(
        {"provider": "rediscloud", "rediscloud": REDISCLOUD, "rediscloud:secretKey": "hunter2"},
        environ={"REDISCLOUD_ACCESS_KEY": "hunter3"},
    )


def test_a_secret_value_is_not_shown() -> None:
    [problem] = problems({"provider": "local", "local": {"port": "hunter2"}}, secret={"local"})
    assert problem.startswith("local.port = [secret]: Input should be a valid integer")


def test_a_secret_number_is_a_string_as_pulumi_writes_it() -> None:
    settings = read({"provider": "local", "local": {"port": "7000"}}, secret={"local"})
    assert settings.redis == LocalSettings(port=7000)


def test_the_config_that_pulumi_hands_out_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    project = pulumi.get_project()
    config = {f"{project}:provider": "local", f"{project}:local": '{"port": 7000}', "aws:region": "eu-west-1"}
    before = pulumi.runtime.config.CONFIG.get()
    pulumi.runtime.set_all_config(config)
    try:
        assert load().redis == LocalSettings(port=7000)
    finally:
        pulumi.runtime.set_all_config(before)
