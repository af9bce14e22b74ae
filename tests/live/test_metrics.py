"""The metrics of real servers: a healthy one, and ones driven over each threshold."""

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from infra.health.metrics import probing, reading
from infra.health.metrics.catalogue import CATALOGUE, COUNTERS
from infra.health.metrics.judge import Status, judge
from infra.settings.thresholds import Thresholds
from tests.live.reading import delayed, figure, fill, notes, read_once, statuses
from tests.live.running import PATIENT, Running, Serve
from tests.servers import free_port


@pytest.fixture(autouse=True)
def short_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens at these servers but what a test does before or after."""
    monkeypatch.setattr(reading, "FIRST_WINDOW", 0.1)


def test_a_healthy_server(serve_plain: Serve) -> None:
    # On a busy machine any command can be slow: no slow log.
    settings = {"maxmemory": "100mb", "slowlog-log-slower-than": "-1"}
    with serve_plain(settings) as running, running.client() as client:
        for number in range(25):
            client.set(f"mantis:session:{number:032}", "{}", ex=900)
        client.set("mantis:sessions", "no session", ex=900)
        for number, key in enumerate(COUNTERS.values(), start=3):
            client.set(key, number)
        for _ in range(900):
            client.get("mantis:sessions")
        for _ in range(300):
            client.get("absent")
        found = read_once(running.url)
        left = client.dbsize()
    assert found.values.keys() == CATALOGUE.keys()
    assert judge(found, Thresholds()) == []
    assert {name for name, value in found.values.items() if value.figure is None} == {"redis.replication.lag"}
    assert figure(found, "redis.sessions.active") == 25
    assert [figure(found, name) for name in COUNTERS] == [3, 4, 5, 6]
    assert figure(found, "redis.hit_rate") == 75
    assert figure(found, "redis.connection.active") == 2  # the test's and ours
    p50, p95, p99 = (figure(found, f"redis.command.duration.{name}") for name in ("p50", "p95", "p99"))
    assert 0 < p50 <= p95 <= p99
    used, percent = (figure(found, f"redis.memory.used{end}") for end in (".bytes", ""))
    assert percent == pytest.approx(100 * used / (100 * 2**20))
    for name in (
        "redis.connection.failed",
        "redis.reconnections",
        "redis.keys.expired",
        "redis.keys.evicted",
    ):
        assert figure(found, name) == 0, name
    assert left == 26 + len(COUNTERS)


@pytest.mark.parametrize(
    ("full", "status"), [(0.75, Status.HEALTHY), (0.85, Status.WARNING), (0.95, Status.CRITICAL)]
)
def test_memory(serve_plain: Serve, full: float, status: Status) -> None:
    with serve_plain() as running, running.client() as client:
        client.config_set("maxmemory", int(fill(client) / full))
        found = read_once(running.url)
    assert statuses(found) == (status, {"redis.memory.used": status} if status else {})
    assert figure(found, "redis.memory.used") == pytest.approx(100 * full, abs=4)
    assert any("biggest" in note for note in notes(found)) is bool(status)


@pytest.mark.parametrize(
    ("failures", "status"), [(1, Status.HEALTHY), (2, Status.WARNING), (6, Status.CRITICAL)]
)
def test_failed_logins_of_others(serve_plain: Serve, failures: int, status: Status) -> None:
    with serve_plain() as running:
        first = read_once(running.url)
        assert statuses(first)[0] == Status.HEALTHY
        for _ in range(failures):
            with pytest.raises(AuthenticationError):
                Redis(port=running.port, password="guessed", retry=Retry(NoBackoff(), 0)).ping()
        second = read_once(running.url, first)
        third = read_once(running.url, second)
    assert figure(second, "redis.connection.failed") == failures
    assert statuses(second) == (status, {"redis.connection.failed": status} if status else {})
    assert second.own_failures == 0
    assert statuses(third)[0] == Status.HEALTHY, "a failure counts once"


def test_a_server_that_takes_no_more_clients(serve_plain: Serve) -> None:
    patient = PATIENT | {"REDIS_MAX_RETRIES": "5"}
    with serve_plain({"maxclients": "2"}) as running, running.client() as client:
        client.ping()
        found = read_once(running.url, variables=patient)
        second = read_once(running.url, found, variables=patient)
    assert found.own_failures == probing.CONNECTIONS
    assert figure(found, "redis.connection.failed") == probing.CONNECTIONS
    assert figure(second, "redis.connection.failed") == probing.CONNECTIONS, "our own are counted once"
    assert statuses(found) == (
        Status.CRITICAL,
        {"redis.connection.failed": Status.CRITICAL, "redis.connection.used": Status.WARNING},
    )


def test_a_server_that_is_not_there() -> None:
    found = read_once(f"redis://127.0.0.1:{free_port()}")
    status, metrics = statuses(found)
    assert (status, metrics) == (Status.CRITICAL, {"redis.connection.failed": Status.CRITICAL})
    assert found.problem
    assert "ECONNREFUSED" in found.problem.cause
    assert found.own_failures == probing.CONNECTIONS


def test_an_old_password(plain: Running) -> None:
    found = read_once(plain.url_with("old"))
    assert statuses(found)[0] == Status.CRITICAL
    assert found.problem
    assert "rejects the user or the password" in found.problem.cause


def test_misses(serve_plain: Serve) -> None:
    with serve_plain() as running, running.client() as client:
        client.set("present", "x", ex=900)
        for number in range(999):
            client.get("present" if number % 2 else "absent")
        few = read_once(running.url)
        client.get("absent")
        # The earlier reading's own four reads of counters are among them.
        enough = read_once(running.url)
        for _ in range(1000):
            client.get("present")
        better = read_once(running.url, enough)
    assert few.values["redis.hit_rate"].figure is None
    assert "fewer than 1,000" in few.values["redis.hit_rate"].note
    assert statuses(few)[0] == Status.HEALTHY
    assert figure(enough, "redis.hit_rate") == pytest.approx(50, abs=1)
    assert statuses(enough) == (Status.WARNING, {"redis.hit_rate": Status.WARNING})
    assert figure(better, "redis.hit_rate") == 100, "what is new counts, where it is enough"


def test_evictions(serve_plain: Serve) -> None:
    with serve_plain({"maxmemory-policy": "allkeys-lru"}) as running, running.client() as client:
        client.config_set("maxmemory", fill(client))
        first = read_once(running.url)
        fill(client, 11_000)
        second = read_once(running.url, first)
    assert figure(second, "redis.keys.evicted") > 100
    assert statuses(second)[1]["redis.keys.evicted"] == Status.WARNING


@pytest.mark.parametrize(("seconds", "status"), [(0.55, Status.WARNING), (1.05, Status.CRITICAL)])
def test_slow_replies(
    plain: Running, seconds: float, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "PINGS", 2)
    with delayed(plain, seconds) as url:
        found = read_once(url)
    assert found.problem is None
    assert figure(found, "redis.command.duration.p50") > 1000 * seconds
    assert statuses(found) == (status, {"redis.command.duration.p95": status})


def test_the_pings_end_after_a_time(plain: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "PING_SECONDS", 0)
    assert figure(read_once(plain.url), "redis.command.duration.p99") > 0
