"""How a reading is judged."""

import datetime as dt
from typing import Any

import pytest

from infra.health.failure import Problem
from infra.health.metrics.catalogue import CATALOGUE
from infra.health.metrics.hints import shown
from infra.health.metrics.judge import Status, by_metric, judge, status_of
from infra.health.metrics.keys import Key, KeySample
from infra.health.metrics.reading import Reading
from infra.health.metrics.rules import RULES
from infra.health.metrics.slow import SlowCommand, SlowLog
from infra.health.metrics.value import Value
from infra.settings.thresholds import Thresholds

AT = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
NOTHING = {name: Value(None, "not asked") for name in CATALOGUE}


def reading(figures: dict[str, float] | None = None, **more: Any) -> Reading:
    values = NOTHING | {name: Value(figure) for name, figure in (figures or {}).items()}
    return Reading(AT, "redis.example:6379", values, **more)


def test_the_guides_metrics_are_all_there() -> None:
    guide = {
        "redis.connection.active", "redis.connection.failed", "redis.reconnections",
        "redis.command.duration.p50", "redis.command.duration.p95", "redis.command.duration.p99",
        "redis.ops_per_second", "redis.hit_rate", "redis.memory.used", "redis.memory.fragmentation",
        "redis.keys.expired", "redis.sessions.active", "redis.sessions.created", "redis.sessions.expired",
        "redis.ratelimit.blocked", "redis.ratelimit.allowed",
    }  # fmt: skip
    assert guide <= CATALOGUE.keys()


@pytest.mark.parametrize(
    ("metric", "figure", "status"),
    [
        # The guide's own figures.
        ("redis.connection.failed", 1, Status.HEALTHY),
        ("redis.connection.failed", 1.01, Status.WARNING),
        ("redis.connection.failed", 5, Status.WARNING),
        ("redis.connection.failed", 5.01, Status.CRITICAL),
        ("redis.memory.used", 80, Status.HEALTHY),
        ("redis.memory.used", 80.1, Status.WARNING),
        ("redis.memory.used", 90, Status.WARNING),
        ("redis.memory.used", 90.1, Status.CRITICAL),
        ("redis.command.duration.p95", 500, Status.HEALTHY),
        ("redis.command.duration.p95", 500.1, Status.WARNING),
        ("redis.command.duration.p95", 1000, Status.WARNING),
        ("redis.command.duration.p95", 1000.1, Status.CRITICAL),
        ("redis.command.duration.p99", 5000, Status.HEALTHY),
        ("redis.hit_rate", 70, Status.HEALTHY),
        ("redis.hit_rate", 69.9, Status.WARNING),
        ("redis.hit_rate", 0, Status.WARNING),
        # Ours, as the alarms of ElastiCache have them.
        ("redis.keys.evicted", 100, Status.HEALTHY),
        ("redis.keys.evicted", 101, Status.WARNING),
        ("redis.connection.used", 80, Status.HEALTHY),
        ("redis.connection.used", 81, Status.WARNING),
        ("redis.engine_cpu", 80, Status.HEALTHY),
        ("redis.engine_cpu", 81, Status.WARNING),
        ("redis.engine_cpu", 91, Status.CRITICAL),
        ("redis.replication.lag", 30, Status.HEALTHY),
        ("redis.replication.lag", 31, Status.WARNING),
    ],
)
def test_a_figure_is_judged_by_its_threshold(metric: str, figure: float, status: Status) -> None:
    findings = judge(reading({metric: figure}), Thresholds())
    assert status_of(findings) == status
    assert by_metric(findings) == ({metric: status} if status else {})
    for finding in findings:
        assert finding.severity == status.name.lower()
        assert f"{figure:.1f}" in finding.problem.cause
        assert finding.problem.remedy


@pytest.mark.parametrize(
    ("thresholds", "status"),
    [
        (Thresholds(memory_used_warning=60), Status.WARNING),
        (Thresholds(memory_used_warning=50, memory_used_critical=60), Status.CRITICAL),
        (Thresholds(), Status.HEALTHY),
    ],
)
def test_the_stacks_own_thresholds_count(thresholds: Thresholds, status: Status) -> None:
    assert status_of(judge(reading({"redis.memory.used": 70}), thresholds)) == status


def test_nothing_known_is_nothing_wrong() -> None:
    assert judge(reading(), Thresholds()) == []


def test_an_unreachable_server_is_critical_whatever_the_thresholds() -> None:
    findings = judge(reading(problem=Problem("gone", "look")), Thresholds(failed_connections_critical=1000))
    assert status_of(findings) == Status.CRITICAL


def test_the_worst_comes_first_and_notes_make_nothing_worse() -> None:
    found = reading(
        {"redis.hit_rate": 10, "redis.memory.used": 95},
        slow_log=SlowLog([SlowCommand("SORT", 20), SlowCommand("HGETALL", 300.4)]),
        keys=KeySample([Key("a", has_ttl=False, size=100), Key("b", has_ttl=True, size=2048)]),
    )
    findings = judge(found, Thresholds())
    assert [finding.severity for finding in findings] == ["critical", "warning", "note", "note", "note"]
    slow, eternal, big = (finding.problem.cause for finding in findings[2:])
    assert slow.endswith("HGETALL 300 ms, SORT 20 ms")
    assert eternal.startswith("1 of 2 keys")
    assert big.endswith("b 2.0 KiB, a 0.1 KiB")
    assert status_of(findings[2:]) == Status.HEALTHY


def test_the_remedies_are_the_guides() -> None:
    words = {
        "redis.connection.failed": ("on call", "password", "security groups"),
        "redis.memory.used": ("scale up at once", "TTL", "never expire", "hashes", "plan"),
        "redis.command.duration.p95": ("investigate", "SLOWLOG GET", "network", "CPU", "read replicas"),
        "redis.hit_rate": ("TTLs", "keys", "evicted"),
    }
    for rule in RULES:
        text = " ".join(rule.remedies.values())
        assert [word for word in words.get(rule.metric, ()) if word not in text] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cache:products:12", "cache:products:12"),
        ("mantis:session:0123456789abcdef0123", "mantis:session:0123…"),
        ("a\x1b[2Jb\n", "a\\x1b[2Jb\\n"),
        ("x:" * 40, "x:" * 20 + "…"),
    ],
)
def test_a_keys_name_gives_no_session_away(name: str, text: str) -> None:
    assert shown(name) == text
