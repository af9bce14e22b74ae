"""The simplest round trip."""

import secrets

from infra.health.failure import CheckError, Problem
from infra.health.probe import Probe
from infra.health.problems import FREE_MEMORY
from infra.health.server import read_server

KEY_SECONDS = 60
FULL_PERCENT = 80.0
"""Share of maxmemory in use from which on it is time to act."""


async def ping(probe: Probe) -> None:
    """PING, then write, read and delete one value. Details: version, role, memory in use.

    Raises:
        CheckError: the value came back changed, or was not there to be deleted.
    """
    client, key, value = probe.client, probe.key("ping"), secrets.token_hex(16)
    await probe.timed(client.ping)
    await probe.timed(lambda: client.set(key, value, ex=KEY_SECONDS))
    found = await probe.timed(lambda: client.get(key))
    if found != value:
        raise CheckError(
            "a value that was just written " + ("is gone" if found is None else "came back changed"),
            "check that the server does not evict at once (maxmemory) and that REDIS_URL names the primary",
        )
    if not await probe.delete(key):
        raise CheckError(
            "a value that was just read could not be deleted", "check the server's memory and log"
        )
    server = await read_server(client)
    probe.details |= {"software": server.software, "version": server.version, "role": server.role}
    probe.details["memory_used_bytes"] = server.memory_used
    if server.memory_limit:
        percent = round(100 * server.memory_used / server.memory_limit, 1)
        probe.details["memory_used_percent"] = percent
        if percent > FULL_PERCENT:
            probe.advice.append(
                Problem(f"{percent} % of the memory is in use (limit {FULL_PERCENT} %)", FREE_MEMORY)
            )
