"""The checks pass on every kind of server, and leave it as they found it."""

import asyncio
import string
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError

from infra.health.checks import CHECKS, limiter
from infra.health.checks.limiter import Verdict
from infra.health.runner import Report, run
from infra.health.target import Client, Target
from tests.live.running import PATIENT, Running, Serve, target_of


def report_of(target: Target, *names: str) -> Report:
    return asyncio.run(run(target, names or tuple(CHECKS)))


def assert_all_passed(report: Report) -> None:
    assert report.passed, [(result.name, result.problem) for result in report.results] + [report.problem]
    assert tuple(result.name for result in report.results) == tuple(CHECKS)
    for result in report.results:
        assert result.operations > 0
        assert result.latency is not None
        assert 0 < result.latency.p50 <= result.latency.p95 <= result.latency.p99


def test_plain(plain: Running) -> None:
    report = report_of(target_of(plain.url))
    assert_all_passed(report)
    assert plain.keys() == 0
    assert report.server is not None
    assert (report.server.role, report.server.cluster, report.tls) == ("primary", False, False)
    details = {result.name: result.details for result in report.results}
    assert details["ping"]["version"] == report.server.version
    assert details["sessions"] == {"created": 101, "listed": 100, "expired": 1, "ttl_seconds": 86400}
    assert details["ratelimit"] == {
        "requests": 120,
        "allowed": 100,
        "blocked": 20,
        "maximum": 100,
        "window_seconds": 60,
    }
    assert (details["cache"]["hits"], details["cache"]["misses"]) == (40, 10)
    assert details["cache"]["hit_rate_percent"] == 80.0
    assert details["pubsub"] == {"messages": 20, "subscribers": 2}


def test_tls(tls: Running) -> None:
    report = report_of(target_of(tls.url, authority=tls.authority))
    assert_all_passed(report)
    assert report.tls
    assert tls.keys() == 0


def test_the_rights_of_the_application_on_elasticache_are_enough(plain: Running) -> None:
    from infra.providers.elasticache.access import APPLICATION

    with plain.user(*APPLICATION.removeprefix("on ").split()) as url:
        assert_all_passed(report_of(target_of(url)))
        client = Redis.from_url(url)
        assert client.slowlog_get() == []
        with pytest.raises(NoPermissionError):
            client.flushall()
    assert plain.keys() == 0


def test_every_printable_character_in_the_password(serve_plain: Serve) -> None:
    printable = "".join(chr(code) for code in range(0x20, 0x7F))
    assert set(string.punctuation) < set(printable)
    with serve_plain(password=printable) as running:
        assert_all_passed(report_of(target_of(running.url)))


@pytest.mark.parametrize("kind", ["cluster", "one_node_cluster"])
def test_cluster(kind: str, request: pytest.FixtureRequest) -> None:
    members: list[Running] = request.getfixturevalue(kind)
    report = report_of(target_of(members[0].url))
    assert_all_passed(report)
    assert report.server is not None
    assert report.server.cluster
    assert [member.keys() for member in members] == [0] * len(members)


def test_only_the_chosen_checks_run(plain: Running) -> None:
    report = report_of(target_of(plain.url), "pubsub", "ping")
    assert [result.name for result in report.results] == ["pubsub", "ping"]
    assert report.passed


def test_application_settings_are_used(plain: Running) -> None:
    variables = PATIENT | {
        "REDIS_DB": "7",
        "SESSION_TTL": "2",
        "SESSION_PREFIX": "odd[*]?\\:",
        "RATE_LIMIT_WINDOW": "7",
        "RATE_LIMIT_MAX_REQUESTS": "5000",
    }
    with plain.client() as watcher:
        watcher.config_resetstat()
        report = report_of(target_of(plain.url, variables), "sessions", "ratelimit")
        assert int(watcher.info("commandstats")["cmdstat_select"]["calls"]) > 0
    assert report.passed, report
    details = {result.name: result.details for result in report.results}
    assert details["sessions"]["ttl_seconds"] == 2
    # 4800 requests are only counted, not made.
    assert details["ratelimit"] == {
        "requests": 220,
        "allowed": 200,
        "blocked": 20,
        "maximum": 5000,
        "window_seconds": 7,
    }
    with plain.client() as client:
        client.select(7)
        assert client.dbsize() == 0


def test_a_foreign_key_is_left_alone(plain: Running) -> None:
    with plain.client() as client:
        client.set("mantis:session:of-a-user", "kept")
        assert report_of(target_of(plain.url)).passed
        assert client.get("mantis:session:of-a-user") == "kept"
        client.flushall()


async def _admit_in_two_steps(client: Client, key: str, maximum: int, window_ms: int) -> Verdict:
    """What a limiter looks like that is not atomic: it decides by a count that others change meanwhile."""
    count = int(await client.get(key) or 0)
    if count >= maximum:
        return Verdict(allowed=False, reset_ms=await client.pttl(key))
    await client.incr(key)
    await client.pexpire(key, window_ms)
    return Verdict(allowed=True, reset_ms=window_ms)


@pytest.mark.parametrize("kind", ["plain", "cluster"])
def test_a_limiter_that_is_not_atomic_fails(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture: Running | list[Running] = request.getfixturevalue(kind)
    members = fixture if isinstance(fixture, list) else [fixture]
    monkeypatch.setattr(limiter, "admit", _admit_in_two_steps)
    report = report_of(target_of(members[0].url), "ratelimit")
    (result,) = report.results
    assert not result.passed
    assert result.problem is not None
    assert "RATE_LIMIT_MAX_REQUESTS" in result.problem.cause
    assert [member.keys() for member in members] == [0] * len(members)


@pytest.mark.parametrize("name", ["sessions", "ratelimit", "cache", "ping"])
def test_a_cancelled_check_leaves_no_key(name: str, plain: Running) -> None:
    async def cancel_when_keys_appear() -> None:
        with plain.client() as watcher:
            task = asyncio.create_task(run(target_of(plain.url), [name]))
            while not task.done() and watcher.dbsize() == 0:
                await asyncio.sleep(0)
            assert not task.done(), "the check was over before it could be cancelled"
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancel_when_keys_appear())
    assert plain.keys() == 0


def test_a_check_without_the_right_to_publish_leaves_no_key(plain: Running) -> None:
    with plain.user("~*", "+@read", "+@connection", "+info") as url:
        report = report_of(target_of(url))
    assert not any(result.passed for result in report.results)
    for result in report.results:
        assert result.problem is not None
        assert "lacks a right" in result.problem.cause
    assert plain.keys() == 0


def test_a_server_that_dies_stops_the_run(serve_plain: Serve) -> None:
    with serve_plain() as running:

        async def kill_when_keys_appear() -> Report:
            task = asyncio.create_task(run(target_of(running.url), ["sessions", "cache", "pubsub"]))
            with running.client() as watcher:
                while watcher.dbsize() == 0:
                    await asyncio.sleep(0)
            running.process.kill()
            return await task

        report = asyncio.run(kill_when_keys_appear())
    (result,) = report.results
    assert result.problem is not None
    assert "ECONNREFUSED" in result.problem.cause or "closed the connection" in result.problem.cause
    assert report.problem is not None
    assert "ECONNREFUSED" in report.problem.cause
    assert report.not_run == ("cache", "pubsub")
    assert not report.passed


def test_checks_run_together_do_not_meet(plain: Running) -> None:
    async def together() -> list[Report]:
        return await asyncio.gather(*(run(target_of(plain.url), ["sessions", "cache"]) for _ in range(3)))

    assert all(report.passed for report in asyncio.run(together()))
    assert plain.keys() == 0


def test_a_cluster_has_one_database(one_node_cluster: list[Running]) -> None:
    report = report_of(target_of(one_node_cluster[0].url, PATIENT | {"REDIS_DB": "1"}))
    assert report.problem is not None
    assert "database 0 only" in report.problem.cause
    assert report.not_run == tuple(CHECKS)


def test_memory_and_hit_rate_are_judged(serve_plain: Serve) -> None:
    with serve_plain() as running, running.client() as client:
        client.eval("for i = 1, 10000 do redis.call('SET', i, string.rep('x', 1000)) end", 0)
        client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.1))
        for number in range(1000):
            client.get(f"absent:{number}")
        report = report_of(target_of(running.url), "ping", "cache")
    advice = {result.name: [problem.cause for problem in result.advice] for result in report.results}
    assert report.passed, report
    assert any("of the memory is in use" in cause for cause in advice["ping"])
    assert any("of all lookups" in cause for cause in advice["cache"])


def test_authority_file_is_added_to_the_system_ones(
    tls: Running, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    report = report_of(target_of(tls.url, authority=certificates / "stranger.pem"), "ping")
    assert report.passed, report
