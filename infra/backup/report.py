"""What the commands print."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.backup.contents import Count
from infra.backup.drill import DrillReport, Keys
from infra.backup.snapshot import Snapshot


def duration(time: timedelta) -> str:
    """A time as a person reads it: two units at most.

    >>> duration(timedelta(seconds=0.2)), duration(timedelta(minutes=7, seconds=5))
    ('0.2 s', '7 min 5 s')
    """
    seconds = time.total_seconds()
    if seconds < 60:
        return f"{max(seconds, 0.0):.1f} s"
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    parts = [(days, "d"), (hour, "h"), (minute, "min"), (second, "s")]
    first = next(index for index, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)


def age(snapshot: Snapshot, now: datetime) -> str:
    """How old a snapshot's data is."""
    return duration(now - snapshot.taken) if snapshot.taken else "unknown"


def print_snapshots(snapshots: Sequence[Snapshot], console: Console) -> None:
    """Print a line for each snapshot."""
    table = Table("snapshot", "source")
    for heading in ("age", "size"):
        table.add_column(heading, justify="right")
    now = datetime.now(UTC)
    for snapshot in snapshots:
        name = (
            Text(snapshot.name) if snapshot.ready else Text(f"{snapshot.name} (not complete yet)", "yellow")
        )
        table.add_row(name, snapshot.source, age(snapshot, now), snapshot.size)
    console.print(table)


def counted(count: Count) -> str:
    """The number of keys in words."""
    expired = f"; {count.expired} had expired since" if count.expired else ""
    return f"{count.keys} keys, {count.with_ttl} of them with a TTL{expired}"


def print_drill(report: DrillReport, console: Console) -> None:
    """Print what a drill found, then its problems."""
    now = datetime.now(UTC)
    table = Table("drill", "found")
    table.add_row("snapshot taken in", duration(report.snapshot_took))
    table.add_row("restored in (RTO)", duration(report.restore_took))
    table.add_row("data lost, with this snapshot (RPO)", duration(report.age))
    newest = report.newest
    table.add_row(
        "data lost, with the newest one that there was before",
        f"{age(newest, now)} ({newest.name})" if newest else Text("all: there was none", "yellow"),
    )
    for name, found in _compared(report.keys) if report.keys else ():
        table.add_row(name, found)
    console.print(table)
    if report.keys and not report.keys.before.keys:
        console.print(Text("There are no keys: this says nothing about their restoration.", "yellow"))
    for problem in report.problems:
        console.print(Text.assemble(("problem: ", "bold red"), problem), soft_wrap=True)
    if report.unreachable:
        console.print(
            Text.assemble(
                ("keys not compared: ", "yellow"),
                f"{report.unreachable}. Only the settings that the provider tells were. To compare the keys, "
                "too, run it from where the application runs.",
            ),
            soft_wrap=True,
        )
    verdict = Text("The drill failed.", "bold red") if report.problems else Text("The drill passed.", "green")
    console.print(verdict, Text("What it made is removed."))


def _compared(keys: Keys) -> list[tuple[str, str]]:
    sampled = keys.comparison
    changed = f"; {sampled.changed} more were changed or expired meanwhile" if sampled.changed else ""
    during = "" if keys.before.keys == keys.after.keys else f", {keys.after.keys} after it"
    return [
        ("keys before the snapshot", f"{keys.before.keys}{during}"),
        ("keys restored", counted(keys.restored)),
        ("sampled keys with the same type, value and expiry", f"{sampled.same}{changed}"),
        ("sampled keys that differ", str(len(sampled.differences))),
    ]
