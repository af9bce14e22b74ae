"""ElastiCache under the real engine: a stack's life."""

from tests.engine.aws import ELASTICACHE, GROUP
from tests.engine.scenarios import LifeTests, assert_nothing_to_do
from tests.engine.stack import CloudStack
from tests.engine.table import Replacing

VALKEY = {"engine": "valkey", "engineVersion": "8.0"}


class TestLife(LifeTests):
    scenario = ELASTICACHE

    def test_a_move_to_valkey_is_an_update_and_its_way_back_is_stopped(self, running: CloudStack) -> None:
        before = self.data_ids(running)
        self.scenario.configure(running, VALKEY)
        done = running.up()
        running.upgraded = VALKEY
        assert {step for step, name in done.steps if name == GROUP} == {"update"}
        made, gone = ("create-replacement", "redis-parameters"), ("delete-replaced", "redis-parameters")
        assert done.steps.index(made) < done.steps.index(("update", GROUP)) < done.steps.index(gone)
        assert self.data_ids(running) == before
        assert_nothing_to_do(running)
        self.assert_stopped(running, Replacing(block={}, name=GROUP, property="engine"))
