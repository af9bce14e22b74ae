"""The figures that come from two samples of INFO."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.health.checks.cache import ENOUGH_LOOKUPS
from infra.health.metrics import catalogue
from infra.health.metrics.sample import Sample, Window
from infra.health.metrics.value import NotAvailable, Value, known

REFUSALS = ("rejected_connections", "acl_access_denied_auth")
"""INFO's counters of connections that a server turned away: too many clients; since Redis 7, wrong logins."""


def server_figures(window: Window, own_failures: int) -> dict[str, Value]:
    """Reckon what the servers know; of several servers, the sum or the worst.

    Args:
        window: two samples. Rates are those between them.
        own_failures: connections that could not be opened just now.
    """
    now = window.now
    recipes: Mapping[str, Callable[[], float | Value]] = {
        catalogue.ACTIVE: lambda: sum(now.each("connected_clients")),
        catalogue.CONNECTIONS_USED: lambda: _percent(now, "connected_clients", "maxclients"),
        catalogue.FAILED: lambda: failed_a_minute(window, own_failures),
        catalogue.RECONNECTIONS: lambda: sum(window.grown("total_connections_received")) / window.minutes,
        catalogue.OPERATIONS: lambda: sum(now.each("instantaneous_ops_per_sec")),
        catalogue.HIT_RATE: lambda: _hit_rate(window),
        catalogue.ENGINE_CPU: lambda: _engine_cpu(window),
        catalogue.MEMORY_USED: lambda: _percent(now, "used_memory", "maxmemory"),
        catalogue.MEMORY_BYTES: lambda: sum(now.each("used_memory")),
        catalogue.FRAGMENTATION: lambda: max(now.each("mem_fragmentation_ratio")),
        catalogue.EXPIRED: lambda: sum(window.grown("expired_keys")) / window.minutes,
        catalogue.EVICTED: lambda: sum(window.grown("evicted_keys")) / window.minutes,
        catalogue.LAG: lambda: _lag(now),
    }
    return {name: known(recipe) for name, recipe in recipes.items()}


def failed_a_minute(window: Window | None, own_failures: int) -> Value:
    """Failed connections: our own attempts, and those of others that the servers turned away.

    Less than a minute counts as a whole one: one failure within two seconds is not thirty a minute.
    """
    counters = [field for field in REFUSALS if window and window.before.has(field) and window.now.has(field)]
    seen = sum(sum(window.grown(field)) for field in counters) if window else 0
    hidden = [field for field in REFUSALS if field not in counters]
    note = f"without those of other clients: no {' and '.join(hidden)} in INFO" if hidden else ""
    return Value((own_failures + seen) / max(window.minutes if window else 1, 1), note)


def _percent(now: Sample, used: str, limit: str) -> float:
    """Of the server that is fullest."""
    limits = now.each(limit)
    if not all(limits):
        raise NotAvailable(f"the server has no limit ({limit} is 0)")
    return max(100 * use / most for use, most in zip(now.each(used), limits, strict=True))


def _hit_rate(window: Window) -> Value:
    """Of the lookups between the samples, where they are enough, else of all since the server's start."""
    hits, misses = sum(window.now.each("keyspace_hits")), sum(window.now.each("keyspace_misses"))
    try:
        recent = sum(window.grown("keyspace_hits")), sum(window.grown("keyspace_misses"))
    except NotAvailable:
        recent = 0.0, 0.0
    for (found, absent), since in ((recent, "the last sample"), ((hits, misses), "the server's start")):
        if found + absent >= ENOUGH_LOOKUPS:
            return Value(100 * found / (found + absent), f"{found + absent:,.0f} reads since {since}")
    raise NotAvailable(
        f"{hits + misses:,.0f} reads since the server's start; fewer than {ENOUGH_LOOKUPS:,} say nothing"
    )


def _engine_cpu(window: Window) -> float:
    """Of the server that is busiest."""
    user, system = (window.grown(f"used_cpu_{part}_main_thread") for part in ("user", "sys"))
    return max(100 * sum(spent) / window.seconds for spent in zip(user, system, strict=True))


def _lag(now: Sample) -> float:
    """Of the replica that is furthest behind."""
    now.each("connected_slaves")
    replicas: list[dict[str, Any]] = [
        fact
        for info in now.infos
        for name, fact in info.items()
        if name.startswith("slave") and isinstance(fact, dict) and "lag" in fact
    ]
    if not replicas:
        raise NotAvailable("no replica is connected to this server")
    return max(float(replica["lag"]) for replica in replicas)
