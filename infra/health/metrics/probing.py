"""What is measured from outside: connections that can be opened, and how long a command takes."""

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from infra.health.latency import Latency, latency_of
from infra.health.metrics.ask import Node
from infra.health.target import Target, options_of

CONNECTIONS = 10
"""Opened together. More than any threshold a minute by default, so that a dead server is seen in one reading;
small plans allow 30, the application's among them."""
PINGS = 100
PING_SECONDS = 10.0
"""No ping begins later than this after the first one."""


async def try_connections(target: Target) -> int:
    """Open some connections together, log in and close them, each without a second try; count the failures.

    Raises:
        TargetError: the URL or the certificate file cannot be used.
    """
    options = options_of(target, target.endpoint) | {"retry": Retry(NoBackoff(), 0)}

    async def attempt() -> bool:
        try:
            async with Redis(**options) as client:
                await client.execute_command("PING")  # type: ignore[no-untyped-call]
        except Exception:  # whatever it is, this connection has failed, and that is what is counted
            return False
        return True

    opened = await asyncio.gather(*(attempt() for _ in range(CONNECTIONS)))
    return opened.count(False)


async def time_pings(nodes: Sequence[Node]) -> Latency:
    """Send pings one after the other over an open connection, to all servers in turn."""
    begun = time.perf_counter()
    seconds: list[float] = []
    for node, _ in zip(cycle(nodes), range(PINGS), strict=False):
        started = time.perf_counter()
        if seconds and started - begun > PING_SECONDS:
            break
        await node.execute_command("PING")
        seconds.append(time.perf_counter() - started)
    latency = latency_of(seconds)
    assert latency is not None, "the first ping is always sent"
    return latency
