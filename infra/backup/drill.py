"""The rehearsal of a recovery: a snapshot, a database restored beside the stack's own, a comparison."""

import math
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis

from infra.backup import contents
from infra.backup.contents import Comparison, Count, Sample
from infra.backup.provider import Backup, Database, Tell
from infra.backup.snapshot import DRILL, BackupError, Snapshot
from infra.health.endpoint import Endpoint
from infra.health.problems import explain

Look = tuple[Count, Sample]


@dataclass(frozen=True)
class Keys:
    """What the databases themselves say."""

    before: Count
    """The stack's own, before the snapshot."""
    after: Count
    """The same, when the snapshot was complete."""
    restored: Count
    comparison: Comparison

    @property
    def complete(self) -> bool:
        """Whether as many keys were restored as there were during the snapshot; exactly, if nobody wrote."""
        low, high = sorted((self.before.keys, self.after.keys))
        return low - self._moved <= self.restored.keys + self.restored.expired <= high + self._moved

    @property
    def _moved(self) -> int:
        """How many keys have come or gone during the snapshot, as far as the counts and the sample tell."""
        found = self.comparison
        sampled = found.same + found.changed + len(found.differences)
        share = found.changed / sampled if sampled else 0
        return (
            abs(self.after.keys - self.before.keys)
            + (self.after.expired - self.before.expired)
            + math.ceil(share * self.before.keys)
        )


@dataclass(frozen=True)
class DrillReport:
    """What a drill found."""

    snapshot: Snapshot
    snapshot_took: timedelta
    restore_took: timedelta
    """From the order to a database that answers: the recovery time that can be promised (RTO)."""
    age: timedelta
    """Of the snapshot's data when the restore began: what is lost of it (RPO), with a snapshot just taken."""
    newest: Snapshot | None
    """The newest snapshot that there was before: an incident just then would have cost all since."""
    keys: Keys | None
    unreachable: str
    """Why the keys could not be compared; empty if they were."""
    settings: Mapping[str, tuple[str, str]]
    """The provider's settings that differ: the stack's own and the restored one's."""

    @property
    def problems(self) -> Sequence[str]:
        """Why the drill failed; none where it passed."""
        found = [
            f"{name} is {restored or 'not set'}, and {own or 'not set'} in the stack's own"
            for name, (own, restored) in self.settings.items()
        ]
        if self.keys and not self.keys.complete:
            found.append("the number of restored keys is wrong")
        return [*found, *(self.keys.comparison.differences if self.keys else ())]


def drill(backup: Backup, tell: Tell) -> DrillReport:
    """Take a snapshot, restore it, compare, and remove both, whatever happens on the way.

    Args:
        backup: the provider's.
        tell: is told what is being done.

    Raises:
        BackupError: it cannot be done, or an earlier drill has left something.
    """
    if left := backup.leftovers():
        raise BackupError(
            f"another drill is at work, or was killed and has left {', '.join(left)}. If none is at work, "
            "remove that: make drill with ARGS=--clean"
        )
    run = secrets.token_hex(4)
    try:
        return _rehearse(backup, run, tell)
    finally:
        tell("removing what the drill has made")
        try:
            backup.clean(run)
        except BaseException:
            tell("something of the drill is left; make drill with ARGS=--clean removes it")
            raise


def _rehearse(backup: Backup, run: str, tell: Tell) -> DrillReport:
    newest = next((one for one in backup.snapshots() if one.ready), None)
    source = backup.source()
    tell("counting the keys")
    seen, unreachable = _try_to_look(source)
    asked = datetime.now(UTC)
    started = time.monotonic()
    snapshot = backup.take(f"{DRILL}{asked:%Y%m%d-%H%M%S}-{run}", run)
    taken = time.monotonic()
    seen_again = seen and _look_again(source, seen)
    begun, restoring = datetime.now(UTC), time.monotonic()
    restored = backup.restore(snapshot, run)
    answering = time.monotonic()
    tell("comparing")
    own, other = backup.settings(source), backup.settings(restored)
    return DrillReport(
        snapshot=snapshot,
        snapshot_took=timedelta(seconds=taken - started),
        restore_took=timedelta(seconds=answering - restoring),
        # Where the provider does not tell the time of the data, it is not before we asked for it.
        age=begun - (snapshot.taken or asked),
        newest=newest,
        keys=_compare(seen, seen_again, restored) if seen and seen_again else None,
        unreachable=unreachable,
        settings={
            name: (own.get(name, ""), other.get(name, ""))
            for name in sorted({*own, *other})
            if own.get(name) != other.get(name)
        },
    )


def _try_to_look(source: Database) -> tuple[Look | None, str]:
    """Look at the source; or say why it cannot be reached, which is no fault where it lives in a VPC."""
    try:
        return (contents.count(source), contents.sample(source)), ""
    except (redis.ConnectionError, redis.TimeoutError) as error:
        problem = explain(error, Endpoint.parse(source.url))
        return None, problem.cause


def _look_again(database: Database, look: Look) -> Look:
    """Look at the same keys, here or in another database."""
    return contents.count(database), contents.fingerprints(database, look[1].keys())


def _compare(before: Look, after: Look, restored: Database) -> Keys:
    found = _look_again(restored, before)
    comparison = contents.compare(before[1], after[1], found[1], time.time_ns() // 1_000_000)
    return Keys(before[0], after[0], found[0], comparison)
