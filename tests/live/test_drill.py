"""Recovery drills on real local servers: what they find, and that they leave nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from infra.backup import contents
from infra.backup.drill import drill
from infra.backup.local import LocalBackup
from infra.backup.provider import Database
from infra.backup.snapshot import BackupError, Snapshot
from tests.live.running import wait_until
from tests.live.stacks import Stack
from tests.servers import find_tls_server, require

ROOT = Path(__file__).parents[2]


def test_a_drill_compares_and_leaves_nothing(stack: Stack) -> None:
    stack.fill()
    kept = stack.snapshot()
    before = stack.prints()
    report = drill(stack.backup, stack.told.append)
    assert report.problems == []
    assert report.keys
    assert report.keys.before == report.keys.restored == contents.Count(9, 4, 0)
    assert report.keys.comparison == contents.Comparison(9, 0, ())
    assert report.newest == kept
    assert report.restore_took.total_seconds() > 0
    assert report.age.total_seconds() > 0
    assert stack.prints() == before
    assert stack.traces() == [f"{kept.name}.rdb"]
    assert len(stack.processes()) == 1


def test_a_drill_passes_while_the_application_writes(stack: Stack) -> None:
    stack.fill()
    done = threading.Event()

    def write() -> None:
        with stack.client() as client:
            while not done.is_set():
                client.incr("counter")
                client.set(f"new:{time.monotonic_ns()}", "x", px=200)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: contents.count(stack.backup.source()).keys > 20)
        report = drill(stack.backup, stack.told.append)
    finally:
        done.set()
        writer.join()
    assert report.problems == []
    assert report.keys
    assert report.keys.before != report.keys.after
    assert report.keys.comparison.changed > 0
    assert report.keys.comparison.same > 0


class Forgetful(LocalBackup):
    """A provider that restores badly."""

    def restore(self, snapshot: Snapshot, run: str | None = None) -> Database:
        restored = super().restore(snapshot, run)
        with restored.client() as client, restored.client(3) as third:
            client.persist("zset")
            client.srem("set", "m1")
            client.lpop("list")
            client.lpush("list", "other")
            client.delete("stream")
            client.delete("mantis:session:abc")
            client.set("hash", "a string")
            third.delete("elsewhere")
        return restored


def test_a_drill_finds_what_was_not_restored_and_names_no_session(stack: Stack) -> None:
    stack.fill()
    report = drill(Forgetful(stack.home, stack.store, "dev", stack.told.append), stack.told.append)
    text = "\n".join(report.problems)
    assert "the number of restored keys is wrong" in text
    assert "a key mantis:session:… of database 0: missing" in text
    assert "a key … of database 0: expires at -1 instead of" in text
    assert "a key … of database 0: a string instead of a hash" in text
    assert "a key … of database 0: another value (of size 699 instead of 700)" in text
    assert "a key … of database 0: another value (of size 2000 instead of 2000)" in text
    assert "a key … of database 3: missing" in text
    assert "abc" not in text
    assert stack.traces() == []


@pytest.mark.parametrize("stage", ["writing", "loading", "comparing"])
def test_a_drill_that_is_stopped_leaves_nothing(stack: Stack, stage: str) -> None:
    stack.fill()
    kept = stack.snapshot()

    def stop(text: str) -> None:
        if text.startswith(stage):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drill(LocalBackup(stack.home, stack.store, "dev", stop), stop)
    assert stack.traces() == [f"{kept.name}.rdb"]
    assert len(stack.processes()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_command_and_it_cleans_up(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C for people, SIGTERM by CI."""
    stack = Stack(tmp_path / ".local" / "dev", tmp_path / ".local-snapshots" / "dev")
    stack.up()
    try:
        stack.fill()
        script = "import pathlib; from infra.backup.commands import drill\n"
        script += f"drill({{'provider': 'local'}}, 'dev', pathlib.Path({str(tmp_path)!r}), clean=False)"
        with subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stderr
            assert any("loading the keys" in line for line in running.stderr)
            running.send_signal(number)
            said = running.stderr.read()
        assert "removing what the drill has made" in said
        assert running.returncode == -signal.SIGINT
        assert stack.traces() == []
        assert len(stack.processes()) == 1
    finally:
        stack.server.remove()


def test_what_a_killed_drill_has_left_stops_the_next_one_and_can_be_removed(stack: Stack) -> None:
    kept = stack.snapshot()
    left = stack.backup.take("mantisnxt-drill-20250104-093000-abcd", "abcd")
    stack.backup.restore(left, "abcd")
    with pytest.raises(BackupError, match=r"another drill is at work.*drill-abcd.*ARGS=--clean"):
        drill(stack.backup, stack.told.append)
    assert stack.backup.clean("another") == []
    assert len(stack.processes()) == 2
    assert sorted(stack.backup.clean()) == ["drill-abcd", f"{left.name}.rdb"]
    assert stack.traces() == [f"{kept.name}.rdb"]
    assert len(stack.processes()) == 1


def test_a_drill_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(require(find_tls_server).parent), prepend=os.pathsep)
    stack = Stack(tmp_path / "home", tmp_path / "store")
    stack.up(tls=True)
    try:
        stack.fill()
        report = drill(stack.backup, stack.told.append)
    finally:
        stack.server.remove()
    assert report.problems == []
    assert report.keys
    assert report.keys.comparison.same == 9
    assert not stack.processes()
