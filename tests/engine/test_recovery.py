"""What the engine cannot finish by itself, and whether the way out that the user is told leads out."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.cloud.memory import Call, Thing
from tests.engine.cloud.wire import Properties
from tests.engine.scenarios import assert_in_step, assert_nothing_to_do
from tests.engine.stack import CloudStack, cloud_stack

DATABASE = "redis-database"
UPSTASH = {"provider": "upstash", "upstash": {"primaryRegion": "us-east-1"}}
ELASTICACHE = {
    "aws:region": "us-east-1",
    "provider": "elasticache",
    "elasticache": {"clientSecurityGroup": True},
}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[CloudStack]:
    credentials = {
        "UPSTASH_EMAIL": "ops@example.com",
        "UPSTASH_API_KEY": "hunter2",
        "AWS_REGION": "us-east-1",
    }
    with cloud_stack(tmp_path, "prod", credentials) as stack:
        yield stack


def make(stack: CloudStack, command: str, code: int = 0) -> str:
    """Do what ``make COMMAND STACK=…`` does after its set-up, without a terminal to ask."""
    done = subprocess.run(
        [sys.executable, "-m", "tools", command, "--stack", stack.name],
        cwd=stack.folder,
        env={**stack.environment, "PULUMI_SKIP_CONFIRMATIONS": "true"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def run_as_told(stack: CloudStack, text: str, *, resource_id: str) -> None:
    """Run every command of the engine's that a message names, as somebody would who copies it."""
    commands = re.findall(r"^ +pulumi (.*)$", text, re.MULTILINE)
    assert commands
    for command in dict.fromkeys(commands):
        arguments = [resource_id if word == "ID" else word for word in shlex.split(command)]
        stack.pulumi(*arguments, "--yes", *([] if arguments == ["cancel"] else ["--skip-preview"]))


def test_a_create_whose_answer_was_lost(stack: CloudStack) -> None:
    stack.configure(UPSTASH)
    stack.cloud.fail("create", DATABASE, "after")
    text = stack.up(code=1).text
    assert "redis-database may exist nevertheless" in text
    run_as_told(stack, text, resource_id=stack.cloud.named(DATABASE).id)
    stack.up()
    assert stack.outputs()["REDIS_URL"].startswith("rediss://default:")
    assert_nothing_to_do(stack)


def test_an_update_that_was_killed_while_it_made_the_database(
    stack: CloudStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.configure(UPSTASH)
    create = stack.cloud.create

    def slow(call: Call, inputs: Properties) -> Thing:
        thing = create(call, inputs)
        time.sleep(3)
        return thing

    with monkeypatch.context() as patch:
        patch.setattr(stack.cloud, "create", slow)
        update = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview"],
            executable=stack.program,
            cwd=stack.folder,
            env=stack.environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not stack.cloud.things:
            time.sleep(0.05)
        os.killpg(update.pid, signal.SIGKILL)
        update.wait()

    text = make(stack, "up", code=1)
    assert "was killed while it made redis-database" in text
    run_as_told(stack, text, resource_id=stack.cloud.named(DATABASE).id)
    make(stack, "up")
    assert_in_step(stack)


def test_what_holds_data_outlives_a_destroy_and_a_change_of_provider(stack: CloudStack) -> None:
    stack.configure(ELASTICACHE)
    stack.up()
    before = stack.cloud.ids()

    assert "add allowDataLoss: [redis-group] to Pulumi.prod.yaml" in make(stack, "down", code=1)
    assert "allowDataLoss" in stack.destroy(code=1).text
    assert stack.cloud.ids() == before, "not even an alarm is gone"

    stack.configure({**UPSTASH, "allowDataLoss": ["redis-group"]})
    for stopped in (stack.preview(code=None), stack.up("--continue-on-error", code=None)):
        assert stopped.code != 0
        assert "the provider from elasticache to upstash, and would delete redis-group" in stopped.text
    assert stack.cloud.ids() == before

    stack.configure({**ELASTICACHE, "allowDataLoss": ["redis-group"]})
    stack.up()
    make(stack, "down")
    assert stack.cloud.ids() == {}
