"""What is reckoned from two samples."""

from typing import Any

import pytest

from infra.health.metrics.sample import Sample, Window
from infra.health.metrics.server_figures import server_figures
from infra.health.metrics.value import Value


def info(**changed: Any) -> dict[str, Any]:
    return {
        "connected_clients": 10, "maxclients": 100, "rejected_connections": 0, "acl_access_denied_auth": 0,
        "total_connections_received": 50, "instantaneous_ops_per_sec": 7, "keyspace_hits": 0,
        "keyspace_misses": 0, "used_memory": 10, "maxmemory": 100, "mem_fragmentation_ratio": 1.5,
        "expired_keys": 0, "evicted_keys": 0, "connected_slaves": 0, "used_cpu_user_main_thread": 1.0,
        "used_cpu_sys_main_thread": 1.0,
    } | changed  # fmt: skip


def figures(
    before: list[dict[str, Any]], now: list[dict[str, Any]], seconds: float, failures: int = 0
) -> dict[str, Value]:
    return server_figures(Window(Sample(0, before), Sample(seconds, now)), failures)


def test_rates_are_those_between_two_samples() -> None:
    now = info(
        total_connections_received=56, expired_keys=30, evicted_keys=60, rejected_connections=3,
        acl_access_denied_auth=1, used_cpu_user_main_thread=31.0, used_cpu_sys_main_thread=16.0,
        slave0={"ip": "a", "lag": 1}, slave1={"ip": "b", "lag": 4},
    )  # fmt: skip
    found = {name: value.figure for name, value in figures([info()], [now], 120, failures=2).items()}
    assert found == {
        "redis.connection.active": 10,
        "redis.connection.used": 10,
        "redis.connection.failed": 3,
        "redis.reconnections": 3,
        "redis.ops_per_second": 7,
        "redis.hit_rate": None,
        "redis.engine_cpu": 37.5,
        "redis.memory.used": 10,
        "redis.memory.used.bytes": 10,
        "redis.memory.fragmentation": 1.5,
        "redis.keys.expired": 15,
        "redis.keys.evicted": 30,
        "redis.replication.lag": 4,
    }


@pytest.mark.parametrize(("seconds", "rate"), [(2, 3), (60, 3), (90, 2)])
def test_failures_within_less_than_a_minute_are_not_multiplied(seconds: float, rate: float) -> None:
    found = figures([info()], [info(rejected_connections=2)], seconds, failures=1)
    assert found["redis.connection.failed"].figure == rate


def test_of_several_servers_the_sum_or_the_worst_counts() -> None:
    busy = info(
        used_memory=95, connected_clients=30, used_cpu_user_main_thread=7.0, mem_fragmentation_ratio=3.0
    )
    found = figures([info(), info()], [info(), busy], 10)
    assert found["redis.memory.used"].figure == 95
    assert found["redis.memory.used.bytes"].figure == 105
    assert found["redis.connection.active"].figure == 40
    assert found["redis.connection.used"].figure == 30
    assert found["redis.engine_cpu"].figure == 60
    assert found["redis.memory.fragmentation"].figure == 3


@pytest.mark.parametrize("later", [[info(total_connections_received=1)], [info(), info()]])
def test_a_server_that_counts_anew_has_no_rate(later: list[dict[str, Any]]) -> None:
    assert "restarted or replaced" in figures([info()], later, 10)["redis.reconnections"].note


def test_a_provider_that_leaves_fields_out() -> None:
    found = figures([{}], [{"used_memory": 5, "maxmemory": 0}], 10, failures=1)
    assert found["redis.memory.used"].note == "the server has no limit (maxmemory is 0)"
    assert found["redis.connection.active"].note == "INFO has no connected_clients"
    assert found["redis.connection.failed"].figure == 1
    assert "no rejected_connections" in found["redis.connection.failed"].note
    assert found["redis.memory.used.bytes"].figure == 5


@pytest.mark.parametrize(
    ("before", "now", "rate"),
    [
        ((0, 0), (300, 699), None),
        ((0, 0), (600, 400), 60),
        ((600, 400), (600, 400), 60),  # nothing new: all since the server's start
        ((600, 400), (1500, 500), 90),
        ((600, 400), (1, 0), None),  # restarted
    ],
)
def test_the_hit_rate_needs_enough_reads(
    before: tuple[int, int], now: tuple[int, int], rate: float | None
) -> None:
    samples = [info(keyspace_hits=hits, keyspace_misses=misses) for hits, misses in (before, now)]
    assert figures([samples[0]], [samples[1]], 10)["redis.hit_rate"].figure == rate
