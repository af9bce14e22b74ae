"""How long operations took."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from infra.health.failure import Problem

SLOW_MS = 100.0
"""The 95th percentile from which on Redis is too slow for a request to wait for, in milliseconds."""

FIND_SLOWNESS = (
    "measure the network between the application and Redis, and keep both in one region; watch the "
    "server's CPU and memory; find slow commands with SLOWLOG GET; add read replicas"
)


@dataclass(frozen=True)
class Latency:
    """Percentiles in milliseconds."""

    p50: float
    p95: float
    p99: float

    @property
    def advice(self) -> Problem | None:
        """What to do when the replies are slow; None when they are not."""
        if self.p95 <= SLOW_MS:
            return None
        return Problem(
            f"the replies are slow: one in twenty takes {self.p95:.0f} ms or more (limit {SLOW_MS:.0f} ms)",
            FIND_SLOWNESS,
        )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` % of the values do not exceed (nearest rank).

    Raises:
        ValueError: there is no value.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]


def latency_of(seconds: Sequence[float]) -> Latency | None:
    """Summarise measured times; None when nothing was measured."""
    if not seconds:
        return None
    p50, p95, p99 = (round(percentile(seconds, percent) * 1000, 3) for percent in (50, 95, 99))
    return Latency(p50, p95, p99)
