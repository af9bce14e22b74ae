"""The alarms of an ElastiCache group: the guide's figures, on metrics that AWS publishes."""

import re
from typing import Any

import pytest

from infra.providers.elasticache.alarms import Alarm, alarms
from infra.providers.elasticache.metrics import members
from infra.providers.elasticache.rules import rules
from infra.settings import Thresholds

NODES = ("g-001", "g-002")

PUBLISHED_BY_AWS = {
    "AuthenticationFailures", "CacheHits", "CacheMisses", "CurrConnections", "DatabaseMemoryUsagePercentage",
    "EngineCPUUtilization", "Evictions", "GetTypeCmdsLatency", "RejectedConnections", "ReplicationLag",
    "SetTypeCmdsLatency", "SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency", "SwapUsage",
}  # fmt: skip


def of(
    count: int = 2,
    engine: str = "redis",
    thresholds: Thresholds | None = None,
    node_type: str = "cache.t3.small",
) -> dict[str, Alarm]:
    made = alarms(
        rules(engine, node_type, count),
        members("g", count),
        stack="prod",
        thresholds=thresholds or Thresholds(),
    )
    named = {alarm.name: alarm for alarm in made}
    assert len(named) == len(made)
    return named


def read(alarm: Alarm) -> list[dict[str, Any]]:
    return [query["metric"] for query in alarm.queries if "metric" in query]


def expression(alarm: Alarm) -> str:
    (watched,) = (query for query in alarm.queries if query["return_data"])
    return str(watched["expression"])


@pytest.mark.parametrize(
    ("name", "threshold", "below", "watched", "names", "statistic"),
    [
        ("memory-warning", 80, False, "MAX([a1,a2])", {"DatabaseMemoryUsagePercentage"}, "Maximum"),
        ("memory-critical", 90, False, "MAX([a1,a2])", {"DatabaseMemoryUsagePercentage"}, "Maximum"),
        (
            "latency-warning", 500, False, "MAX([MAX([a1,a2,b1,b2])/1000,FILL(p,0)])",
            {"SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency"}, "p95",
        ),
        (
            "latency-critical", 1000, False, "MAX([MAX([a1,a2,b1,b2])/1000,FILL(p,0)])",
            {"SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency"}, "p95",
        ),
        (
            "failed-connections-warning", 1, False, "SUM([SUM(FILL([a1,a2,b1,b2],0)),FILL(p,0)])",
            {"AuthenticationFailures", "RejectedConnections"}, "Sum",
        ),
        (
            "failed-connections-critical", 5, False, "SUM([SUM(FILL([a1,a2,b1,b2],0)),FILL(p,0)])",
            {"AuthenticationFailures", "RejectedConnections"}, "Sum",
        ),
        (
            "hit-rate-warning", 70, True,
            "IF(SUM([a1,a2,b1,b2])>=100,100*SUM([a1,a2])/SUM([a1,a2,b1,b2]),100)",
            {"CacheHits", "CacheMisses"}, "Sum",
        ),
        ("evictions-warning", 100, False, "SUM([a1,a2])", {"Evictions"}, "Sum"),
        ("engine-cpu-warning", 80, False, "MAX([a1,a2])", {"EngineCPUUtilization"}, "Average"),
        ("engine-cpu-critical", 90, False, "MAX([a1,a2])", {"EngineCPUUtilization"}, "Average"),
        ("replication-lag-warning", 30, False, "MAX([a1,a2])", {"ReplicationLag"}, "Maximum"),
        ("connections-warning", 80, False, "100*MAX([a1,a2])/46000", {"CurrConnections"}, "Maximum"),
        ("swap-warning", 50, False, "MAX([a1,a2])/1048576", {"SwapUsage"}, "Maximum"),
    ],
)  # fmt: skip
def test_an_alarm_and_its_figure(
    name: str, threshold: float, below: bool, watched: str, names: set[str], statistic: str
) -> None:
    alarm = of(engine="valkey")[name]
    assert (alarm.threshold, alarm.below) == (threshold, below)
    assert alarm.severity == name.rsplit("-", 1)[1]
    assert expression(alarm) == watched
    from_aws = [metric for metric in read(alarm) if metric["namespace"] == "AWS/ElastiCache"]
    assert {metric["metric_name"] for metric in from_aws} == names
    assert {metric["stat"] for metric in from_aws} == {statistic}
    for metric_name in names:
        assert [m["dimensions"] for m in from_aws if m["metric_name"] == metric_name] == [
            {"CacheClusterId": node, "CacheNodeId": "0001"} for node in NODES
        ]


def test_these_are_all_alarms() -> None:
    both = {f"{name}-{severity}" for name in ("memory", "latency", "failed-connections", "engine-cpu")
            for severity in ("warning", "critical")}  # fmt: skip
    warnings = {"hit-rate-warning", "evictions-warning", "connections-warning", "swap-warning"}
    assert set(of(2)) == both | warnings | {"replication-lag-warning"}
    assert set(of(1)) == both | warnings, "a single node has no replica that could lag"


def test_redis_oss_has_a_mean_where_valkey_has_percentiles() -> None:
    alarm = of(engine="redis")["latency-critical"]
    assert {(m["metric_name"], m["stat"]) for m in read(alarm)} == {
        ("GetTypeCmdsLatency", "Average"),
        ("SetTypeCmdsLatency", "Average"),
        ("redis.command.duration.p95", "Maximum"),
    }
    assert "the mean of a minute in the server" in alarm.description


@pytest.mark.parametrize(
    ("name", "metric", "statistic"),
    [
        ("failed-connections-critical", "redis.connection.failed", "Sum"),
        ("failed-connections-warning", "redis.connection.failed", "Sum"),
        ("latency-critical", "redis.command.duration.p95", "Maximum"),
        ("latency-warning", "redis.command.duration.p95", "Maximum"),
    ],
)
def test_what_is_measured_from_outside_counts_when_somebody_measures(
    name: str, metric: str, statistic: str
) -> None:
    alarm = of()[name]
    assert "FILL(p,0)" in expression(alarm)
    assert {
        "id": "p",
        "return_data": False,
        "metric": {
            "namespace": "MantisNXT/Redis",
            "metric_name": metric,
            "dimensions": {"Stack": "prod"},
            "stat": statistic,
            "period": 60,
        },
    } in alarm.queries


@pytest.mark.parametrize("engine", ["redis", "valkey"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_cloudwatch_takes_the_alarms_of_a_group_of_any_size(count: int, engine: str) -> None:
    for alarm in of(count, engine).values():
        assert 1 <= len(read(alarm)) <= 10
        ids = [query["id"] for query in alarm.queries]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch("[a-z][a-zA-Z0-9_]*", query) for query in ids)
        named = set(re.findall(r"\b[a-z]\d*\b", expression(alarm)))
        assert named == {query["id"] for query in alarm.queries if "metric" in query}
        assert len(alarm.description) <= 1024
        assert alarm.bad_periods <= alarm.periods
        for metric in read(alarm):
            assert "ReplicationGroupId" not in metric["dimensions"]
            assert metric["metric_name"] in PUBLISHED_BY_AWS or metric["namespace"] == "MantisNXT/Redis"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_every_node_is_watched_by_every_rule(count: int) -> None:
    seen: dict[str, list[str]] = {}
    for name, alarm in of(count).items():
        rule = name.removesuffix("-2")
        nodes = {m["dimensions"].get("CacheClusterId") for m in read(alarm)} - {None}
        seen.setdefault(rule, []).extend(sorted(nodes))
    assert set(map(tuple, seen.values())) == {members("g", count)}


def test_a_second_alarm_comes_where_one_would_have_too_many_metrics() -> None:
    assert not [name for name in of(4) if name.endswith("-2")]
    assert {name for name in of(5) if name.endswith("-2")} == {
        "latency-warning-2", "latency-critical-2",
        "failed-connections-warning-2", "failed-connections-critical-2",
    }  # fmt: skip
    six = of(6)
    assert set(six) - set(of(5)) == {"hit-rate-warning-2"}
    assert len(read(six["memory-critical"])) == 6
    assert "FILL(p,0)" not in expression(six["latency-critical-2"]), "what is published is told once"


def test_thresholds_are_the_configs() -> None:
    chosen = Thresholds(
        memory_used_warning=61, memory_used_critical=62.5, latency_p95_warning=63, latency_p95_critical=64,
        failed_connections_warning=65, failed_connections_critical=66, hit_rate_warning=67,
        engine_cpu_warning=68, engine_cpu_critical=69, evictions_warning=70, replication_lag_warning=71,
        connections_warning=72, swap_warning=73,
    )  # fmt: skip
    made = of(thresholds=chosen)
    assert {name: alarm.threshold for name, alarm in made.items()} == {
        "memory-warning": 61, "memory-critical": 62.5, "latency-warning": 63, "latency-critical": 64,
        "failed-connections-warning": 65, "failed-connections-critical": 66, "hit-rate-warning": 67,
        "engine-cpu-warning": 68, "engine-cpu-critical": 69, "evictions-warning": 70,
        "replication-lag-warning": 71, "connections-warning": 72, "swap-warning": 73,
    }  # fmt: skip
    assert "62.5 %" in made["memory-critical"].description


@pytest.mark.parametrize(
    ("node_type", "most"),
    [
        ("cache.t3.micro", 20000),
        ("cache.t4g.micro", 20000),
        ("cache.t3.small", 46000),
        ("cache.t3.medium", 46000),
        ("cache.t4g.small", 65000),
        ("cache.m5.large", 65000),
    ],
)
def test_clients_are_counted_against_what_the_node_takes(node_type: str, most: int) -> None:
    alarm = of(node_type=node_type)["connections-warning"]
    assert expression(alarm) == f"100*MAX([a1,a2])/{most}"


def test_a_figure_that_comes_every_minute_is_not_fine_when_it_is_missing() -> None:
    unknown = {name for name, alarm in of().items() if alarm.missing == "missing"}
    assert unknown == {
        "memory-warning", "memory-critical", "engine-cpu-warning", "engine-cpu-critical",
        "connections-warning", "swap-warning",
    }  # fmt: skip
    assert {alarm.missing for name, alarm in of().items() if name not in unknown} == {"notBreaching"}


def test_a_critical_alarm_comes_sooner_than_a_warning() -> None:
    made = of()
    assert (made["memory-critical"].bad_periods, made["memory-critical"].periods) == (2, 5)
    assert (made["memory-warning"].bad_periods, made["memory-warning"].periods) == (3, 5)
    rate = made["hit-rate-warning"]
    assert (rate.bad_periods, rate.periods) == (3, 3)
    assert {metric["period"] for metric in read(rate)} == {300}
    assert {m["period"] for name, a in made.items() if a is not rate for m in read(a)} == {60}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("memory-warning", ("80 %", "TTL", "never expire", "hashes", "nodeType")),
        ("memory-critical", ("90 %", "now", "nodeType")),
        ("latency-warning", ("500 ms", "SLOWLOG GET", "network", "CPU", "Replicas")),
        ("latency-critical", ("1000 ms", "SLOWLOG GET")),
        ("failed-connections-warning", ("1 a minute", "REDIS_URL", "password")),
        ("failed-connections-critical", ("5 a minute", "security groups", "password", "failover")),
        ("hit-rate-warning", ("70 %", "TTLs", "keys", "evictions")),
        ("connections-warning", ("80 %", "46,000", "nodeType")),
    ],
)
def test_a_description_says_what_to_do(name: str, words: tuple[str, ...]) -> None:
    description = of()[name].description
    assert all(word in description for word in words), description
    assert description.endswith("Nodes: g-001, g-002.")
