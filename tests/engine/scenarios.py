"""What holds for every cloud provider under the real engine: one set of tests, a table for each."""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar
from urllib.parse import quote

import pytest

from tests.engine.cloud.memory import Fault, Method, Mode
from tests.engine.stack import CloudStack, cloud_stack
from tests.engine.table import Replacing, Scenario

FACTS = (
    "provider",
    "region",
    "engine",
    "nodes",
    "highAvailability",
    "tls",
    "access",
    "backup",
    "estimatedMonthlyCost",
)

MOST_RUNS = 12
"""No chain of dependencies is longer, so by then a run has nothing left that can fail."""


def assert_no_secret(stack: CloudStack) -> None:
    """Neither the state, with its backups and history, nor anything printed has a secret in plain text."""
    stack.secrets |= stack.cloud.secrets()
    assert stack.secrets
    written = stack.written()
    for secret in stack.secrets:
        encoded = base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
        for form in {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], encoded}:
            assert form not in written


def assert_in_step(stack: CloudStack) -> None:
    """What exists is what the state knows: no orphan, no duplicate, nothing lost."""
    known = sorted(
        (resource["type"], resource["id"])
        for resource in stack.resources()
        if resource["custom"] and resource["type"].split(":")[0] not in ("pulumi", "random")
    )
    assert sorted(stack.cloud.ids().elements()) == known


def assert_nothing_to_do(stack: CloudStack) -> None:
    assert stack.up().steps == []
    assert_in_step(stack)


class LifeTests:
    """One stack's life; each test finds it as its config wants it."""

    scenario: ClassVar[Scenario]

    @pytest.fixture(scope="class")
    @classmethod
    def stack(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudStack]:
        folder = tmp_path_factory.mktemp("life")
        with cloud_stack(folder, cls.scenario.stack, cls.scenario.credentials) as stack:
            cls.scenario.configure(stack)
            stack.first = (stack.preview(), stack.up())
            stack.secrets.add(stack.outputs()["REDIS_URL"])
            yield stack

    @pytest.fixture
    def running(self, stack: CloudStack) -> Iterator[CloudStack]:
        self.scenario.configure(stack, stack.upgraded)
        if not stack.cloud.things:
            stack.up()
        yield stack
        assert_no_secret(stack)

    def test_a_preview_shows_the_facts_and_what_up_does(self, running: CloudStack) -> None:
        preview, up = running.first
        told = dict(re.findall(r"^ +(\w+) *: (.*)", preview.text.partition("--outputs:--")[2], re.MULTILINE))
        assert set(FACTS) <= set(told)
        assert told["REDIS_URL"] == told["environment"] == "[secret]"
        assert {step for step, _ in up.steps} == {"create"}
        assert set(up.steps) == set(preview.steps)
        assert running.outputs()["environment"]["REDIS_URL"].startswith("rediss://")

    def test_up_again_changes_nothing(self, running: CloudStack) -> None:
        assert_nothing_to_do(running)

    def test_mutable_settings_are_updates(self, running: CloudStack) -> None:
        before = self.data_ids(running)
        self.scenario.configure(running, {**running.upgraded, **self.scenario.mutable})
        done = running.up()
        assert done.names("create") == self.scenario.added
        assert {step for step, _ in done.steps} <= {"create", "update"}
        assert {
            name: done.diffs[name] for name in self.scenario.data if name in done.diffs
        } == self.scenario.updates
        self.scenario.configure(running, running.upgraded)
        done = running.up()
        assert done.names("delete") == self.scenario.added
        assert {step for step, _ in done.steps} <= {"delete", "update"}
        assert self.data_ids(running) == before
        assert_nothing_to_do(running)

    def data_ids(self, stack: CloudStack) -> dict[str, str]:
        """The ids of the objects that hold data."""
        return {thing.name: thing.id for thing in stack.cloud.things if thing.name in self.scenario.data}

    def test_replacing_changes_are_stopped(self, running: CloudStack) -> None:
        before = [(thing.id, dict(thing.properties)) for thing in running.cloud.things]
        for change in self.scenario.replacing:
            self.assert_stopped(running, change)
        running.refused("up")
        assert [(thing.id, thing.properties) for thing in running.cloud.things] == before

    def assert_stopped(self, stack: CloudStack, change: Replacing) -> None:
        """The user reads which resource would lose its data, which property forces it, and what to do."""
        self.scenario.configure(stack, change.block)
        preview = stack.preview(code=1)
        assert change.property in preview.diffs[change.name]
        assert f"this would delete {change.name} (" in preview.text
        assert f"  {change.property}: " in preview.text
        names = self.scenario.data[self.scenario.data.index(change.name) :]  # with what is in it
        assert f"allowDataLoss: [{', '.join(names)}]" in preview.text

    def test_what_a_person_changed_is_found_and_put_right(self, running: CloudStack) -> None:
        drifts = [(running.cloud.named(drift.name).properties, drift) for drift in self.scenario.drift]
        wanted = [live[drift.property] for live, drift in drifts]
        for live, drift in drifts:
            live[drift.property] = drift.value
        names = {drift.name for drift in self.scenario.drift}
        assert running.refresh().names("update") == names
        done = running.up()
        assert done.names("update") == names
        assert [running.cloud.named(drift.name).properties[drift.property] for _, drift in drifts] == wanted

    def test_destroy_needs_leave_and_leaves_nothing(self, running: CloudStack) -> None:
        before = running.cloud.ids()
        assert "this would delete" in running.refused("destroy", "--run-program")
        assert running.cloud.ids() == before
        self.scenario.configure(running, running.upgraded, allowDataLoss=list(self.scenario.data))
        running.up()
        running.destroy("--run-program")
        assert running.cloud.ids() == {}
        assert running.resources() == []
        running.upgraded = {}


class FaultTests:
    """Every call of a create and of an update fails; rerunning, and adopting what got lost, mends it."""

    scenario: ClassVar[Scenario]

    @pytest.fixture
    def stack(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudStack]:
        folder = tmp_path_factory.mktemp("faults")
        with cloud_stack(folder, self.scenario.stack, self.scenario.credentials) as stack:
            self.scenario.configure(stack)
            yield stack
            assert_no_secret(stack)

    def test_every_call_fails_once(self, stack: CloudStack) -> None:
        """What holds data fails before it took effect, then after it; the rest in one way or another."""
        made = self._survive(stack, ("before", "after"), others=("before", "after", "half"))
        assert made == {thing.name for thing in stack.cloud.things if thing.package != "random"}

    def test_what_holds_data_fails_half_way(self, stack: CloudStack) -> None:
        assert self._survive(stack, ("half",)) == set(self.scenario.data)

    def _survive(self, stack: CloudStack, ways: Sequence[Mode], *, others: Sequence[Mode] = ()) -> set[str]:
        """Make the stack, then change it, with faults; returns the names of what failed to be made."""
        created = self._fail(stack, "create", ways, others)
        self._until_done(stack)
        assert_in_step(stack)
        self.scenario.configure(stack, self.scenario.update)
        updated = self._fail(stack, "update", ways, others)
        self._until_done(stack)
        assert {name for fault in updated for name in fault.fired} >= set(self.scenario.data)
        assert_nothing_to_do(stack)
        deleted = {call.name for call in stack.cloud.calls if call.method == "delete"}
        assert deleted.isdisjoint(self.scenario.data)
        return {name for fault in created for name in fault.fired}

    def _fail(
        self, stack: CloudStack, method: Method, ways: Sequence[Mode], others: Sequence[Mode]
    ) -> list[Fault]:
        data = self.scenario.data
        faults = [
            stack.cloud.fail(method, name, mode, nth=number)
            for number, mode in enumerate(ways, start=1)
            for name in data
        ]
        if others:
            faults.append(stack.cloud.fail(method, f"{self.scenario.package}:*", *others, but_not=data))
        return faults

    def _until_done(self, stack: CloudStack) -> None:
        for _ in range(MOST_RUNS):
            failed = sum(len(fault.fired) for fault in stack.cloud.faults)
            done = stack.up("--continue-on-error", code=None)
            if sum(len(fault.fired) for fault in stack.cloud.faults) == failed:
                assert done.code == 0, done.text
                return
            assert done.code != 0
            stack.adopt()
        raise AssertionError(f"still failing after {MOST_RUNS} runs: {stack.said}")
