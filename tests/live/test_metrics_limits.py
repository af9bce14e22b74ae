"""What a reading may cost, what a user may see, and what else a server may have in store."""

import re
import time
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis

from infra.health.metrics import keys, probing, reading
from infra.health.metrics.catalogue import CATALOGUE, COUNTERS
from infra.health.metrics.judge import Status
from tests.live.reading import figure, fill, notes, read_once, statuses
from tests.live.running import Running, Serve

ROOT = Path(__file__).parents[2]
NO_SLOW_LOG = {"slowlog-log-slower-than": "-1"}
"""On a busy machine any command can be slow."""


@pytest.fixture(autouse=True)
def short_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens at these servers but what a test does before or after."""
    monkeypatch.setattr(reading, "FIRST_WINDOW", 0.1)


def test_what_explains_a_bad_figure_is_named(serve_plain: Serve) -> None:
    with serve_plain(NO_SLOW_LOG) as running, running.client() as client:
        client.set("big", "x" * 2**21, ex=900)
        client.set("mantis:session:0123456789abcdef", "secret", ex=900)
        client.set("eternal\x1b[31m", "x")
        client.config_set("slowlog-log-slower-than", 0)  # is itself the first entry
        client.hgetall("mantis:cart:secret")
        client.config_set("slowlog-log-slower-than", -1)
        found = read_once(running.url)
    assert statuses(found) == (Status.HEALTHY, {})
    slow, eternal, big = notes(found)
    assert re.fullmatch(r"slow log: 2 .*: (CONFIG|HGETALL) \d+ ms, (CONFIG|HGETALL) \d+ ms", slow)
    assert eternal == "1 of 3 keys looked at have no TTL: eternal\\x1b[31m"
    assert big.startswith("the biggest of 3 keys looked at: big 2.")
    assert "0123456789abcdef" not in str(notes(found))
    assert "secret" not in slow


def test_keys_that_are_no_text(serve_plain: Serve) -> None:
    with serve_plain(NO_SLOW_LOG) as running, Redis(port=running.port, password=running.password) as client:
        client.set(b"mantis:session:\xff\xfe", "x", ex=900)
        client.set(b"\x80eternal", "x")
        client.set("mantis:metrics:ratelimit:blocked", b"\xff")
        found = read_once(running.url)
    assert statuses(found)[0] == Status.HEALTHY
    assert figure(found, "redis.sessions.active") == 1
    assert "holds no number" in found.values["redis.ratelimit.blocked"].note
    assert notes(found) == ["1 of 2 keys looked at have no TTL: \\udc80eternal"]


def test_a_user_of_elasticache(serve_plain: Serve) -> None:
    access = (ROOT / "infra/providers/elasticache/access.py").read_text()
    rights = re.search(r'^APPLICATION = "on (.*)"$', access, re.MULTILINE)
    assert rights
    with serve_plain({"maxmemory": "100mb"}) as running, running.user(*rights[1].split()) as url:
        running.command("SET", "eternal", "x")
        found = read_once(url)
    assert statuses(found) == (Status.HEALTHY, {})
    assert found.slow_log.unknown == ()
    assert found.keys.unknown == ()
    assert figure(found, "redis.memory.used") > 0
    assert notes(found) == ["1 of 1 keys looked at have no TTL: eternal"]


def test_a_user_who_may_do_next_to_nothing(plain: Running) -> None:
    with plain.user("~*", "-@all", "+ping", "+select") as url:
        found = read_once(url)
    assert statuses(found) == (Status.HEALTHY, {})
    missing = {name: value.note for name, value in found.values.items() if value.figure is None}
    had = {"redis.connection.failed", *(f"redis.command.duration.{name}" for name in ("p50", "p95", "p99"))}
    assert missing.keys() == CATALOGUE.keys() - had
    assert missing["redis.memory.used"] == "the user may not run INFO"
    assert missing["redis.sessions.active"] == "the user may not run DBSIZE"
    assert missing["redis.sessions.created"] == "the user may not run GET"
    assert found.keys.unknown == ("keys without a TTL and biggest keys: the user may not run SCAN",)
    assert found.values["redis.connection.failed"].note.startswith("without those of other clients")


@pytest.mark.parametrize(
    ("right", "what"), [("pttl", "keys without a TTL"), ("memory|usage", "biggest keys")]
)
def test_a_user_who_may_not_ask_for_one_thing(serve_plain: Serve, right: str, what: str) -> None:
    with serve_plain(NO_SLOW_LOG) as running, running.user("~*", "+@all", f"-{right}") as url:
        running.command("SET", "key", "x", "EX", 900)
        found = read_once(url)
    assert found.keys.unknown == (f"{what}: the user may not run {right.replace('|', ' ').upper()}",)
    assert notes(found) == []


def test_it_costs_the_server_little(serve_plain: Serve) -> None:
    with serve_plain() as running, running.client() as client:
        fill(client, 20_000)
        client.config_resetstat()
        read_once(running.url)
        calls = {name: facts["calls"] for name, facts in client.info("commandstats").items()}
    calls = {name.removeprefix("cmdstat_").lower(): count for name, count in calls.items()}
    bounds = {
        "auth": 20, "client|setinfo": 30, "hello": 20, "select": 20, "config|resetstat": 1, "info": 6,
        "ping": probing.PINGS + probing.CONNECTIONS, "dbsize": 1, "get": len(COUNTERS), "slowlog|get": 1,
        "scan": 20_000 // 1000 + keys.SAMPLE_STEPS, "pttl": keys.SAMPLED, "memory|usage": keys.SAMPLED,
    }  # fmt: skip
    assert calls.keys() <= bounds.keys()
    assert {name: count for name, count in calls.items() if count > bounds[name]} == {}
    assert calls["memory|usage"] == keys.SAMPLED


@pytest.mark.parametrize("bound", ["MOST_STEPS", "MOST_SECONDS"])
def test_beyond_the_bounds_the_sessions_are_estimated(
    serve_plain: Serve, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    with serve_plain() as running, running.client() as client:
        script = (
            "for i = 1, 30000 do redis.call('SET', (i % 3 == 0 and 'mantis:session:' or 'x:') .. i, '') end"
        )
        client.eval(script, 0)
        exact = read_once(running.url).values["redis.sessions.active"]
        monkeypatch.setattr(keys, bound, {"MOST_STEPS": 10, "MOST_SECONDS": -1}[bound])
        client.config_resetstat()
        estimate = read_once(running.url).values["redis.sessions.active"]
        scans = client.info("commandstats")["cmdstat_scan"]["calls"]
    assert (exact.figure, exact.estimate) == (10_000, False)
    assert estimate.estimate
    assert estimate.figure == pytest.approx(10_000, rel=0.25)
    assert "of 30,000 keys" in estimate.note
    assert scans <= 10 + keys.SAMPLE_STEPS


def test_a_cluster(cluster: list[Running]) -> None:
    for number in range(30):
        # Each member keeps what hashes to it and sends the client on with the rest.
        for member in cluster:
            with suppress(Exception):
                member.command("SET", f"mantis:session:{number}", "x", "EX", 900)
    try:
        found = read_once(cluster[0].url)
    finally:
        for member in cluster:
            member.command("FLUSHALL")
    assert statuses(found) == (Status.HEALTHY, {})
    assert figure(found, "redis.sessions.active") == 30
    assert figure(found, "redis.connection.active") >= len(cluster)
    assert found.slow_log.unknown == ()
    assert keys.SAMPLED // 3 < len(found.keys.keys) <= 30


def test_a_restart_between_two_readings(serve_plain: Serve) -> None:
    with serve_plain() as running, running.client() as client:
        fill(client, 100)
        first = read_once(running.url)
        client.config_resetstat()
        second = read_once(running.url, first)
    assert statuses(second)[0] == Status.HEALTHY
    assert "restarted" in second.values["redis.reconnections"].note
    assert second.values["redis.connection.failed"].figure == 0


def test_a_replica_that_is_connected(serve_plain: Serve) -> None:
    with (
        serve_plain({"repl-diskless-sync-delay": "0"}) as primary,
        serve_plain({"replicaof": f"127.0.0.1 {primary.port}"}) as replica,
        replica.client() as client,
    ):
        deadline = time.monotonic() + 10
        while client.info("replication")["master_link_status"] != "up" and time.monotonic() < deadline:
            time.sleep(0.05)
        found = read_once(primary.url)
    assert figure(found, "redis.replication.lag") <= 1
