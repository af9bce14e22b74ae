"""ElastiCache under the real engine: a stack's life."""

from tests.engine.aws import ELASTICACHE, GROUP
from tests.engine.scenarios import LifeTests, assert_nothing_to_do
from tests.engine.stack import CloudStack
from tests.engine.table import Replacing

VALKEY = {"engine": "valkey", "engineVersion": "8.0"}


class TestLife(LifeTests):
    scenario = ELASTICACHE

    def test_a_change_from_users_to_a_token_is_refused(self, running: CloudStack) -> None:
        self.scenario.configure(running, {"access": "auth-token"})
        assert "access cannot go from rbac to auth-token" in running.preview(code=1).text

    def test_the_nodes_that_are_left_are_watched(self, running: CloudStack) -> None:
        """When their number goes down, AWS chooses which one goes."""
        group = running.cloud.named(GROUP).properties
        group["memberClusters"] = ["mantisnxt-prod-redis-001", "mantisnxt-prod-redis-003"]
        running.refresh()
        done = running.up()
        assert "redis-monitoring-dashboard" in done.names("update")
        alarm = running.cloud.named("redis-monitoring-memory-critical").properties
        assert "mantisnxt-prod-redis-003" in str(alarm["metricQueries"])
        assert "mantisnxt-prod-redis-002" not in str(alarm["metricQueries"])

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
