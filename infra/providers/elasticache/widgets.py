"""What the dashboard shows: graphs, grouped as the guide groups its metrics, and the system below them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.providers.elasticache import metrics
from infra.providers.elasticache.metrics import Metric
from infra.settings.thresholds import Thresholds

MIB = 2**20

Series = list[Any]
"""One line of a graph as CloudWatch writes it: strings, and an object with the options at the end."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A horizontal line in a graph."""

    label: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph: its title, the unit of its axis, its lines and its thresholds."""

    title: str
    unit: str
    series: Sequence[Series]
    thresholds: Sequence[Threshold] = ()


def groups(
    members: Sequence[str], *, stack: str, engine: str, node_type: str, thresholds: Thresholds
) -> Mapping[str, Sequence[Graph]]:
    """All graphs under their headings, each with a line for each node."""
    return {
        "Connection health": _connections(members, stack, node_type, thresholds),
        "Performance": _performance(members, stack, engine, thresholds),
        "Memory": _memory(members, thresholds),
        "System": _system(members, thresholds),
    }


def _connections(
    members: Sequence[str], stack: str, node_type: str, thresholds: Thresholds
) -> Sequence[Graph]:
    clients = metrics.most_clients(node_type) * thresholds.connections_warning / 100
    failed = [
        *_each(members, metrics.AUTHENTICATION_FAILURES, "not authenticated"),
        *_each(members, metrics.REJECTED_CONNECTIONS, "rejected"),
        _published(metrics.FAILED_CONNECTIONS, "seen from outside", stack),
    ]
    return (
        Graph(
            title="Connected clients",
            unit="clients",
            series=_each(members, metrics.CURRENT_CONNECTIONS),
            thresholds=(Threshold(label="warning", value=clients),),
        ),
        Graph(
            title="New connections, reconnections among them",
            unit="connections a minute",
            series=_each(members, metrics.NEW_CONNECTIONS),
        ),
        Graph(
            title="Failed connections",
            unit="connections a minute",
            series=[*failed, _sum_of_all("all nodes")],
            thresholds=_lines(thresholds, "failed_connections"),
        ),
    )


def _performance(members: Sequence[str], stack: str, engine: str, thresholds: Thresholds) -> Sequence[Graph]:
    limits = _lines(thresholds, "latency_p95")
    durations = {"p50": metrics.DURATION_P50, "p95": metrics.DURATION_P95, "p99": metrics.DURATION_P99}
    return (
        Graph(
            title="Read latency in the server",
            unit="ms",
            series=_latency(members, metrics.READ_LATENCY[engine]),
            thresholds=limits,
        ),
        Graph(
            title="Write latency in the server",
            unit="ms",
            series=_latency(members, metrics.WRITE_LATENCY[engine]),
            thresholds=limits,
        ),
        Graph(
            title="Command duration seen from outside (make metrics --cloudwatch)",
            unit="ms",
            series=[_published(metric, name, stack) for name, metric in durations.items()],
            thresholds=limits,
        ),
        Graph(
            title="Operations",
            unit="commands a second",
            series=[
                *_scaled(members, metrics.READS, metrics.PERIOD, "r", "reads"),
                *_scaled(members, metrics.WRITES, metrics.PERIOD, "w", "writes"),
            ],
        ),
        Graph(
            title="Hit rate of the group",
            unit="%",
            series=_hit_rate(members),
            thresholds=_lines(thresholds, "hit_rate"),
        ),
    )


def _memory(members: Sequence[str], thresholds: Thresholds) -> Sequence[Graph]:
    return (
        Graph(
            title="Memory in use",
            unit="% of the limit",
            series=_each(members, metrics.MEMORY_USED),
            thresholds=_lines(thresholds, "memory_used"),
        ),
        Graph(title="Memory in use", unit="MiB", series=_scaled(members, metrics.BYTES_USED, MIB)),
        Graph(
            title="Fragmentation",
            unit="resident memory to memory in use",
            series=_each(members, metrics.FRAGMENTATION),
        ),
        Graph(title="Expired keys", unit="keys a minute", series=_each(members, metrics.EXPIRED)),
        Graph(
            title="Evicted keys",
            unit="keys a minute",
            series=_each(members, metrics.EVICTIONS),
            thresholds=_lines(thresholds, "evictions"),
        ),
    )


def _system(members: Sequence[str], thresholds: Thresholds) -> Sequence[Graph]:
    lag = Graph(
        title="Replication lag",
        unit="s",
        series=_each(members, metrics.REPLICATION_LAG),
        thresholds=_lines(thresholds, "replication_lag"),
    )
    return (
        Graph(
            title="CPU of the thread that runs the commands",
            unit="%",
            series=_each(members, metrics.ENGINE_CPU),
            thresholds=_lines(thresholds, "engine_cpu"),
        ),
        Graph(title="CPU of the node", unit="%", series=_each(members, metrics.CPU)),
        *([lag] if len(members) > 1 else []),
        Graph(title="Network in", unit="MiB a minute", series=_scaled(members, metrics.NETWORK_IN, MIB)),
        Graph(title="Network out", unit="MiB a minute", series=_scaled(members, metrics.NETWORK_OUT, MIB)),
        Graph(
            title="Swap in use",
            unit="MiB",
            series=_scaled(members, metrics.SWAP, MIB),
            thresholds=_lines(thresholds, "swap"),
        ),
        Graph(
            title="Free memory of the node",
            unit="MiB",
            series=_scaled(members, metrics.FREEABLE_MEMORY, MIB),
        ),
    )


def _each(members: Sequence[str], metric: Metric, what: str = "") -> list[Series]:
    return [_line(metric, member, {"label": f"{member} {what}".strip()}) for member in members]


def _line(metric: Metric, member: str, options: Mapping[str, Any]) -> Series:
    dimensions = [text for pair in metrics.node(member).items() for text in pair]
    return [metrics.NAMESPACE, metric.name, *dimensions, {"stat": metric.statistic, **options}]


def _scaled(
    members: Sequence[str], metric: Metric, divisor: int, prefix: str = "m", what: str = ""
) -> list[Series]:
    """A hidden line for each node, and one that shows it divided."""
    series: list[Series] = []
    for number, member in enumerate(members, start=1):
        query = f"{prefix}{number}"
        label = f"{member} {what}".strip()
        series.append(_line(metric, member, {"id": query, "visible": False}))
        series.append([{"expression": f"{query}/{divisor}", "label": label}])
    return series


def _latency(members: Sequence[str], metric: Metric) -> list[Series]:
    """In milliseconds: the percentiles where the metric has them, else its own statistic."""
    if metric.statistic != "p95":
        return _scaled(members, metric, 1000, what="mean")
    return [
        line
        for statistic in ("p50", "p95", "p99")
        for line in _scaled(members, metric.at(statistic), 1000, f"{statistic}x", statistic)
    ]


def _hit_rate(members: Sequence[str]) -> list[Series]:
    hits = [f"h{number}" for number, _ in enumerate(members, start=1)]
    misses = [f"m{number}" for number, _ in enumerate(members, start=1)]
    found, all_reads = ",".join(hits), ",".join(hits + misses)
    return [
        *(
            _line(metric, member, {"id": query, "visible": False})
            for metric, ids in ((metrics.CACHE_HITS, hits), (metrics.CACHE_MISSES, misses))
            for query, member in zip(ids, members, strict=True)
        ),
        [{"expression": f"100*SUM([{found}])/SUM([{all_reads}])", "label": "hits of all reads"}],
    ]


def _published(metric: Metric, label: str, stack: str) -> Series:
    return [
        metrics.PUBLISHED_NAMESPACE, metric.name, "Stack", stack, {"stat": metric.statistic, "label": label},
    ]  # fmt: skip


def _sum_of_all(label: str) -> Series:
    return [{"expression": "SUM(FILL(METRICS(),0))", "label": label}]


def _lines(thresholds: Thresholds, name: str) -> Sequence[Threshold]:
    return tuple(
        Threshold(label=severity, value=getattr(thresholds, f"{name}_{severity}"))
        for severity in ("warning", "critical")
        if hasattr(thresholds, f"{name}_{severity}")
    )
