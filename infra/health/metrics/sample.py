"""What all servers of a database say about themselves at one moment."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.health.metrics.ask import Node, ask
from infra.health.metrics.value import NotAvailable


@dataclass(frozen=True)
class Sample:
    """The replies to INFO, one for each server."""

    at: float
    """Seconds on a clock that never goes back."""
    infos: Sequence[Mapping[str, Any]]
    refused: str = ""
    """Why there are no replies."""

    def has(self, field: str) -> bool:
        """Whether every server tells a number of this name."""
        return bool(self.infos) and all(isinstance(info.get(field), int | float) for info in self.infos)

    def each(self, field: str) -> list[float]:
        """One number of every server.

        Raises:
            NotAvailable: not every server tells it.
        """
        if not self.infos:
            raise NotAvailable(self.refused)
        if not self.has(field):
            raise NotAvailable(f"INFO has no {field}")
        return [float(info[field]) for info in self.infos]


async def take_sample(nodes: Sequence[Node]) -> Sample:
    """Ask every server."""
    try:
        infos = [await ask(node, "INFO") for node in nodes]
    except NotAvailable as reason:
        return Sample(time.monotonic(), (), str(reason))
    return Sample(time.monotonic(), infos)


@dataclass(frozen=True)
class Window:
    """The time between two samples."""

    before: Sample
    now: Sample

    @property
    def seconds(self) -> float:
        """Its length, never 0."""
        return max(self.now.at - self.before.at, 0.001)

    @property
    def minutes(self) -> float:
        """Its length."""
        return self.seconds / 60

    def grown(self, field: str) -> list[float]:
        """By how much a counter of every server grew.

        Raises:
            NotAvailable: a server does not tell it, or counts from 0 again.
        """
        before, now = self.before.each(field), self.now.each(field)
        if len(before) != len(now) or any(new < old for new, old in zip(now, before, strict=True)):
            raise NotAvailable("a server was restarted or replaced since the last reading")
        return [new - old for new, old in zip(now, before, strict=True)]
