"""Notifications: what one connection publishes reaches every subscriber, in order."""

import asyncio
import time
from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.client import PubSub

from infra.health.failure import CheckError
from infra.health.probe import Probe
from infra.health.target import Client

SUBSCRIBERS = 2
MESSAGES = 20


async def pubsub(probe: Probe) -> None:
    """Publish messages to two subscribers. An operation is one message's way to one subscriber.

    Details: messages, subscribers.

    Raises:
        CheckError: a message was lost, changed or overtaken.
    """
    channel = probe.prefix + "channel"
    subscribers = [_subscriber(await probe.another_client(), number) for number in range(SUBSCRIBERS)]
    try:
        async with asyncio.timeout(_patience(probe)):
            for subscriber in subscribers:
                await subscriber.subscribe(channel)
                await _next(subscriber, "subscribe")
        async with asyncio.TaskGroup() as tasks:
            for subscriber in subscribers:
                tasks.create_task(_expect_all(probe, subscriber))
            for number in range(MESSAGES):
                await probe.client.publish(channel, f"{number} {time.perf_counter()}")
    finally:
        for subscriber in subscribers:
            await subscriber.aclose()  # type: ignore[no-untyped-call]
    probe.details |= {"messages": MESSAGES, "subscribers": SUBSCRIBERS}


def _subscriber(client: Client, number: int) -> PubSub:
    if isinstance(client, RedisCluster):
        # On different nodes where there are any: the nodes have to pass the messages on.
        primaries = client.get_primaries()
        return client.pubsub(node=primaries[number % len(primaries)])
    return client.pubsub()


def _patience(probe: Probe) -> float:
    """Seconds to wait for a message."""
    return probe.environment.redis_command_timeout / 1000


async def _expect_all(probe: Probe, subscriber: PubSub) -> None:
    for number in range(MESSAGES):
        try:
            async with asyncio.timeout(_patience(probe)):
                message = await _next(subscriber, "message")
        except TimeoutError:
            raise CheckError(
                f"a subscriber got {number} of {MESSAGES} messages, then nothing more",
                "check that the server does not drop slow subscribers (client-output-buffer-limit pubsub)",
            ) from None
        received, sent_at = str(message["data"]).split(" ")
        probe.seconds.append(time.perf_counter() - float(sent_at))
        if int(received) != number:
            raise CheckError(
                f"message {received} arrived where {number} was due",
                "check that no proxy between the application and Redis spreads one connection over several",
            )


async def _next(subscriber: PubSub, kind: str) -> dict[str, Any]:
    """The next message of this kind; the caller limits the waiting."""
    while True:
        message: dict[str, Any] | None = await subscriber.get_message(timeout=1.0)
        if message and message["type"] == kind:
            return message
