"""What explains a bad figure, or will become one: slow commands, keys without a TTL, big keys."""

from collections.abc import Iterator

from infra.health.failure import Problem
from infra.health.metrics.keys import Key, KeySample
from infra.health.metrics.slow import SlowLog

BIG_BYTES = 2**20
"""A value from which on moving it holds up everybody else's commands."""
NAMED = 3
"""Keys or commands that are named in one sentence."""
SHOWN = 40
"""Characters of a key that are shown at most."""
IDENTIFIER = 16
"""A part of a key that is this long may be a session's id, with which anybody could take it over."""


def hints(slow_log: SlowLog, keys: KeySample, *, full: bool) -> Iterator[Problem]:
    """Say what was found.

    Args:
        slow_log: the latest slow commands.
        keys: some of the keys.
        full: whether memory is short, so that the biggest keys matter, however small they are.
    """
    if slow_log.commands:
        slowest = sorted(slow_log.commands, key=lambda command: -command.milliseconds)[:NAMED]
        named = ", ".join(f"{command.name} {command.milliseconds:.0f} ms" for command in slowest)
        yield Problem(
            f"slow log: {len(slow_log.commands)} of its latest commands are of the last hour: {named}",
            "read less at a time (SCAN for KEYS, HSCAN and ranges for whole values), and split large values; "
            "SLOWLOG GET shows the arguments",
        )
    eternal = [key for key in keys.keys if not key.has_ttl]
    if eternal:
        yield Problem(
            f"{len(eternal)} of {len(keys.keys)} keys looked at have no TTL: {_named(eternal)}",
            "let the application set a TTL with every key (SET with EX, EXPIRE): without one it stays",
        )
    big = [key for key in keys.keys if key.size is not None and (full or key.size >= BIG_BYTES)]
    if big:
        biggest = sorted(big, key=lambda key: -(key.size or 0))[:NAMED]
        yield Problem(
            f"the biggest of {len(keys.keys)} keys looked at: "
            + ", ".join(f"{shown(key.name)} {_size(key.size or 0)}" for key in biggest),
            "split or compress large values, and let what can be computed again expire sooner",
        )


def _named(keys: list[Key]) -> str:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return ", ".join(shown(key.name) for key in keys[:NAMED]) + more


def shown(name: str) -> str:
    """A key's name, fit to be read by others: no control characters, and long parts cut to their beginning.

    >>> shown("mantis:session:6f1c2ab09d7e4c55")
    'mantis:session:6f1c…'
    """
    parts = [part if len(part) < IDENTIFIER else f"{part[:4]}…" for part in name.split(":")]
    text = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in ":".join(parts)
    )
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 1024:.1f} KiB"
