"""Which metrics there are: names, units and meanings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["", "%", "bytes", "ms", "s", "a second", "a minute", "in all"]
"""In which a figure is given; "in all" is a count that only grows, "" a number of things or a ratio."""


@dataclass(frozen=True)
class Definition:
    """What a metric's figure means."""

    unit: Unit
    meaning: str


ACTIVE = "redis.connection.active"
CONNECTIONS_USED = "redis.connection.used"
FAILED = "redis.connection.failed"
RECONNECTIONS = "redis.reconnections"
P50, P95, P99 = (f"redis.command.duration.{name}" for name in ("p50", "p95", "p99"))
OPERATIONS = "redis.ops_per_second"
HIT_RATE = "redis.hit_rate"
ENGINE_CPU = "redis.engine_cpu"
MEMORY_USED = "redis.memory.used"
MEMORY_BYTES = "redis.memory.used.bytes"
FRAGMENTATION = "redis.memory.fragmentation"
EXPIRED = "redis.keys.expired"
EVICTED = "redis.keys.evicted"
LAG = "redis.replication.lag"
SESSIONS = "redis.sessions.active"
SESSIONS_CREATED = "redis.sessions.created"
SESSIONS_EXPIRED = "redis.sessions.expired"
ALLOWED = "redis.ratelimit.allowed"
BLOCKED = "redis.ratelimit.blocked"

CATALOGUE: Mapping[str, Definition] = {
    ACTIVE: Definition("", "clients that are connected"),
    CONNECTIONS_USED: Definition("%", "connected clients, of the most that the server takes"),
    FAILED: Definition("a minute", "connections refused or not authenticated, our own attempts among them"),
    RECONNECTIONS: Definition(
        "a minute", "connections that clients opened: first ones, reconnections and our own"
    ),
    P50: Definition("ms", "time that half of the pings took at most, with the way there and back"),
    P95: Definition("ms", "time that 95 % of the pings took at most"),
    P99: Definition("ms", "time that 99 % of the pings took at most"),
    OPERATIONS: Definition("a second", "commands that the server runs"),
    HIT_RATE: Definition("%", "reads that found their key"),
    ENGINE_CPU: Definition("%", "CPU of the thread that runs the commands"),
    MEMORY_USED: Definition("%", "memory in use, of the limit"),
    MEMORY_BYTES: Definition("bytes", "memory in use"),
    FRAGMENTATION: Definition("", "memory that the system gave, by memory in use"),
    EXPIRED: Definition("a minute", "keys whose TTL was over"),
    EVICTED: Definition("a minute", "keys removed for want of memory"),
    LAG: Definition("s", "how long ago the slowest replica answered"),
    SESSIONS: Definition("", "sessions that live"),
    SESSIONS_CREATED: Definition("in all", "sessions that the application made"),
    SESSIONS_EXPIRED: Definition("in all", "sessions that the application found expired"),
    ALLOWED: Definition("in all", "requests that the application's rate limit let through"),
    BLOCKED: Definition("in all", "requests that the application's rate limit refused"),
}
"""In the order in which they are shown."""

COUNTERS: Mapping[str, str] = {
    SESSIONS_CREATED: "mantis:metrics:sessions:created",
    SESSIONS_EXPIRED: "mantis:metrics:sessions:expired",
    ALLOWED: "mantis:metrics:ratelimit:allowed",
    BLOCKED: "mantis:metrics:ratelimit:blocked",
}
"""The keys under which the application counts, with INCR and without a TTL. They are part of the contract."""
