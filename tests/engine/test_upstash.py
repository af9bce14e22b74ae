"""Upstash under the real engine."""

from tests.engine.scenarios import FaultTests, LifeTests
from tests.engine.stack import CloudStack
from tests.engine.table import Drift, Replacing, Scenario

DATABASE = "redis-database"

SCENARIO = Scenario(
    stack="staging",
    package="upstash",
    provider="upstash",
    credentials={"UPSTASH_EMAIL": "owner@example.com", "UPSTASH_API_KEY": "an-api-key"},
    block={"primaryRegion": "us-east-1", "ipAllowlist": ["203.0.113.0/24"]},
    data=[DATABASE],
    mutable={
        "readRegions": ["eu-west-1"], "eviction": False, "budget": 50, "autoScale": True, "prodPack": True,
        "ipAllowlist": ["203.0.113.0/24", "198.51.100.7/32"],
    },
    updates={DATABASE: {"readRegions", "eviction", "budget", "autoScale", "prodPack", "ipAllowlists"}},
    update={"budget": 60, "eviction": False},
    replacing=[
        Replacing(block={"databaseName": "other"}, name=DATABASE, property="databaseName"),
        Replacing(block={"primaryRegion": "eu-west-1"}, name=DATABASE, property="primaryRegion"),
        Replacing(block={"primaryRegion": "us-central1"}, name=DATABASE, property="region"),
    ],
    drift=[Drift(name=DATABASE, property="eviction", value=False)],
)  # fmt: skip


class TestLife(LifeTests):
    scenario = SCENARIO

    def test_a_database_deleted_by_hand_is_told_and_can_be_forgotten(self, running: CloudStack) -> None:
        running.cloud.things.clear()
        assert "404" in running.refresh(code=1).text
        [urn] = [
            resource["urn"] for resource in running.resources() if resource["type"].endswith("RedisDatabase")
        ]
        running.pulumi("state", "delete", urn, "--yes", "--force")
        assert running.up().names("create") == {DATABASE}


class TestFaults(FaultTests):
    scenario = SCENARIO
