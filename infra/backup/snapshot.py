"""Snapshots and their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

MANUAL, BEFORE_SWITCH, DRILL = "mantisnxt-manual-backup-", "mantisnxt-before-switch-", "mantisnxt-drill-"
"""What the names of our snapshots begin with, by the reason why they were taken."""


class BackupError(Exception):
    """It cannot be done; the message says why and what to do."""


class NameTakenError(BackupError):
    """There is a snapshot of this name."""


@dataclass(frozen=True)
class Snapshot:
    """A copy of all data at one moment."""

    name: str
    taken: datetime | None
    """From when the data is, with a time zone; None where the provider does not tell (yet)."""
    size: str
    """As a person reads it."""
    source: str
    """Who took it: ``manual``, or ``automated`` where the provider does so by a schedule."""
    ready: bool = True
    """Whether it is complete."""


def names(prefix: str, now: datetime) -> Iterator[str]:
    """The names to try for a new snapshot: with the date, and for a second one on a day with the time, too.

    >>> list(names(MANUAL, datetime(2025, 1, 4, 9, 30)))
    ['mantisnxt-manual-backup-20250104', 'mantisnxt-manual-backup-20250104-093000']
    """
    yield f"{prefix}{now:%Y%m%d}"
    yield f"{prefix}{now:%Y%m%d-%H%M%S}"


def find(name: str | None, snapshots: Sequence[Snapshot], stack: str) -> Snapshot:
    """The snapshot of this name.

    Raises:
        BackupError: no name was given, there is no such snapshot, or it is not complete; the message names
            those that exist.
    """
    for snapshot in snapshots:
        if snapshot.name == name:
            if snapshot.ready:
                return snapshot
            raise BackupError(
                f"the snapshot {name} is not complete yet: try again when make snapshot lists it"
            )
    there = ", ".join(snapshot.name for snapshot in snapshots if snapshot.ready)
    exist = (
        f"there are, newest first: {there}" if there else f"there is none yet: make snapshot STACK={stack}"
    )
    if name is None:
        raise BackupError(f"say which snapshot: make restore STACK={stack} ARGS=<name>; {exist}")
    raise BackupError(f"stack {stack} has no snapshot {name!r}; {exist}")
