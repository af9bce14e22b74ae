"""The pure parts of the provider Redis Cloud: its facts, its alerts and its backup."""

from typing import Any

import pytest

from infra.providers.rediscloud.facts import backup, facts, nodes
from infra.providers.rediscloud.inputs import alerts, database_inputs
from infra.settings import RedisCloudSettings, Thresholds
from infra.settings.rediscloud import Persistence
from infra.settings.rediscloud.parts import RemoteBackup
from tests.unit.mocks import Cloud, mocked, run, value
from tests.unit.test_rediscloud_settings import LEAST, read


def settings(**change: Any) -> RedisCloudSettings:
    redis = read(LEAST | change).redis
    assert isinstance(redis, RedisCloudSettings)
    return redis


def test_the_facts_are_for_a_reviewer() -> None:
    async def check() -> None:
        told = facts(settings(), "7", 51)
        assert (told.provider, told.region, told.engine) == ("rediscloud", "AWS eu-west-1", "redis")
        assert told.nodes == "1 GB, half of it for a replica in another zone, 1,000 operations a second"
        assert (told.high_availability, told.tls) == (True, True)
        assert told.access == ["192.0.2.0/24"]
        assert told.backup == "aof-every-1-second on disk; no copies elsewhere"
        assert told.estimated_monthly_cost.startswith("about $49")
        page = "https://cloud.redis.io/#/databases/51/subscription/7/view-bdb/configuration"
        assert await value(told.dashboard) == page
        told = facts(
            settings(modules=["RediSearch", "RedisJSON"], shards=1, replication=False, multiAz=False), "7", 51
        )
        assert told.engine == "redis with RediSearch and RedisJSON"
        assert told.estimated_monthly_cost.startswith("unknown")
        assert told.high_availability is False

    with mocked(Cloud()):
        run(check)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "1 GB, half of it for a replica in another zone, 1,000 operations a second"),
        ({"multiAz": False}, "1 GB, half of it for a replica in the same zone, 1,000 operations a second"),
        (
            {"multiAz": False, "replication": False, "memoryLimitInGb": 2.5, "shards": 2},
            "2.5 GB, without a replica, 2 shards",
        ),
        (
            {"throughput": 50_000, "memoryLimitInGb": 12},
            "12 GB, half of it for a replica in another zone, 50,000 operations a second",
        ),
    ],
)
def test_the_nodes_are_told_with_their_memory_and_work(change: dict[str, Any], expected: str) -> None:
    assert nodes(settings(**change)) == expected


@pytest.mark.parametrize(
    ("persistence", "remote", "expected"),
    [
        ("none", None, "nothing on disk; no copies elsewhere"),
        ("aof-every-write", None, "aof-every-write on disk; no copies elsewhere"),
        (
            "snapshot-every-6-hours",
            RemoteBackup(interval="every-4-hours", path="s3://b"),
            "snapshot-every-6-hours on disk; a copy every 4 hours to s3://b",
        ),
        (
            "aof-every-1-second",
            RemoteBackup(interval="every-24-hours", time_utc="02:00", path="gs://b/x"),
            "aof-every-1-second on disk; a copy every 24 hours at 02:00 UTC to gs://b/x",
        ),
    ],
)
def test_the_backup_is_told(persistence: str, remote: RemoteBackup | None, expected: str) -> None:
    assert backup(Persistence(persistence), remote) == expected


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        (Thresholds(), {"dataset-size": 80, "latency": 500}),
        (Thresholds(memory_used_warning=0.5, latency_p95_warning=0.2), {"dataset-size": 1, "latency": 1}),
        (Thresholds(memory_used_warning=79.9), {"dataset-size": 79, "latency": 500}),
        (
            Thresholds(latency_p95_warning=20000, latency_p95_critical=30000),
            {"dataset-size": 80, "latency": 10000},
        ),
    ],
)
def test_the_alerts_come_from_the_thresholds(thresholds: Thresholds, expected: dict[str, int]) -> None:
    assert alerts(settings(throughput=2500), thresholds) == {**expected, "throughput-higher-than": 2500}
    assert alerts(settings(shards=1), thresholds) == expected


def test_every_alert_is_one_that_the_plugin_knows() -> None:
    known = {
        "dataset-size", "throughput-higher-than", "throughput-lower-than", "latency", "syncsource-error",
        "syncsource-lag",
    }  # fmt: skip
    assert set(alerts(settings(), Thresholds())) <= known


@pytest.mark.parametrize(
    ("path", "place"), [("s3://backups/redis", "aws-s3"), ("gs://backups", "google-blob-storage")]
)
def test_a_backup_goes_where_its_path_says(path: str, place: str) -> None:
    chosen = settings(remoteBackup={"interval": "every-4-hours", "path": path})
    backup = database_inputs(chosen, Thresholds())["remote_backup"]
    assert (backup.interval, backup.time_utc) == ("every-4-hours", None)
    assert (backup.storage_type, backup.storage_path) == (place, path)
