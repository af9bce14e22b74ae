"""What is learnt from the keys, by scans that end after so many keys and so much time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from redis import exceptions

from infra.health.metrics.ask import Node, ask, refusal
from infra.health.metrics.catalogue import COUNTERS
from infra.health.metrics.value import NotAvailable, Value
from infra.health.scan import SCAN_COUNT, pattern_of
from infra.health.target import Client

MOST_STEPS = 100
"""Steps of SCAN_COUNT keys each that a reading takes: 100,000 keys are looked at."""
MOST_SECONDS = 5.0
SAMPLED = 50
"""Keys whose TTL and size are asked for; each costs two commands, and Upstash is paid by the command."""
SAMPLE_STEPS = 10


async def count_sessions(nodes: Sequence[Node], prefix: str) -> Value:
    """Count the keys under a prefix; where the scan had to end early, an estimate from the part it saw.

    Raises:
        NotAvailable: SCAN or DBSIZE is refused.
    """
    sizes = [int(await ask(node, "DBSIZE")) for node in nodes]
    deadline = time.monotonic() + MOST_SECONDS
    found = steps = 0
    whole = True
    for node in nodes:
        cursor, names = 0, set[str]()
        for _ in range(MOST_STEPS // len(nodes)):
            steps += 1
            cursor, some = await _scan(node, cursor, SCAN_COUNT, pattern_of(prefix))
            names.update(some)
            if cursor == 0 or time.monotonic() > deadline:
                break
        found += len(names)
        whole = whole and cursor == 0
    if whole:
        return Value(found)
    looked_at = steps * SCAN_COUNT
    share = min(looked_at / max(sum(sizes), 1), 1)
    return Value(round(found / share), f"estimated from {looked_at:,} of {sum(sizes):,} keys", estimate=True)


@dataclass(frozen=True)
class Key:
    """A key that was looked at."""

    name: str
    has_ttl: bool
    size: int | None
    """Bytes; None where the server does not tell."""


@dataclass(frozen=True)
class KeySample:
    """Some of the keys, as good as chosen by chance: a scan goes by their hashes."""

    keys: Sequence[Key] = ()
    unknown: tuple[str, ...] = ()
    """What could not be learnt, and why."""


async def sample_keys(client: Client, nodes: Sequence[Node]) -> KeySample:
    """Ask some keys for their TTL and size."""
    try:
        names = [name for node in nodes for name in await _some(node, SAMPLED // len(nodes) or 1)]
    except NotAvailable as reason:
        return KeySample(unknown=(f"keys without a TTL and biggest keys: {reason}",))
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.pttl(name)
        # With a fixed number of samples: a big hash must not be weighed field by field.
        pipeline.memory_usage(name, samples=5)
    replies = await pipeline.execute(raise_on_error=False) if names else []
    lost = [reply for reply in replies if isinstance(reply, exceptions.ConnectionError)]
    if lost:
        raise lost[0]
    ttls, sizes = replies[::2], replies[1::2]
    refused = {"keys without a TTL": ("PTTL", ttls), "biggest keys": ("MEMORY USAGE", sizes)}
    unknown = [
        f"{what}: {refusal(command, error)}"
        for what, (command, answers) in refused.items()
        if (error := next((answer for answer in answers if isinstance(answer, Exception)), None))
    ]
    keys = [
        Key(name, has_ttl=ttl != -1, size=size if isinstance(size, int) else None)
        for name, ttl, size in zip(names, ttls, sizes, strict=True)
        if ttl != -2  # it is gone meanwhile
    ]
    return KeySample(keys, tuple(unknown))


async def _some(node: Node, wanted: int) -> list[str]:
    names: set[str] = set()
    cursor = 0
    for _ in range(SAMPLE_STEPS):
        cursor, some = await _scan(node, cursor, wanted, "*")
        names.update(some)
        if cursor == 0 or len(names) >= wanted:
            break
    return [name for name in sorted(names) if name not in COUNTERS.values()][:wanted]


async def _scan(node: Node, cursor: int, count: int, pattern: str) -> tuple[int, list[str]]:
    following, names = await ask(node, "SCAN", cursor, "MATCH", pattern, "COUNT", count)
    return int(following), [str(name) for name in names]


async def read_counter(client: Client, key: str) -> Value:
    """Read one of the application's counters.

    Raises:
        NotAvailable: there is none, or it is no number.
    """
    try:
        text = await client.get(key)
    except exceptions.ResponseError as error:
        raise NotAvailable(refusal("GET", error)) from None
    if text is None:
        raise NotAvailable(f"there is no key {key}")
    if not (text.isascii() and text.isdigit()):
        raise NotAvailable(f"{key} holds no number")
    return Value(int(text))
