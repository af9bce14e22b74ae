"""What the guard says about a change, and what it protects. That it stops the engine is in tests/engine."""

from typing import Any

import pulumi
import pytest

from infra.adoption import after_failure
from infra.guard import Guard, changes
from tests.unit.mocks import Cloud, mocked, run


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"region": "a"}, {"region": "a"}, {}),
        ({"region": "a"}, {"region": "b"}, {"region": '"a" → "b"'}),
        ({"port": 6379.0}, {"port": 6380}, {"port": "6379 → 6380"}),
        ({"port": 6379.0}, {"port": 6379}, {}),
        ({"regions": ["a", "b"]}, {"regions": ["a"]}, {"regions": '["a", "b"] → ["a"]'}),
        ({"name": "x"}, {}, {"name": '"x" → (nothing)'}),
        ({}, {"name": "x"}, {"name": '(nothing) → "x"'}),
        ({"name": "made-up", "__defaults": ["name"]}, {}, {}),
        ({"plan": {"size": 1.0, "__defaults": []}}, {"plan": {"size": 1}}, {}),
        ({"plan": [{"x": 1, "__defaults": []}]}, {"plan": [{"x": 2}]}, {"plan": '[{"x": 1}] → [{"x": 2}]'}),
    ],
)  # fmt: skip
def test_what_differs(old: dict[str, Any], new: dict[str, Any], expected: dict[str, str]) -> None:
    assert changes(old, new) == expected


def test_a_secret_is_not_shown() -> None:
    async def check() -> None:
        shown = changes({"password": "old"}, {"password": pulumi.Output.secret("hunter2")})
        assert shown == {"password": '"old" → "(a secret, or not known yet)"'}

    with mocked(Cloud()):
        run(check)


@pytest.mark.parametrize(
    ("stack", "allowed", "protected"),
    [
        ("prod", [], True),
        ("staging", ["redis-group"], True),
        ("prod", ["redis-database"], False),
        ("dev", [], False),
    ],
)
def test_data_is_protected_outside_dev_unless_the_config_allows_its_loss(
    stack: str, allowed: list[str], protected: bool
) -> None:
    async def check() -> None:
        options = Guard(stack, allowed).keep("redis-database", pulumi.ResourceOptions())
        pulumi.CustomResource("random:index:Thing", "redis-database", {}, options)

    with mocked(Cloud(), stack=stack) as cloud:
        run(check)
    request = cloud.requests["redis-database"]
    assert request.protect is protected
    assert list(request.hooks.before_delete) == (["allowDataLoss"] if protected else [])


def test_a_failed_create_is_adopted_under_its_own_parent() -> None:
    stack = "urn:pulumi:prod::mantisnxt-redis::mantisnxt-redis:index:UpstashRedis"
    urn = f"{stack}$upstash:index/redisDatabase:RedisDatabase::redis-database"
    assert after_failure(urn).endswith(
        "  pulumi import upstash:index/redisDatabase:RedisDatabase redis-database ID "
        f"--parent parent='{stack}::redis' --generate-code=false"
    )
