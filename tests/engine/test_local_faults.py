"""The local Redis when something is wrong: nothing is lost, and the user reads why."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.engine.project import Project
from tests.servers import free_port, has_tls


def test_a_killed_server_is_drift_and_comes_back_with_its_data(running: Project) -> None:
    running.kill_server()
    assert "1 to update" in running.make("preview")
    assert 'status: "running" => "stopped"' in running.pulumi("refresh", "--yes", "--diff")
    assert '"stopped" => "running"' in running.pulumi("preview", "--diff")
    running.up()
    assert running.client().get("kept") == "yes"


def test_a_taken_port_is_refused_and_the_server_goes_on(running: Project) -> None:
    before, old = running.server().pid, running.local["port"]
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        running.configure(port=port)
        text = running.up(code=1)
    running.configure(port=old)
    assert f"port {port} on 127.0.0.1 is taken by" in text
    assert "local.port" in text
    assert running.server().pid == before
    assert running.client().get("kept") == "yes"


def test_bad_config_lists_every_problem_and_changes_nothing(running: Project) -> None:
    before = running.server().pid
    running.write_config(
        {"provider": "local", "local": {"port": "x", "maxMemory": 1}, "environment": {"redisDb": 16}}
    )
    text = running.up(code=1)
    running.configure()
    for problem in (
        "3 problems in the configuration of stack 'dev'",
        "mantisnxt-redis:environment.redisDb = 16: Input should be less than or equal to 15",
        "mantisnxt-redis:local.maxMemory = 1: unknown key; did you mean maxMemoryMb?",
        'mantisnxt-redis:local.port = "x": Input should be a valid integer',
        "Edit Pulumi.dev.yaml",
    ):
        assert problem in text
    assert running.server().pid == before
    assert running.client().get("kept") == "yes"


def test_what_is_not_ours_is_left_alone(running: Project) -> None:
    """A second server with the same program, and a foreign file in our folder, outlive the destruction."""
    foreign = running.server_folder / "notes.txt"
    foreign.write_text("mine")
    command = [running.server().cmdline()[0], "--port", str(free_port()), "--save", ""]
    other = subprocess.Popen(command, cwd=running.folder, stdout=subprocess.DEVNULL)
    try:
        running.make("down")
        assert running.servers() == []
        assert other.poll() is None
        assert foreign.read_text() == "mine"
        text = running.make("up", code=1)
        assert "has files that this project did not make" in text
        assert running.servers() == []
        assert foreign.read_text() == "mine"
    finally:
        other.kill()
        other.wait()
        foreign.unlink()


def test_without_tls_in_the_server_the_old_one_goes_on(running: Project) -> None:
    if has_tls(Path(running.server().cmdline()[0])):
        pytest.skip("the server that a user gets here has TLS: test_local_tls.py goes further")
    running.configure(tls=True)
    text = running.up(code=1)
    running.configure(tls=False)
    assert "was built without TLS" in text
    assert "The server runs again with its former settings" in text
    assert running.client().get("kept") == "yes"


def test_check_of_a_dead_server_fails_with_the_reason(running: Project) -> None:
    running.make("check")
    running.kill_server()
    assert "ECONNREFUSED" in running.make("check", "ping", code=1)
