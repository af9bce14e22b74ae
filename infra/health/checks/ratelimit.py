"""The limit holds for all application servers together."""

import asyncio
import time

from infra.health.checks import limiter
from infra.health.checks.limiter import Verdict
from infra.health.failure import CheckError
from infra.health.probe import Probe
from infra.health.target import Client

CLIENTS = 4
TOO_MANY = 20
"""Requests beyond the maximum."""
PROVED = 200
"""Requests up to the maximum that are really made; a counter for more starts this far below its maximum."""
BURSTS = 5
BURST = 10
"""Requests that compete for the one place that is left."""
BURST_MS = 60_000
SHORT_MS = 1000
"""Window that proves the reset; with RATE_LIMIT_WINDOW the check would wait for a minute."""
SPARE_SECONDS = 0.05


async def ratelimit(probe: Probe) -> None:
    """Let several clients make more requests than RATE_LIMIT_MAX_REQUESTS at the same time.

    Exactly the maximum may pass, and one of several that compete for the last place. The counter's TTL must
    be RATE_LIMIT_WINDOW; that requests pass again after a window's end is proved with a window of one second.
    Details: requests, allowed, blocked.

    Raises:
        CheckError: too many or too few requests passed, or the window does not end when it should.
    """
    clients = [await probe.another_client() for _ in range(CLIENTS)]
    await _prove_maximum(probe, clients)
    for number in range(BURSTS):
        await _prove_last_place(probe, clients, probe.key(f"burst:{number}"))
    await _prove_reset(probe, clients)


async def _prove_maximum(probe: Probe, clients: list[Client]) -> None:
    key = probe.key("window")
    maximum = probe.environment.rate_limit_max_requests
    window = probe.environment.rate_limit_window
    started = time.monotonic()
    first = await _request(probe, clients[0], key, maximum, window * 1000)
    if not (first.allowed and (window - 1) * 1000 < first.reset_ms <= window * 1000):
        raise CheckError(
            f"a new window ends after {first.reset_ms} ms, not after RATE_LIMIT_WINDOW's {window} s",
            "check the server's version: its scripts must know INCR, PEXPIRE and PTTL",
        )
    skipped = max(maximum - PROVED, 0)
    if skipped:
        await probe.client.incrby(key, skipped)
    requests = maximum - skipped - 1 + TOO_MANY
    async with asyncio.TaskGroup() as tasks:
        verdicts = [
            tasks.create_task(_request(probe, clients[number % CLIENTS], key, maximum, window * 1000))
            for number in range(requests)
        ]
    allowed = 1 + sum(task.result().allowed for task in verdicts)
    probe.details |= {"requests": requests + 1, "allowed": allowed, "blocked": requests + 1 - allowed}
    probe.details |= {"maximum": maximum, "window_seconds": window}
    expected = maximum - skipped
    # Where the requests took longer than the window, a new one has begun, which may admit as many again.
    windows = 1 + int((time.monotonic() - started) // window)
    if not expected <= allowed <= expected + (windows - 1) * maximum:
        raise CheckError(
            f"{allowed + skipped} requests passed where RATE_LIMIT_MAX_REQUESTS is {maximum}",
            "check that all clients reach the same primary, and that the server does not evict (maxmemory)",
        )


async def _prove_last_place(probe: Probe, clients: list[Client], key: str) -> None:
    """Fill a window up to its last place, then let requests compete for it.

    They start together over open connections: a limiter that reads the counter before it raises it lets
    several of them pass, which a steady stream of requests shows only by chance.
    """
    maximum = probe.environment.rate_limit_max_requests
    if maximum > 1:
        await _request(probe, clients[0], key, maximum, BURST_MS)
    if maximum > 2:
        await probe.client.incrby(key, maximum - 2)
    async with asyncio.TaskGroup() as tasks:
        verdicts = [
            tasks.create_task(_request(probe, clients[number % CLIENTS], key, maximum, BURST_MS))
            for number in range(BURST)
        ]
    allowed = sum(task.result().allowed for task in verdicts)
    if allowed != 1:
        raise CheckError(
            f"{allowed} of {BURST} requests passed together where RATE_LIMIT_MAX_REQUESTS left one place",
            "check that all clients reach the same primary, and that the server does not evict (maxmemory)",
        )


async def _prove_reset(probe: Probe, clients: list[Client]) -> None:
    key = probe.key("reset")
    started = time.monotonic()
    first, second = [await _request(probe, client, key, 1, SHORT_MS) for client in clients[:2]]
    if time.monotonic() - started > SHORT_MS / 1000:
        raise CheckError(
            f"two requests took longer than a window of {SHORT_MS} ms",
            "find out why the replies are so slow: the network, the server's load, SLOWLOG GET",
        )
    await asyncio.sleep(max(second.reset_ms, 0) / 1000 + SPARE_SECONDS)
    third = await _request(probe, clients[0], key, 1, SHORT_MS)
    if (first.allowed, second.allowed, third.allowed) != (True, False, True):
        raise CheckError(
            "a window for one request did not block the second one, or blocked the first of the next window",
            "check the server's clock and version",
        )


async def _request(probe: Probe, client: Client, key: str, maximum: int, window_ms: int) -> Verdict:
    return await probe.timed(lambda: limiter.admit(client, key, maximum, window_ms))
