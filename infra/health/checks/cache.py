"""Cached responses: written with a TTL, found, and missed."""

import asyncio

from infra.health.failure import CheckError, Problem
from infra.health.probe import Probe
from infra.health.server import read_server

PRESENT = 40
ABSENT = 10
TTL_SECONDS = 60
LOW_HIT_RATE = 70.0
"""Percent of lookups below which a cache is hardly worth its place."""
ENOUGH_LOOKUPS = 1000
"""A server that has seen fewer says nothing about the application's habits."""

REVIEW_CACHE = "review the cache's TTLs, whether its keys are too fine-grained, and how much is evicted"


async def cache(probe: Probe) -> None:
    """Write responses, look them and some absent ones up. Details: hits, misses, hit rate in percent.

    Raises:
        CheckError: a hit or a miss was not one, a response came back changed, or has no TTL.
    """
    responses = {probe.key(f"cache:{number}"): f"response {number}" for number in range(PRESENT)}
    absent = [probe.key(f"cache:{PRESENT + number}") for number in range(ABSENT)]
    async with asyncio.TaskGroup() as tasks:
        for key, response in responses.items():
            tasks.create_task(_write(probe, key, response))
    ttls = [await probe.timed(lambda key=key: probe.client.ttl(key)) for key in responses]  # type: ignore[misc]
    found = {key: await _read(probe, key) for key in [*responses, *absent]}
    hits = sum(response is not None for response in found.values())
    misses = len(found) - hits
    probe.details |= {"hits": hits, "misses": misses, "hit_rate_percent": round(100 * hits / len(found), 1)}
    probe.details["ttl_seconds"] = TTL_SECONDS
    if hits != PRESENT or any(found[key] != response for key, response in responses.items()):
        raise CheckError(
            f"{hits} of {PRESENT} cached responses were found, or some came back changed",
            "check maxmemory and the eviction policy: under pressure the server throws responses away",
        )
    if not all(0 < ttl <= TTL_SECONDS for ttl in ttls):
        raise CheckError(
            "a cached response has not the TTL it was written with", "check the server's version"
        )
    await _judge_server(probe)


async def _write(probe: Probe, key: str, response: str) -> None:
    await probe.timed(lambda: probe.client.set(key, response, ex=TTL_SECONDS))


async def _read(probe: Probe, key: str) -> str | None:
    value = await probe.timed(lambda: probe.client.get(key))
    return None if value is None else str(value)


async def _judge_server(probe: Probe) -> None:
    """Look at the lookups of all clients since the server's start."""
    server = await read_server(probe.client)
    lookups = server.hits + server.misses
    if lookups < ENOUGH_LOOKUPS:
        return
    rate = round(100 * server.hits / lookups, 1)
    probe.details["server_hit_rate_percent"] = rate
    if rate < LOW_HIT_RATE:
        probe.advice.append(
            Problem(
                f"only {rate} % of all lookups on this server find their key (limit {LOW_HIT_RATE} %)",
                REVIEW_CACHE,
            )
        )
