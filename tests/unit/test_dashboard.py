"""The body of the CloudWatch dashboard."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from infra.providers.elasticache.dashboard import body, dashboard_name, dashboard_url
from infra.providers.elasticache.metrics import members
from infra.settings import Thresholds

SIZES = [(count, engine) for count in (1, 2, 6) for engine in ("redis", "valkey")]

PUBLISHED_BY_AWS = {
    "AuthenticationFailures", "BytesUsedForCache", "CPUUtilization", "CacheHits", "CacheMisses",
    "CurrConnections", "DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "Evictions", "FreeableMemory",
    "GetTypeCmds", "GetTypeCmdsLatency", "MemoryFragmentationRatio", "NetworkBytesIn", "NetworkBytesOut",
    "NewConnections", "Reclaimed", "RejectedConnections", "ReplicationLag", "SetTypeCmds",
    "SetTypeCmdsLatency", "SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency", "SwapUsage",
}  # fmt: skip
FOR_ONE_ENGINE = {
    "redis": {"GetTypeCmdsLatency", "SetTypeCmdsLatency"},
    "valkey": {"SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency"},
}
PUBLISHED_BY_US = {
    "redis.connection.failed", "redis.command.duration.p50", "redis.command.duration.p95",
    "redis.command.duration.p99",
}  # fmt: skip


def widgets(count: int = 2, engine: str = "redis", thresholds: Thresholds | None = None) -> list[Any]:
    text = body(
        members("g", count),
        region="eu-west-1",
        stack="prod",
        engine=engine,
        node_type="cache.t3.micro",
        thresholds=thresholds or Thresholds(),
    )
    dashboard = json.loads(text)
    assert dashboard["periodOverride"] == "inherit"
    found: list[Any] = dashboard["widgets"]
    return found


def graphs(*arguments: Any) -> dict[str, Any]:
    found = [widget["properties"] for widget in widgets(*arguments) if widget["type"] == "metric"]
    named = {f"{graph['title']} ({graph['yAxis']['left']['label']})": graph for graph in found}
    assert len(named) == len(found)
    return named


def metrics(graph: Any) -> list[list[Any]]:
    """The lines of a graph that read a metric."""
    return [line for line in graph["metrics"] if isinstance(line[0], str)]


def shown(graph: Any) -> list[str]:
    return [line[-1]["label"] for line in graph["metrics"] if line[-1].get("visible", True)]


@pytest.mark.parametrize(("count", "engine"), SIZES)
def test_no_widget_covers_another_or_leaves_the_grid(count: int, engine: str) -> None:
    placed = widgets(count, engine)
    taken = [
        {(x, y) for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])}
        for w in placed
    ]
    assert not any(one & other for one, other in combinations(taken, 2))
    assert all(w["x"] >= 0 and w["x"] + w["width"] <= 24 for w in placed)


@pytest.mark.parametrize(("count", "engine"), SIZES)
def test_every_metric_is_published_for_every_node(count: int, engine: str) -> None:
    aws: set[str] = set()
    ours: set[str] = set()
    for graph in graphs(count, engine).values():
        assert len(graph["metrics"]) <= 500
        nodes: dict[tuple[str, str], list[str]] = {}
        for namespace, name, *dimensions, options in metrics(graph):
            if namespace == "MantisNXT/Redis":
                assert dimensions == ["Stack", "prod"]
                ours.add(name)
                continue
            assert namespace == "AWS/ElastiCache"
            (first, node, second, number) = dimensions
            assert (first, second, number) == ("CacheClusterId", "CacheNodeId", "0001")
            nodes.setdefault((name, options["stat"]), []).append(node)
            aws.add(name)
        assert all(tuple(found) == members("g", count) for found in nodes.values())
    other = FOR_ONE_ENGINE["valkey" if engine == "redis" else "redis"]
    without_replicas = {"ReplicationLag"} if count == 1 else set()
    assert aws == PUBLISHED_BY_AWS - other - without_replicas
    assert ours == PUBLISHED_BY_US


@pytest.mark.parametrize(("count", "engine"), SIZES)
def test_expressions_name_the_lines_of_their_own_graph(count: int, engine: str) -> None:
    for graph in graphs(count, engine).values():
        ids = [line[-1]["id"] for line in metrics(graph) if "id" in line[-1]]
        assert len(ids) == len(set(ids))
        used = {
            name
            for line in graph["metrics"]
            for name in re.findall(r"\b[a-z]\w*", line[-1].get("expression", ""))
        }
        assert used == set(ids)
        assert all(re.fullmatch("[a-z][a-zA-Z0-9_]*", query) for query in ids)


def test_the_graphs_stand_under_the_guides_headings() -> None:
    order = [
        w["properties"].get("markdown", w["properties"].get("title"))
        for w in sorted(widgets(), key=lambda w: (w["y"], w["x"]))
    ]
    assert order == [
        "## Connection health",
        "Connected clients", "New connections, reconnections among them", "Failed connections",
        "## Performance",
        "Read latency in the server", "Write latency in the server",
        "Command duration seen from outside (make metrics --cloudwatch)", "Operations",
        "Hit rate of the group",
        "## Memory",
        "Memory in use", "Memory in use", "Fragmentation", "Expired keys", "Evicted keys",
        "## System",
        "CPU of the thread that runs the commands", "CPU of the node", "Replication lag", "Network in",
        "Network out", "Swap in use", "Free memory of the node",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("graph", "lines"),
    [
        ("Connected clients (clients)", {"warning": 16000}),
        ("Failed connections (connections a minute)", {"warning": 1, "critical": 5}),
        ("Read latency in the server (ms)", {"warning": 500, "critical": 1000}),
        ("Write latency in the server (ms)", {"warning": 500, "critical": 1000}),
        (
            "Command duration seen from outside (make metrics --cloudwatch) (ms)",
            {"warning": 500, "critical": 1000},
        ),
        ("Hit rate of the group (%)", {"warning": 70}),
        ("Memory in use (% of the limit)", {"warning": 80, "critical": 90}),
        ("Evicted keys (keys a minute)", {"warning": 100}),
        ("CPU of the thread that runs the commands (%)", {"warning": 80, "critical": 90}),
        ("Replication lag (s)", {"warning": 30}),
        ("Swap in use (MiB)", {"warning": 50}),
        ("Operations (commands a second)", {}),
    ],
)
def test_a_graph_shows_its_thresholds(graph: str, lines: dict[str, float]) -> None:
    drawn = graphs()[graph].get("annotations", {}).get("horizontal", [])
    assert {line["label"]: line["value"] for line in drawn} == lines


def test_thresholds_are_the_configs() -> None:
    chosen = graphs(2, "redis", Thresholds(memory_used_warning=60))["Memory in use (% of the limit)"]
    assert chosen["annotations"]["horizontal"][0]["value"] == 60


def test_every_graph_is_of_the_region_and_the_minute() -> None:
    for graph in graphs().values():
        assert (graph["region"], graph["period"]) == ("eu-west-1", 60)
        assert graph["yAxis"]["left"]["min"] == 0


def test_valkeys_latency_is_shown_in_percentiles_and_milliseconds() -> None:
    graph = graphs(1, "valkey")["Read latency in the server (ms)"]
    assert [line[-1]["stat"] for line in metrics(graph)] == ["p50", "p95", "p99"]
    assert shown(graph) == ["g-001 p50", "g-001 p95", "g-001 p99"]
    expressions = [line[-1]["expression"] for line in graph["metrics"] if "expression" in line[-1]]
    assert expressions == ["p50x1/1000", "p95x1/1000", "p99x1/1000"]


def test_redis_oss_has_one_latency_a_minute() -> None:
    graph = graphs(2, "redis")["Write latency in the server (ms)"]
    assert [(line[1], line[-1]["stat"]) for line in metrics(graph)] == [("SetTypeCmdsLatency", "Average")] * 2
    assert shown(graph) == ["g-001 mean", "g-002 mean"]


def test_lines_are_labelled_with_their_node() -> None:
    found = graphs(2)
    assert shown(found["Connected clients (clients)"]) == ["g-001", "g-002"]
    operations = found["Operations (commands a second)"]
    assert shown(operations) == ["g-001 reads", "g-002 reads", "g-001 writes", "g-002 writes"]
    assert shown(found["Memory in use (MiB)"]) == ["g-001", "g-002"]


def test_the_hit_rate_is_of_all_nodes() -> None:
    graph = graphs(2)["Hit rate of the group (%)"]
    assert graph["metrics"][-1][0]["expression"] == "100*SUM([h1,h2])/SUM([h1,h2,m1,m2])"
    assert shown(graph) == ["hits of all reads"]
    assert [(line[1], line[-1]["id"]) for line in metrics(graph)] == [
        ("CacheHits", "h1"), ("CacheHits", "h2"), ("CacheMisses", "m1"), ("CacheMisses", "m2"),
    ]  # fmt: skip


def test_failed_connections_add_up_with_and_without_what_we_publish() -> None:
    graph = graphs(2)["Failed connections (connections a minute)"]
    assert graph["metrics"][-1] == [{"expression": "SUM(FILL(METRICS(),0))", "label": "all nodes"}]
    assert ["MantisNXT/Redis", "redis.connection.failed", "Stack", "prod"] in [
        line[:-1] for line in metrics(graph)
    ]


@pytest.mark.parametrize(
    ("chosen", "stack", "name"),
    [
        (None, "prod", "MantisNXT-Redis"),
        (None, "staging", "MantisNXT-Redis-staging"),
        (None, "team.eu_1", "MantisNXT-Redis-team-eu_1"),
        ("Ours", "prod", "Ours"),
    ],
)
def test_the_dashboards_name(chosen: str | None, stack: str, name: str) -> None:
    assert dashboard_name(chosen, stack) == name


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_dashboards_address(region: str, host: str) -> None:
    url = f"https://{host}/cloudwatch/home?region={region}#dashboards/dashboard/D"
    assert dashboard_url("D", region) == url


def test_the_ids_of_the_nodes_are_lower_case_as_aws_makes_them() -> None:
    assert members("Mantis-Prod", 1) == ("mantis-prod-001",)
