"""The block ``thresholds``: from when on a metric is a warning, and from when on it is critical."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block

Percent = Annotated[float, Field(gt=0, le=100)]
Milliseconds = Annotated[float, Field(gt=0)]
Count = Annotated[float, Field(ge=0)]

HIGHER_IS_WORSE = ("memory_used", "latency_p95", "failed_connections", "engine_cpu")
"""The metrics with two thresholds."""


class Thresholds(Block):
    """From when on a metric is a warning, and from when on somebody is woken."""

    memory_used_warning: Percent = 80
    """Memory in use, in percent of the limit: plan a larger one."""
    memory_used_critical: Percent = 90
    """Memory in use, in percent of the limit: scale up at once."""
    latency_p95_warning: Milliseconds = 500
    """95th percentile of the time that a command takes, in milliseconds: look at slow commands."""
    latency_p95_critical: Milliseconds = 1000
    """95th percentile of the time that a command takes, in milliseconds: investigate."""
    failed_connections_warning: Count = 1
    """Connections refused or not authenticated, per minute: investigate."""
    failed_connections_critical: Count = 5
    """Connections refused or not authenticated, per minute: page whoever is on call."""
    hit_rate_warning: Percent = 70
    """Reads that found their key, in percent; below it, review what is cached, and for how long."""
    engine_cpu_warning: Percent = 80
    """CPU of the thread that runs the commands, in percent."""
    engine_cpu_critical: Percent = 90
    """CPU of the thread that runs the commands, in percent."""
    evictions_warning: Count = 100
    """Keys removed for want of memory, per minute."""
    replication_lag_warning: Annotated[float, Field(gt=0)] = 30
    """How far a replica is behind its primary, in seconds."""
    connections_warning: Percent = 80
    """Clients connected to one node of ElastiCache, in percent of the most that its type takes: 20,000 for
    the micro nodes, 46,000 for t3.small and t3.medium, 65,000 for all others."""
    swap_warning: Count = 50
    """Swap in use on a node, in MiB. More means that the memory beside the data is short."""

    @model_validator(mode="after")
    def _warning_comes_first(self) -> Self:
        for name in HIGHER_IS_WORSE:
            warning, critical = getattr(self, f"{name}_warning"), getattr(self, f"{name}_critical")
            if warning >= critical:
                fields = type(self).model_fields
                raise PydanticCustomError(
                    "order",
                    "must be less than {critical_key} ({critical}): a warning comes before an alarm",
                    {
                        "critical": f"{critical:g}",
                        "critical_key": str(fields[f"{name}_critical"].alias),
                        "path": (str(fields[f"{name}_warning"].alias),),
                    },
                )
        return self
