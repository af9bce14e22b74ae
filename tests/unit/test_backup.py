"""What needs no server: names, words, comparisons, and the providers that do it themselves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.backup import commands
from infra.backup.contents import Comparison, Count, Fingerprint, Key, compare
from infra.backup.drill import DrillReport, Keys
from infra.backup.progress import progress
from infra.backup.report import duration, print_drill, print_snapshots
from infra.backup.snapshot import MANUAL, BackupError, Snapshot, find, names

NOW = datetime(2025, 1, 4, 9, 30, tzinfo=UTC)
MARK = Fingerprint("string", -1, 5, "digest")
KEY: Key = (0, b"key")
SNAPSHOT = Snapshot("one", NOW, "6 MB", "automated")


def text_of(*, width: int = 200) -> tuple[Console, StringIO]:
    stream = StringIO()
    return Console(file=stream, width=width, highlight=False), stream


def test_names_have_the_date_then_the_time_too() -> None:
    assert list(names(MANUAL, NOW)) == [
        "mantisnxt-manual-backup-20250104",
        "mantisnxt-manual-backup-20250104-093000",
    ]


def test_an_incomplete_snapshot_is_no_answer() -> None:
    unfinished = replace(SNAPSHOT, name="two", ready=False)
    assert find("one", [unfinished, SNAPSHOT], "dev") is SNAPSHOT
    with pytest.raises(BackupError, match="two is not complete yet"):
        find("two", [unfinished, SNAPSHOT], "dev")
    with pytest.raises(BackupError, match=r"say which snapshot: make restore .*newest first: one$"):
        find(None, [unfinished, SNAPSHOT], "dev")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0.0 s"),
        (0.24, "0.2 s"),
        (59.9, "59.9 s"),
        (60, "1 min"),
        (425, "7 min 5 s"),
        (3600, "1 h"),
        (90061, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("after", "restored", "expected"),
    [
        (MARK, MARK, Comparison(1, 0, ())),
        (replace(MARK, digest="other"), MARK, Comparison(0, 1, ())),
        (Fingerprint("none", -2, 0, ""), MARK, Comparison(0, 1, ())),
        (
            MARK,
            replace(MARK, digest="x"),
            Comparison(0, 0, ("a key … of database 0: another value (of size 5 instead of 5)",)),
        ),
        (
            MARK,
            replace(MARK, expires=9),
            Comparison(0, 0, ("a key … of database 0: expires at 9 instead of -1",)),
        ),
    ],
)
def test_only_what_did_not_change_meanwhile_is_compared(
    after: Fingerprint, restored: Fingerprint, expected: Comparison
) -> None:
    assert compare({KEY: MARK}, {KEY: after}, {KEY: restored}, now=0) == expected


def test_a_key_that_has_expired_since_is_not_missing() -> None:
    mark, gone = replace(MARK, expires=100), Fingerprint("none", -2, 0, "")
    assert compare({KEY: mark}, {KEY: mark}, {KEY: gone}, now=101) == Comparison(0, 1, ())
    assert compare({KEY: mark}, {KEY: mark}, {KEY: gone}, now=99).differences


@pytest.mark.parametrize(
    ("before", "after", "restored", "changed", "complete"),
    [
        ((100, 0), (100, 0), (100, 0), 0, True),
        ((100, 0), (100, 0), (99, 0), 0, False),
        ((100, 0), (100, 0), (99, 1), 0, True),
        ((100, 0), (100, 0), (101, 0), 0, False),
        ((100, 0), (110, 0), (105, 0), 0, True),
        ((100, 0), (100, 7), (106, 0), 0, True),
        ((100, 0), (100, 0), (60, 0), 5, True),
        ((100, 0), (100, 0), (40, 0), 5, False),
    ],
)
def test_the_number_of_keys_is_exact_unless_the_application_wrote(
    before: tuple[int, int], after: tuple[int, int], restored: tuple[int, int], changed: int, complete: bool
) -> None:
    first, second, third = (Count(keys, 0, expired) for keys, expired in (before, after, restored))
    assert Keys(first, second, third, Comparison(5, changed, ())).complete is complete


def test_the_list_shows_what_is_not_complete() -> None:
    console, stream = text_of()
    print_snapshots([replace(SNAPSHOT, name="two", taken=None, ready=False), SNAPSHOT], console)
    assert "two (not complete yet)" in stream.getvalue()
    assert "unknown" in stream.getvalue()


def test_a_report_says_what_failed_and_what_was_not_compared() -> None:
    console, stream = text_of()
    second = timedelta(seconds=1)
    report = DrillReport(
        SNAPSHOT, second, 2 * second, 3 * second, None, None, "no way there", {"Port": ("6379", "")}
    )
    print_drill(report, console)
    said = stream.getvalue()
    assert "problem: Port is not set, and 6379 in the stack's own" in said
    assert "keys not compared: no way there" in said
    assert "all: there was none" in said
    assert "The drill failed." in said


def test_a_drill_without_keys_says_that_it_proves_little() -> None:
    console, stream = text_of()
    none = Count(0, 0, 0)
    second = timedelta(seconds=1)
    keys = Keys(none, none, none, Comparison(0, 0, ()))
    print_drill(DrillReport(SNAPSHOT, second, second, second, SNAPSHOT, keys, "", {}), console)
    assert "There are no keys" in stream.getvalue()


def test_without_a_terminal_progress_is_a_line_for_each_change() -> None:
    console, stream = text_of()
    with progress(console) as tell:
        for what in ("one", "one", "[two]", "one"):
            tell(what)
    assert stream.getvalue() == "one\n[two]\none\n"


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (
            {"provider": "upstash", "dashboard": "https://console.upstash.com/redis/1"},
            ["https://console.upstash.com/redis/1, tab Backups", "deletes what that has"],
        ),
        (
            {"provider": "rediscloud", "dashboard": "https://cloud.redis.io/1", "backup": "a copy to s3://b"},
            ["By itself: a copy to s3://b", "rediscloud.remoteBackup", "Import", ".rdb.gz"],
        ),
    ],
)
def test_other_providers_are_told_where(outputs: dict[str, Any], said: list[str], tmp_path: Path) -> None:
    run: list[Callable[[], int]] = [
        lambda: commands.snapshot(outputs, "staging", tmp_path),
        lambda: commands.restore(outputs, "staging", tmp_path, "x", switch=False, discard=False),
        lambda: commands.drill(outputs, "staging", tmp_path, clean=False),
    ]
    for command in run:
        with pytest.raises(BackupError) as caught:
            command()
        assert all(part in str(caught.value) for part in said)
    assert list(tmp_path.iterdir()) == []
