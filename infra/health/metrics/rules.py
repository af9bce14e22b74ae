"""What is judged: a metric, its thresholds, and what to do beyond them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from infra.health.checks.cache import REVIEW_CACHE
from infra.health.latency import FIND_SLOWNESS
from infra.health.metrics import catalogue
from infra.health.problems import FEWER_CONNECTIONS, FREE_MEMORY

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Rule:
    """What is watched."""

    metric: str
    threshold: str
    """The setting, without its severity."""
    unit: str
    """As the sentence spells it."""
    happened: str
    """The sentence up to the figure."""
    remedies: Mapping[Severity, str]
    below: bool = False
    """Whether less is worse."""


RULES: Sequence[Rule] = (
    Rule(
        catalogue.FAILED,
        "failed_connections",
        " a minute",
        "connections fail or are not authenticated:",
        {
            "critical": "whoever is on call: look whether Redis is up, and for a failover; compare every "
            "application's password with REDIS_URL; count the clients; check the security groups and the IP "
            "allowlist",
            "warning": "look for an application with an old password in REDIS_URL, for a client without a "
            "connection pool, and for somebody who guesses passwords",
        },
    ),
    Rule(
        catalogue.MEMORY_USED,
        "memory_used",
        " %",
        "memory in use, of the limit:",
        {
            "critical": f"scale up at once: soon keys are evicted or writes refused. Then: {FREE_MEMORY}",
            "warning": f"plan a larger Redis, and before that: {FREE_MEMORY}",
        },
    ),
    Rule(
        catalogue.P95,
        "latency_p95",
        " ms",
        "commands are slow: one in twenty takes",
        {
            "critical": f"users wait for this, investigate now: {FIND_SLOWNESS}",
            "warning": f"make the slow commands faster: {FIND_SLOWNESS}",
        },
    ),
    Rule(
        catalogue.HIT_RATE,
        "hit_rate",
        " %",
        "reads that found their key:",
        {"warning": REVIEW_CACHE},
        below=True,
    ),
    Rule(
        catalogue.EVICTED,
        "evictions",
        " a minute",
        "keys are removed because the memory is full:",
        {"warning": f"sessions may be among them: {FREE_MEMORY}"},
    ),
    Rule(
        catalogue.CONNECTIONS_USED,
        "connections",
        " %",
        "clients, of the most that the server takes:",
        {"warning": f"the rest will be refused: {FEWER_CONNECTIONS}"},
    ),
    Rule(
        catalogue.ENGINE_CPU,
        "engine_cpu",
        " %",
        "the thread that runs the commands is busy:",
        {
            "critical": "all clients wait for one another: stop what runs slow commands (SLOWLOG GET), then "
            "scale up",
            "warning": "look for slow commands (SLOWLOG GET) and for KEYS; let replicas take the reads",
        },
    ),
    Rule(
        catalogue.LAG,
        "replication_lag",
        " s",
        "a replica is behind by",
        {
            "warning": "its reads are stale, and a failover now would lose the difference: look for bulk "
            "writes, a running backup and a full network"
        },
    ),
)
