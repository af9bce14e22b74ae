"""The metrics that a replication group has in CloudWatch.

Names, units and statistics are those of the ElastiCache user guide, "Metrics for Valkey and Redis OSS" and
"Host-Level Metrics"; the dimensions those of the CloudWatch user guide's list of supported metrics. Each node
publishes them once a minute; for the replication group as a whole there are none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["Count", "Percent", "Bytes", "Microseconds", "Milliseconds", "Seconds", "None"]

NAMESPACE = "AWS/ElastiCache"

PUBLISHED_NAMESPACE = "MantisNXT/Redis"
"""Where ``make metrics --cloudwatch`` puts what AWS does not measure, with the one dimension ``Stack``."""

PERIOD = 60
"""Seconds between two samples of a node."""


@dataclass(frozen=True)
class Metric:
    """A metric, and the statistic that makes sense of the samples of a period."""

    name: str
    unit: Unit
    statistic: str

    def at(self, statistic: str) -> "Metric":
        """The same metric under another statistic."""
        return Metric(self.name, self.unit, statistic)


AUTHENTICATION_FAILURES = Metric("AuthenticationFailures", "Count", "Sum")
BYTES_USED = Metric("BytesUsedForCache", "Bytes", "Maximum")
CACHE_HITS = Metric("CacheHits", "Count", "Sum")
CACHE_MISSES = Metric("CacheMisses", "Count", "Sum")
CPU = Metric("CPUUtilization", "Percent", "Average")
CURRENT_CONNECTIONS = Metric("CurrConnections", "Count", "Maximum")
ENGINE_CPU = Metric("EngineCPUUtilization", "Percent", "Average")
EVICTIONS = Metric("Evictions", "Count", "Sum")
EXPIRED = Metric("Reclaimed", "Count", "Sum")
FRAGMENTATION = Metric("MemoryFragmentationRatio", "None", "Average")
FREEABLE_MEMORY = Metric("FreeableMemory", "Bytes", "Minimum")
MEMORY_USED = Metric("DatabaseMemoryUsagePercentage", "Percent", "Maximum")
NETWORK_IN = Metric("NetworkBytesIn", "Bytes", "Sum")
NETWORK_OUT = Metric("NetworkBytesOut", "Bytes", "Sum")
NEW_CONNECTIONS = Metric("NewConnections", "Count", "Sum")
READS = Metric("GetTypeCmds", "Count", "Sum")
REJECTED_CONNECTIONS = Metric("RejectedConnections", "Count", "Sum")
REPLICATION_LAG = Metric("ReplicationLag", "Seconds", "Maximum")
SWAP = Metric("SwapUsage", "Bytes", "Maximum")
WRITES = Metric("SetTypeCmds", "Count", "Sum")

READ_LATENCY = {
    "redis": Metric("GetTypeCmdsLatency", "Microseconds", "Average"),
    "valkey": Metric("SuccessfulReadRequestLatency", "Microseconds", "p95"),
}
"""How long a read takes in the server, by engine.

Percentiles exist for Valkey only (AWS database blog, "Monitor server-side latency for Amazon ElastiCache for
Valkey"). For Redis OSS there is one figure a minute, the mean.
"""
WRITE_LATENCY = {
    "redis": Metric("SetTypeCmdsLatency", "Microseconds", "Average"),
    "valkey": Metric("SuccessfulWriteRequestLatency", "Microseconds", "p95"),
}
"""How long a write takes in the server, by engine."""

FAILED_CONNECTIONS = Metric("redis.connection.failed", "Count", "Sum")
"""Published by ``make metrics --cloudwatch``: connections that it could not open."""
DURATION_P50 = Metric("redis.command.duration.p50", "Milliseconds", "Maximum")
DURATION_P95 = Metric("redis.command.duration.p95", "Milliseconds", "Maximum")
DURATION_P99 = Metric("redis.command.duration.p99", "Milliseconds", "Maximum")
"""Published by ``make metrics --cloudwatch``: how long a command takes, with the way there and back."""


MOST_CLIENTS = {
    "cache.t3.micro": 20_000,
    "cache.t4g.micro": 20_000,
    "cache.t3.small": 46_000,
    "cache.t3.medium": 46_000,
}
"""Of the nodes that take fewer clients than others (ElastiCache user guide, ``maxclients``)."""


def most_clients(node_type: str) -> int:
    """How many clients a node takes at most. It is fixed: no parameter group changes it.

    >>> most_clients("cache.t3.small"), most_clients("cache.m5.large")
    (46000, 65000)
    """
    return MOST_CLIENTS.get(node_type, 65_000)


def members(group_id: str, count: int) -> tuple[str, ...]:
    """The ids that ElastiCache gives to the nodes of a new group without shards.

    >>> members("mantisnxt-prod-redis", 2)
    ('mantisnxt-prod-redis-001', 'mantisnxt-prod-redis-002')
    """
    return tuple(f"{group_id.lower()}-{number:03}" for number in range(1, count + 1))


def watched(planned: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """The nodes to watch: the ones that are there, of which any may go when their number goes down.

    Where their number is not the planned one, a change of it waits for AWS: then the planned ones.

    >>> watched(["x-001", "x-002"], ["x-003", "x-001"])
    ('x-001', 'x-003')
    """
    return tuple(sorted(found)) if len(found) == len(planned) else tuple(planned)


def node(member: str) -> Mapping[str, str]:
    """The dimensions of one node. Some of the metrics are published under both of them only."""
    return {"CacheClusterId": member, "CacheNodeId": "0001"}
