"""What a check works with: its own keys, measured commands, and the cleaning up."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from redis import exceptions

from infra.health.failure import Problem
from infra.health.target import Client, Target, connect
from infra.settings.environment import Environment

Value: TypeAlias = str | int | float | bool
T = TypeVar("T")

PREFIX = "mantis:check:"
AT_ONCE = 10
"""Commands in flight at the same time: small plans allow 30 connections, the application's among them."""


@dataclass
class Probe:
    """One check's view of the server."""

    target: Target
    client: Client
    stack: AsyncExitStack
    prefix: str = field(default_factory=lambda: f"{PREFIX}{secrets.token_hex(8)}:")
    seconds: list[float] = field(default_factory=list)
    """How long each operation took."""
    details: dict[str, Value] = field(default_factory=dict)
    advice: list[Problem] = field(default_factory=list)
    """What should be better although the check passes."""
    _keys: set[str] = field(default_factory=set)
    _sent: set[asyncio.Task[object]] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def environment(self) -> Environment:
        """The application's variables."""
        return self.target.environment

    def key(self, name: str) -> str:
        """A key under the check's prefix. It will be deleted, whatever happens to the check."""
        key = self.prefix + name
        self._keys.add(key)
        return key

    async def another_client(self) -> Client:
        """A further client with connections of its own, closed when the check ends."""
        client = await connect(self.target)
        self.stack.push_async_callback(client.aclose)
        return client

    async def timed(self, command: Callable[[], Awaitable[T]]) -> T:
        """Run one command and measure it; no more than AT_ONCE run at a time.

        A cancelled check stops waiting, but the command goes on: were it torn from its connection, the server
        might still carry it out after the cleaning up.
        """
        async with self._slots:
            started = time.perf_counter()
            sent: asyncio.Task[T] = asyncio.ensure_future(_await(command))
            self._sent.add(sent)
            sent.add_done_callback(self._forget)
            reply = await asyncio.shield(sent)
            self.seconds.append(time.perf_counter() - started)
        return reply

    async def delete(self, key: str) -> bool:
        """Delete a key, measured; false when it was not there."""
        deleted = await self.timed(lambda: self.client.delete(key))
        self._keys.discard(key)
        return deleted == 1

    def _forget(self, sent: asyncio.Task[object]) -> None:
        self._sent.discard(sent)
        if not sent.cancelled():
            # Whoever waited has it; asking keeps asyncio from reporting it as never retrieved.
            sent.exception()

    async def clean(self) -> None:
        """Wait for the commands on their way, then delete every key the check may have written."""
        if self._sent:
            _, late = await asyncio.wait(self._sent, timeout=self.environment.redis_command_timeout / 1000)
            for sent in late:
                sent.cancel()
        # A lost connection ends the group, a refused key does not keep the others from being deleted.
        async with asyncio.TaskGroup() as tasks:
            deletions = [tasks.create_task(self._try_to_delete(key)) for key in self._keys]
        refused = [error for task in deletions if (error := task.result())]
        if refused:
            raise ExceptionGroup("some keys could not be deleted", refused)

    async def _try_to_delete(self, key: str) -> exceptions.ResponseError | None:
        # One key a command: in a cluster they live on different nodes.
        async with self._slots:
            try:
                await self.client.delete(key)
            except exceptions.ResponseError as error:
                return error
        return None


async def _await(command: Callable[[], Awaitable[T]]) -> T:
    return await command()


@asynccontextmanager
async def open_probe(target: Target, client: Client) -> AsyncIterator[Probe]:
    """Give a check its probe and clean up after it.

    Raises:
        redis.exceptions.RedisError: the cleaning up failed; an error of the check itself comes before it.
    """
    async with AsyncExitStack() as stack:
        probe = Probe(target, client, stack)
        try:
            yield probe
        except BaseException as error:
            try:
                await probe.clean()
            except Exception as second:
                error.add_note(f"cleaning up failed too: {type(second).__name__}")
            raise
        await probe.clean()
