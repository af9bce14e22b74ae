"""What a preview says about the cost."""

from typing import Any

import pytest

from infra import prices

DATE = "(prices of January 2025)"
NONE = "unknown: the price table of January 2025 has none for"


@pytest.mark.parametrize(
    ("node_type", "nodes", "expected"),
    [
        ("cache.t3.micro", 1, f"about $15 {DATE}"),
        ("cache.t3.small", 2, f"about $60 {DATE}"),
        ("cache.m5.large", 3, f"about $300 {DATE}"),
        ("cache.r7g.large", 2, f"{NONE} cache.r7g.large"),
    ],
)
def test_elasticache_is_paid_by_the_node(node_type: str, nodes: int, expected: str) -> None:
    assert prices.elasticache(node_type, nodes) == expected


FREE = "$0 up to 10,000 commands a day, above that"


@pytest.mark.parametrize(
    ("budget", "options", "expected"),
    [
        (20, {}, f"{FREE} about $10 to $20 {DATE}; throttled at the budget of $20"),
        (500, {}, f"{FREE} about $10 to $50 {DATE}; throttled at the budget of $500"),
        (10, {}, f"{FREE} about $10 {DATE}; throttled at the budget of $10"),
        (5, {}, f"{FREE} about $5 {DATE}; throttled at the budget of $5"),
        (
            20,
            {"prod_pack": True},
            f"about $10 to $20 {DATE}, plus $200 for the production pack (price of August 2026); "
            "throttled at the budget of $20",
        ),
        (
            20,
            {"read_regions": 2, "auto_scale": True},
            f"{FREE} about $10 to $20 {DATE}; throttled at the budget of $20; each write counts 3 times; "
            "auto-scale may move it to a dearer plan",
        ),
    ],
)
def test_upstash_is_paid_by_the_command_up_to_the_budget(
    budget: int, options: dict[str, Any], expected: str
) -> None:
    assert prices.upstash(budget, **options) == expected


@pytest.mark.parametrize(
    ("memory_gb", "operations", "expected"),
    [
        (1, 50_000, f"about $49 {DATE}; a Pro subscription may have a higher minimum charge"),
        (0.25, 1000, f"about $49 {DATE}; a Pro subscription may have a higher minimum charge"),
        (1, 50_001, f"{NONE} 1 GB with 50,001 operations a second"),
        (1.5, 1000, f"{NONE} 1.5 GB with 1,000 operations a second"),
        (1, None, f"{NONE} a database sold by shards"),
    ],
)
def test_redis_cloud_has_one_known_size(memory_gb: float, operations: int | None, expected: str) -> None:
    assert prices.rediscloud(memory_gb, operations) == expected
