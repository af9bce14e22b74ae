"""What the slow log has, by the names of the commands only: their arguments may be anybody's data."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from infra.health.metrics.ask import Node, ask
from infra.health.metrics.value import NotAvailable

ENTRIES = 10
"""Read from each server, the latest ones."""
RECENT_SECONDS = 3600


@dataclass(frozen=True)
class SlowCommand:
    """A command that ran longer than the server's slowlog-log-slower-than."""

    name: str
    milliseconds: float


@dataclass(frozen=True)
class SlowLog:
    """The latest entries of the last hour."""

    commands: Sequence[SlowCommand] = ()
    unknown: tuple[str, ...] = ()
    """Why it could not be read."""


async def read_slow_log(nodes: Sequence[Node]) -> SlowLog:
    """Read the slow log of every server."""
    since = time.time() - RECENT_SECONDS
    try:
        logs = [await ask(node, "SLOWLOG GET", ENTRIES, decode_responses=True) for node in nodes]
    except NotAvailable as reason:
        return SlowLog(unknown=(f"slow log: {reason}",))
    return SlowLog(
        [
            SlowCommand(entry["command"].split(" ")[0].upper(), entry["duration"] / 1000)
            for log in logs
            for entry in log
            if entry["start_time"] >= since
        ]
    )
