"""The state of the dev stack when it does not fit what is there: the next run finds its way."""

import json
import subprocess
import time

import psutil

from tests.engine.project import Project


def test_a_run_that_was_killed_is_taken_over(running: Project) -> None:
    running.configure(maxMemoryMb=128)
    with psutil.Popen(running.command("up"), cwd=running.folder, stdout=subprocess.DEVNULL) as killed:
        while not running.locks() and killed.poll() is None:
            time.sleep(0.01)
        for process in killed.children(recursive=True):  # as when the machine loses its power
            process.kill()
    text = running.make("up")
    assert "An earlier run was killed" in text
    assert running.locks() == []
    assert running.client().config_get("maxmemory")["maxmemory"] == str(128 * 2**20)
    assert running.client().get("kept") == "yes"


def test_secrets_in_the_config_outlive_a_destruction(running: Project) -> None:
    """Their passphrase is kept: nobody could read them without it."""
    running.pulumi("config", "set", "--secret", "--path", "local.maxMemoryMb", "99")
    running.make("down")
    running.make("up")
    assert running.client().config_get("maxmemory")["maxmemory"] == str(99 * 2**20)
    running.configure()


def test_a_salt_of_another_checkout_is_no_obstacle(running: Project) -> None:
    """The engine leaves one in the committed config when it is run by hand, and somebody may commit it."""
    running.up()
    config = running.folder / "Pulumi.dev.yaml"
    assert "encryptionsalt" in config.read_text()
    running.make("down")
    running.make("up")
    assert running.client().ping()


def test_a_server_that_the_state_forgot_is_taken_over(running: Project) -> None:
    """As after an answer of the provider that never reached the state."""
    state = json.loads(running.pulumi("stack", "export"))
    [urn] = [r["urn"] for r in state["deployment"]["resources"] if r["type"] == "redis-local:index:Server"]
    before = running.server().pid
    running.pulumi("state", "delete", urn, "--yes")
    running.up()
    assert running.server().pid == before
    assert running.client().get("kept") == "yes"
