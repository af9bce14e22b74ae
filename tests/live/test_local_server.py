"""The local provider's server without the engine: every way from one state to another."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.providers.local import process
from infra.providers.local.errors import LocalRedisError
from infra.providers.local.server import Server
from infra.settings import EvictionPolicy, LocalSettings
from tests.servers import free_port, wait_until_written


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server in a folder whose name takes care to tell Redis, with a key that stays and one that ends."""
    server = Server(tmp_path / 'it\'s a "folder" [x]*? \\ ü')
    try:
        record = server.apply(LocalSettings(port=free_port()))
        with server.client(record) as client:
            client.set("kept", "yes")
            client.set("short", "lived", ex=1000)
        yield server
    finally:
        server.remove()


def settings(server: Server) -> LocalSettings:
    record = server.record()
    assert record
    return record.settings


def change(server: Server, **changes: object) -> None:
    server.apply(settings(server).model_copy(update=changes))


def kill(server: Server) -> None:
    found, record = process.find(server.directory), server.record()
    assert found
    assert record
    wait_until_written(server.client(record))
    found.kill()
    psutil.wait_procs([found])


def assert_data_is_there(server: Server) -> None:
    record = server.record()
    assert record
    with server.client(record) as client:
        assert client.get("kept") == "yes"
        ttl = client.ttl("short")
        assert isinstance(ttl, int)
        assert 0 < ttl <= 1000


@pytest.mark.parametrize("dead", [False, True], ids=["alive", "killed"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"port": 0}, {"persistence": False}, {"port": 0, "persistence": False}, {"max_memory_mb": 32}],
    ids=lambda changes: ",".join(changes) or "nothing",
)
def test_no_change_loses_data(server: Server, changes: dict[str, object], dead: bool) -> None:
    if dead:
        kill(server)
    change(
        server, **{key: value or free_port() if key == "port" else value for key, value in changes.items()}
    )
    assert server.observe() == settings(server)
    assert_data_is_there(server)


@pytest.mark.parametrize("port_too", [False, True])
def test_persistence_comes_back_with_what_was_only_in_memory(server: Server, port_too: bool) -> None:
    change(server, persistence=False)
    change(server, port=free_port())
    assert_data_is_there(server)
    change(server, persistence=True, **({"port": free_port()} if port_too else {}))
    kill(server)
    change(server)
    assert_data_is_there(server)


def test_without_persistence_a_crash_brings_nothing_old_back(server: Server) -> None:
    """A session that was ended must not live again because an old file still knew it."""
    change(server, persistence=False)
    change(server, port=free_port())
    kill(server)
    change(server)
    record = server.record()
    assert record
    assert server.client(record).dbsize() == 0


def test_a_server_that_cannot_start_says_why_in_its_own_words(server: Server) -> None:
    kill(server)
    [manifest] = server.directory.glob("appendonlydir/*.manifest")
    good = manifest.read_text()
    manifest.write_text("this is no manifest\n")
    with pytest.raises(LocalRedisError, match=r"did not start.*exit code 1(.|\n)*manifest"):
        change(server)
    assert process.find(server.directory) is None
    manifest.write_text(good)
    change(server)
    assert_data_is_there(server)


def test_a_first_start_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "redis-server"
    broken.write_text("#!/bin/sh\necho '# a bad day'\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    server = Server(tmp_path / "redis")
    with pytest.raises(LocalRedisError, match=r"exit code 3(.|\n)*a bad day"):
        server.apply(LocalSettings(port=free_port()))
    assert not server.directory.exists()


def test_a_folder_deleted_under_the_server_is_made_again_with_its_password(server: Server) -> None:
    before = server.record()
    assert before
    for path in sorted(server.directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    after = server.apply(before.settings, before.password)
    assert after.password == before.password
    assert server.is_running()


def test_a_server_with_another_password_is_not_taken_for_ours(server: Server) -> None:
    record = server.record()
    assert record
    server.client(record).config_set("requirepass", "set by hand")
    assert not server.is_running()
    change(server)
    assert_data_is_there(server)


def test_a_process_with_our_config_on_its_command_line_is_not_enough(server: Server) -> None:
    """Somebody who reads our config is not our server."""
    kill(server)
    with psutil.Popen(["cat", process.READ_STDIN], cwd=server.directory, stdin=subprocess.PIPE) as reader:
        assert process.find(server.directory) is None
        server.remove()
        assert reader.is_running()
        reader.kill()


def test_another_folders_server_is_not_ours(server: Server, tmp_path: Path) -> None:
    other = Server(tmp_path / "other")
    assert process.find(other.directory) is None
    other.remove()
    assert server.is_running()


def test_a_moved_folder_takes_its_running_server_along(server: Server, tmp_path: Path) -> None:
    before = process.find(server.directory)
    moved = Server(server.directory.rename(tmp_path / "moved"))
    assert process.find(moved.directory) == before
    moved.apply(settings(moved).model_copy(update={"port": free_port()}))
    assert_data_is_there(moved)
    moved.remove()
    assert not moved.directory.exists()


@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru"])
def test_no_limit_evicts_data(server: Server, policy: str) -> None:
    record = server.record()
    assert record
    with server.client(record) as client:
        for number in range(40):
            client.set(f"big:{number}", "x" * 2**19)
        with pytest.raises(LocalRedisError, match=r"the data takes 2\d MiB.*local.maxMemoryMb: 10"):
            change(server, max_memory_mb=10, eviction_policy=EvictionPolicy(policy))
        assert client.dbsize() == 42
        assert server.observe() == record.settings
        kill(server)
        with pytest.raises(LocalRedisError, match="would evict"):
            change(server, max_memory_mb=10, port=free_port())
        change(server)
    assert_data_is_there(server)


def test_a_damaged_record_is_named_and_does_not_keep_the_server_from_being_removed(server: Server) -> None:
    (server.directory / "record.json").write_text("{")
    with pytest.raises(LocalRedisError, match=r"record.json cannot be read.*make down, then make up"):
        server.apply(LocalSettings())
    server.remove()
    assert not server.directory.exists()


def test_nothing_but_the_loopback_address_is_open(server: Server) -> None:
    found = process.find(server.directory)
    assert found
    listening = [c.laddr[0] for c in found.net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening == [process.HOST]
