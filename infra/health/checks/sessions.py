"""Sessions, as the application keeps them: one string a session, with a TTL."""

import asyncio
import json
import secrets
from dataclasses import dataclass

from infra.health.failure import CheckError
from infra.health.probe import Probe
from infra.health.scan import SCAN_COUNT, pattern_of

AT_ONCE = 100
"""Sessions that are created together."""
SHORT_MS = 1000
"""Life of the session that proves the expiry; SESSION_TTL would let the check wait for a day."""
SPARE_SECONDS = 0.1


@dataclass(frozen=True)
class _Store:
    probe: Probe

    @property
    def prefix(self) -> str:
        return self.probe.prefix + self.probe.environment.session_prefix

    def key(self, session: str) -> str:
        return self.probe.key(self.probe.environment.session_prefix + session)

    async def create(self, session: str, milliseconds: int) -> None:
        key, value = self.key(session), json.dumps({"session": session})
        await self.probe.timed(lambda: self.probe.client.set(key, value, px=milliseconds))

    async def read(self, session: str) -> str | None:
        key = self.key(session)
        value = await self.probe.timed(lambda: self.probe.client.get(key))
        return None if value is None else str(json.loads(value)["session"])

    async def remaining(self, session: str) -> int:
        """Milliseconds to live; negative without a TTL or without a session."""
        key = self.key(session)
        return int(await self.probe.timed(lambda: self.probe.client.pttl(key)))

    async def live_on(self, session: str, milliseconds: int) -> bool:
        """Let a session live this long from now; false when there is none."""
        key = self.key(session)
        return bool(await self.probe.timed(lambda: self.probe.client.pexpire(key, milliseconds)))

    async def destroy(self, session: str) -> bool:
        return await self.probe.delete(self.key(session))

    async def list(self) -> set[str]:
        """Every session, in a cluster from all primaries.

        SCAN goes over the whole database in steps, so that it never holds the server up, as KEYS does.
        """
        keys = self.probe.client.scan_iter(match=pattern_of(self.prefix), count=SCAN_COUNT)
        return {str(key).removeprefix(self.prefix) async for key in keys}


async def sessions(probe: Probe) -> None:
    """Create, read, touch, expire, list and destroy sessions, many of them together.

    Ordinary sessions get SESSION_TTL. Details: how many were created, listed and had expired.

    Raises:
        CheckError: a session was lost, kept too long, changed, or not listed.
    """
    store = _Store(probe)
    ttl = probe.environment.session_ttl * 1000
    short = secrets.token_hex(16)
    await store.create(short, SHORT_MS)
    expired_at = asyncio.get_running_loop().time() + SHORT_MS / 1000 + SPARE_SECONDS
    many = {secrets.token_hex(16) for _ in range(AT_ONCE)}
    async with asyncio.TaskGroup() as tasks:
        for session in many:
            tasks.create_task(store.create(session, ttl))
    await _prove_touch(store, next(iter(many)), ttl)
    for session in many:
        await _prove_kept(store, session)
    await asyncio.sleep(expired_at - asyncio.get_running_loop().time())
    if await store.read(short) is not None:
        raise CheckError(
            f"a session outlived its TTL of {SHORT_MS} ms", "check the server's clock and version"
        )
    await _prove_listed_and_destroyed(store, many)
    probe.details |= {"created": AT_ONCE + 1, "listed": AT_ONCE, "expired": 1, "ttl_seconds": ttl // 1000}


async def _prove_kept(store: _Store, session: str) -> None:
    if await store.read(session) != session:
        raise CheckError(
            "a session was lost or changed before its TTL was over",
            "check maxmemory and the eviction policy: under pressure the server throws sessions away",
        )


async def _prove_touch(store: _Store, session: str, ttl: int) -> None:
    """Age a session to half its life, use it, and expect a whole life again."""
    await store.live_on(session, ttl // 2)
    touched = await store.live_on(session, ttl)
    remaining = await store.remaining(session)
    if not (touched and ttl // 2 < remaining <= ttl):
        raise CheckError(
            f"using a session left it {remaining} ms to live, not SESSION_TTL's {ttl} ms",
            "check SESSION_TTL and the server's eviction policy",
        )


async def _prove_listed_and_destroyed(store: _Store, expected: set[str]) -> None:
    listed = await store.list()
    if listed != expected:
        raise CheckError(
            f"{len(listed)} sessions are listed where there are {len(expected)}",
            "check that SCAN is allowed, and in a cluster that every primary can be reached",
        )
    async with asyncio.TaskGroup() as tasks:
        destroyed = [tasks.create_task(store.destroy(session)) for session in expected]
    if not all(task.result() for task in destroyed) or await store.list():
        raise CheckError("a destroyed session is still there", "check that REDIS_URL names the primary")
