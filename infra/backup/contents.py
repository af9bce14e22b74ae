"""What a database holds: its number of keys, and a sample of them that can be compared.

Every command reads, and each is bounded: 200 keys, and of a large value its size and its first part.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis

from infra.backup.provider import Database

SAMPLE = 200
"""Keys that are compared."""
MEMBERS = 1000
"""Members of a list, set, hash, sorted set or stream that are read; a larger set or hash has no first ones,
so only its size counts.
"""
BYTES = 2**16
"""Bytes of a string that are read."""

Key = tuple[int, bytes]
"""The number of the logical database, and the key's name."""
Sample = Mapping[Key, "Fingerprint"]


@dataclass(frozen=True)
class Count:
    """How many keys there are, in all logical databases."""

    keys: int
    with_ttl: int
    expired: int
    """Keys whose time was over when or after the server loaded its data."""


@dataclass(frozen=True)
class Fingerprint:
    """What tells whether a key is the same elsewhere."""

    kind: str
    """Its type; ``none`` where there is no such key."""
    expires: int
    """When it expires, in milliseconds since 1970; -1 if it does not."""
    size: int
    digest: str
    """Of the value, as far as it is read."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison of samples found."""

    same: int
    """Keys of the same type, value and expiry."""
    changed: int
    """Keys that the application changed in the meantime, or that have expired: they prove nothing."""
    differences: tuple[str, ...]
    """For each key that differs, in what. Of its name only the beginning: the rest may be a session's id."""


@dataclass(frozen=True)
class _Reading:
    size: tuple[str, ...]
    read: tuple[str | int, ...]
    ordered: bool = True


READINGS = {
    "string": _Reading(("STRLEN",), ("GETRANGE", 0, BYTES - 1)),
    "list": _Reading(("LLEN",), ("LRANGE", 0, MEMBERS - 1)),
    "zset": _Reading(("ZCARD",), ("ZRANGE", 0, MEMBERS - 1, "WITHSCORES")),
    "stream": _Reading(("XLEN",), ("XRANGE", "-", "+", "COUNT", MEMBERS)),
    "set": _Reading(("SCARD",), ("SMEMBERS",), ordered=False),
    "hash": _Reading(("HLEN",), ("HGETALL",), ordered=False),
}
"""How the values of each type are read. A module's own type is compared by its name and expiry only."""


def count(database: Database) -> Count:
    """Count the keys.

    Raises:
        redis.RedisError: the database cannot be reached, or refuses.
    """
    with database.client() as client:
        spaces = client.info("keyspace").values()
        info = client.info("persistence") | client.info("stats")
    return Count(
        keys=sum(space["keys"] for space in spaces),
        with_ttl=sum(space["expires"] for space in spaces),
        expired=int(info.get("rdb_last_load_keys_expired", 0)) + int(info.get("expired_keys", 0)),
    )


def sample(database: Database, limit: int = SAMPLE) -> Sample:
    """Look at some keys, from every logical database that has any.

    Raises:
        redis.RedisError: the database cannot be reached, or refuses.
    """
    with database.client() as client:
        numbers = [int(name.removeprefix("db")) for name in client.info("keyspace")]
    keys: list[Key] = []
    for number in numbers:
        with database.client(number) as client:
            found = client.scan_iter(count=limit)
            keys += [(number, key) for key in islice(found, -(-limit // len(numbers)))]
    return fingerprints(database, keys)


def fingerprints(database: Database, keys: Collection[Key]) -> Sample:
    """Look at these keys.

    Raises:
        redis.RedisError: the database cannot be reached, or refuses.
    """
    prints: dict[Key, Fingerprint] = {}
    for number in {number for number, _ in keys}:
        names = [name for other, name in keys if other == number]
        with database.client(number) as client:
            prints |= {(number, name): mark for name, mark in _look(client, names).items()}
    return prints


def _look(client: redis.Redis, names: list[bytes]) -> dict[bytes, Fingerprint]:
    kinds = [kind.decode() for kind in _ask(client, names, lambda _: ("TYPE",))]
    expiries = _ask(client, names, lambda _: ("PEXPIRETIME",))
    reading = dict(zip(names, (READINGS.get(kind) for kind in kinds), strict=True))
    known = [name for name in names if reading[name]]
    sizes = dict(zip(known, _ask(client, known, lambda name: _of(reading[name]).size), strict=True))
    read = [name for name in known if _of(reading[name]).ordered or _size(sizes[name]) <= MEMBERS]
    values = dict(zip(read, _ask(client, read, lambda name: _of(reading[name]).read), strict=True))
    return {
        name: Fingerprint(kind, int(expires), _size(sizes.get(name)), _digest(values.get(name)))
        for name, kind, expires in zip(names, kinds, expiries, strict=True)
    }


def _of(reading: _Reading | None) -> _Reading:
    assert reading, "only keys of a known type are asked for their value"
    return reading


def _ask(
    client: redis.Redis, names: list[bytes], command: Callable[[bytes], tuple[str | int, ...]]
) -> list[Any]:
    """Ask one question about every key in one round trip."""
    pipeline = client.pipeline(transaction=False)
    for name in names:
        word, *rest = command(name)
        pipeline.execute_command(word, name, *rest)  # type: ignore[no-untyped-call]
    # A key that was replaced by one of another type since the last question answers with an error.
    replies: list[Any] = pipeline.execute(raise_on_error=False)
    for reply in replies:
        if isinstance(reply, redis.RedisError) and not str(reply).startswith("WRONGTYPE"):
            raise reply
    return replies


def _size(reply: Any) -> int:
    return reply if isinstance(reply, int) else 0


def _digest(value: Any) -> str:
    if isinstance(value, dict):
        value = sorted(value.items())
    elif isinstance(value, set):
        value = sorted(value)
    return hashlib.sha256(repr(value).encode()).hexdigest()


def compare(before: Sample, after: Sample, restored: Sample, now: int) -> Comparison:
    """Compare what was restored with what the source had before and after the snapshot.

    Args:
        before: a sample of the source.
        after: the same keys of the source, when the snapshot was complete.
        restored: the same keys, restored.
        now: the time of the comparison, in milliseconds since 1970.
    """
    steady = [
        key
        for key, mark in before.items()
        if after.get(key) == mark and (mark.expires < 0 or mark.expires > now)
    ]
    differing = [(key, before[key], restored[key]) for key in steady if restored[key] != before[key]]
    return Comparison(
        same=len(steady) - len(differing),
        changed=len(before) - len(steady),
        differences=tuple(f"{_shown(key)}: {_difference(*marks)}" for key, *marks in differing),
    )


def _difference(wanted: Fingerprint, found: Fingerprint) -> str:
    if found.kind == "none":
        return "missing"
    if found.kind != wanted.kind:
        return f"a {found.kind} instead of a {wanted.kind}"
    if found.expires != wanted.expires:
        return f"expires at {found.expires} instead of {wanted.expires}"
    return f"another value (of size {found.size} instead of {wanted.size})"


def _shown(key: Key) -> str:
    number, name = key
    start, colon, _ = name.decode(errors="replace").rpartition(":")
    return f"a key {start}{colon}… of database {number}"
