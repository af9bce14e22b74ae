"""Snapshots of real local servers: taken, restored, switched to; and what can go wrong."""

import stat

import psutil
import pytest

from infra.backup import contents
from infra.backup.drill import drill
from infra.backup.local import LocalBackup
from infra.backup.provider import take_named
from infra.backup.snapshot import BEFORE_SWITCH, MANUAL, BackupError, NameTakenError, find
from infra.providers.local import process
from tests.live.running import wait_until
from tests.live.stacks import NOW, Stack
from tests.servers import wait_until_written

SLOW = 100_000
"""Microseconds that a slowed-down server takes to save one key."""


def test_every_key_and_its_ttl_survives_the_destruction_of_the_server(stack: Stack) -> None:
    stack.fill()
    before = stack.prints()
    assert {mark.kind for mark in before.values()} == {*contents.READINGS}
    assert len({mark.expires for mark in before.values()}) == 5
    taken = stack.snapshot()
    stack.server.remove()
    assert stack.processes() == []
    stack.up()
    assert stack.prints() == {}
    restored = stack.backup.restore(taken)
    assert stack.prints(restored) == before
    assert stack.prints() == {}
    assert stack.backup.switch() == "The server of stack dev has the restored data. It was empty before."
    assert stack.prints() == before
    assert stack.traces() == [f"{taken.name}.rdb"]
    wait_until_written(stack.server.client(stack.record))
    stack.kill()
    stack.server.apply(stack.record.settings)
    assert stack.prints() == before


def test_what_has_expired_since_the_snapshot_stays_away(stack: Stack) -> None:
    with stack.client() as client:
        client.set("short", "lived", px=300)
        client.set("kept", "yes")
        taken = stack.snapshot()
        wait_until(lambda: not client.exists("short"))
    count = contents.count(stack.backup.restore(taken))
    assert (count.keys, count.expired) == (1, 1)


def test_a_snapshot_has_the_guides_name_and_is_its_owners_alone(stack: Stack) -> None:
    stack.fill()
    first = stack.snapshot()
    second = stack.snapshot()
    assert first.name == "mantisnxt-manual-backup-20250104"
    assert second.name == "mantisnxt-manual-backup-20250104-093000"
    with pytest.raises(NameTakenError):
        stack.snapshot()
    assert [one.name for one in stack.backup.snapshots()] == [second.name, first.name]
    assert stat.S_IMODE(stack.store.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in stack.store.iterdir()} == {0o600}
    password = stack.record.password.encode()
    assert not any(password in path.read_bytes() for path in stack.store.iterdir())


def test_a_restored_server_has_the_settings_and_the_password_of_the_stacks(stack: Stack) -> None:
    stack.server.apply(stack.record.settings.model_copy(update={"max_memory_mb": 32, "persistence": False}))
    with stack.client() as client:
        client.set("kept", "yes")
    restored = stack.backup.restore(stack.snapshot())
    assert stack.backup.settings(restored) == stack.backup.settings(stack.backup.source())
    assert restored.password == stack.record.password
    assert restored.password not in repr(restored)
    assert restored.password not in " ".join(stack.told)
    assert str(restored.port) in stack.backup.how_to_switch(stack.backup.snapshots()[0], restored)
    for one in stack.processes():
        assert restored.password not in " ".join(one.cmdline())
    files = [path for path in (stack.home / "restored").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_snapshot_of_a_volatile_server_does_not_come_back_after_a_crash(stack: Stack) -> None:
    stack.server.apply(stack.record.settings.model_copy(update={"persistence": False}))
    with stack.client() as client:
        client.set("ended", "session")
    stack.snapshot()
    stack.kill()
    stack.server.apply(stack.record.settings)
    assert stack.prints() == {}


def test_a_switch_keeps_what_the_server_had_in_a_snapshot(stack: Stack) -> None:
    with stack.client() as client:
        client.set("old", "1")
        old = stack.snapshot()
        client.delete("old")
        client.set("new", "2")
    stack.backup.restore(old)
    said = stack.backup.switch()
    with stack.client() as client:
        assert client.keys() == [b"old"]
    [kept] = [one for one in stack.backup.snapshots() if one.name.startswith(BEFORE_SWITCH)]
    assert kept.name in said
    stack.backup.restore(kept)
    stack.backup.switch()
    with stack.client() as client:
        assert client.keys() == [b"new"]


def test_a_switch_that_does_not_fit_leaves_the_server_as_it_was(stack: Stack) -> None:
    with stack.client() as client:
        for number in range(40):
            client.set(f"big:{number}", "x" * 2**19)
        big = stack.snapshot()
        client.flushall()
        client.set("small", "1")
    stack.backup.restore(big)
    stack.server.apply(stack.record.settings.model_copy(update={"max_memory_mb": 10}))
    with pytest.raises(
        BackupError, match=r"not put in place: .*takes 2\d MiB(.|\n)*What it had before is in"
    ):
        stack.backup.switch()
    with stack.client() as client:
        assert client.keys() == [b"small"]
        assert client.config_get("maxmemory")["maxmemory"] == str(10 * 2**20)
        assert client.config_get("appendonly")["appendonly"] == "yes"
    stack.server.apply(stack.record.settings.model_copy(update={"max_memory_mb": 64}))
    stack.backup.switch()
    assert contents.count(stack.backup.source()).keys == 40


def test_a_second_restored_server_is_not_started_and_the_first_one_can_be_removed(stack: Stack) -> None:
    taken = stack.snapshot()
    stack.backup.restore(taken)
    with pytest.raises(BackupError, match=r"has a restored server already.*--switch.*--discard"):
        stack.backup.restore(taken)
    stack.backup.discard()
    assert len(stack.processes()) == 1
    assert stack.traces() == [f"{taken.name}.rdb"]
    for refused in (stack.backup.discard, stack.backup.switch):
        with pytest.raises(BackupError, match="no restored server"):
            refused()


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_damaged_snapshot_is_refused_and_leaves_nothing(stack: Stack, damage: str) -> None:
    stack.fill()
    before = stack.prints()
    taken = stack.snapshot()
    path = stack.store / f"{taken.name}.rdb"
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "other": b"no such thing"}[damage])
    with pytest.raises(
        BackupError, match=f"{taken.name} cannot be restored, and the stack's own server is as"
    ):
        stack.backup.restore(taken)
    assert stack.prints() == before
    assert stack.traces() == [path.name]
    assert len(stack.processes()) == 1


def test_an_unknown_name_is_answered_with_those_that_exist(stack: Stack) -> None:
    with pytest.raises(BackupError, match="there is none yet: make snapshot STACK=dev"):
        find("x", stack.backup.snapshots(), "dev")
    taken = stack.snapshot()
    with pytest.raises(BackupError, match=f"no snapshot 'x'; there are, newest first: {taken.name}"):
        find("x", stack.backup.snapshots(), "dev")


def test_a_dead_server_is_told(stack: Stack) -> None:
    stack.kill()
    for refused in (lambda: stack.snapshot(), lambda: drill(stack.backup, stack.told.append)):
        with pytest.raises(BackupError, match="the server of stack dev is not running: make up STACK=dev"):
            refused()
    assert stack.traces() == []


@pytest.mark.parametrize("victim", ["server", "child"])
def test_a_save_that_is_killed_leaves_nothing(stack: Stack, victim: str) -> None:
    stack.fill()
    with stack.client() as client:
        client.config_set("rdb-key-save-delay", SLOW)
    killed: list[psutil.Process] = []

    def kill(text: str) -> None:
        found = process.find(stack.home / "redis")
        if text.startswith("writing") and not killed and found:
            children = found.children()
            killed.extend([found, *children] if victim == "server" else children)
            for one in killed:
                one.kill()

    said = "was lost while it wrote" if victim == "server" else "could not write the snapshot"
    backup = LocalBackup(stack.home, stack.store, "dev", kill)
    with pytest.raises(BackupError, match=said):
        take_named(backup, MANUAL, NOW)
    assert killed
    assert stack.traces() == []


def test_a_save_that_is_stopped_leaves_nothing(stack: Stack) -> None:
    stack.fill()
    with stack.client() as client:
        client.config_set("rdb-key-save-delay", SLOW // 5)

    def stop(text: str) -> None:
        if text.startswith("writing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_named(LocalBackup(stack.home, stack.store, "dev", stop), MANUAL, NOW)
    assert stack.traces() == []
    with stack.client() as client:
        assert client.info("persistence")["rdb_bgsave_in_progress"] == 0
    assert not (stack.home / "redis" / "dump.rdb").exists()


def test_a_save_waits_for_one_that_is_at_work(stack: Stack) -> None:
    stack.fill()
    with stack.client() as client:
        client.config_set("rdb-key-save-delay", SLOW // 5)
        client.bgsave()
        client.config_set("rdb-key-save-delay", 0)
        client.set("written", "since")
    restored = stack.backup.restore(stack.snapshot())
    assert "waiting for another save of the server" in stack.told
    with restored.client() as client:
        assert client.get("written") == b"since"


def test_a_destroyed_stack_leaves_no_server_beside_it(stack: Stack) -> None:
    taken = stack.snapshot()
    stack.backup.restore(taken)
    stack.backup.restore(taken, "abcd")
    stack.server.remove()
    stack.backup.forget_servers()
    assert stack.processes() == []
    assert not stack.home.exists()
    assert [one.name for one in stack.backup.snapshots()] == [taken.name]
