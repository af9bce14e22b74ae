"""The pure parts of the checks."""

import errno

import pytest
from redis import exceptions

from infra.health.endpoint import Endpoint
from infra.health.failure import CheckError, TargetError
from infra.health.latency import SLOW_MS, Latency, latency_of, percentile
from infra.health.problems import explain
from infra.health.server import parse_info
from infra.health.target import Target
from infra.settings.environment import Environment

PLAIN = Endpoint.parse("redis://default:se%40cret@redis.example:6380")


@pytest.mark.parametrize(
    ("values", "p50", "p95", "p99"),
    [
        ([7.0], 7.0, 7.0, 7.0),
        ([2.0, 1.0], 1.0, 2.0, 2.0),
        ([1.0, 2.0, 3.0], 2.0, 3.0, 3.0),
        ([float(value) for value in range(1, 21)], 10.0, 19.0, 20.0),
        ([float(value) for value in range(100, 0, -1)], 50.0, 95.0, 99.0),
        ([float(value) for value in range(1, 1001)], 500.0, 950.0, 990.0),
    ],
)
def test_percentile(values: list[float], p50: float, p95: float, p99: float) -> None:
    assert [percentile(values, percent) for percent in (50, 95, 99)] == [p50, p95, p99]


def test_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)
    assert latency_of([]) is None


def test_latency_is_in_milliseconds() -> None:
    assert latency_of([0.0012345]) == Latency(1.234, 1.234, 1.234)


def test_slow_replies_get_advice() -> None:
    assert Latency(1, SLOW_MS, 500).advice is None
    advice = Latency(1, SLOW_MS + 1, 500).advice
    assert advice is not None
    for fact in ("network", "CPU", "memory", "SLOWLOG GET", "read replicas"):
        assert fact in advice.remedy


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost", ("localhost", 6379, False, None, None, None)),
        ("redis://:p%2Fw@host:1", ("host", 1, False, None, "p/w", None)),
        ("rediss://user:p%25%3A%40@host:65535/15", ("host", 65535, True, "user", "p%:@", 15)),
        ("redis://default:@host/", ("host", 6379, False, "default", None, None)),
        ("redis://[::1]:7000", ("::1", 7000, False, None, None, None)),
        ("REDISS://host\n", ("host", 6379, True, None, None, None)),
    ],
)
def test_url(url: str, expected: tuple[object, ...]) -> None:
    end = Endpoint.parse(url)
    assert (end.host, end.port, end.tls, end.username, end.password, end.database) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secret",
        "http://default:secret@host",
        "unix:///secret",
        "redis://",
        "redis://default:secret@",
        "redis://default:secret@host:0",
        "redis://default:secret@host:65536",
        "redis://default:secret@host:-1",
        "redis://default:secret@host/secret",
        "redis://default:secret@host/-1",
        "redis://default:secret@host?ssl_cert_reqs=none",
        "redis://default:se#secret@host",
        "redis://default:se/secret@host",
        "redis://default:[secret@host",
    ],
)
def test_bad_url(url: str) -> None:
    with pytest.raises(TargetError, match="REDIS_URL") as caught:
        Endpoint.parse(url)
    assert caught.value.problem.remedy
    # Its context, which a traceback would print, is left out as well.
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "secret" not in f"{caught.value} {caught.value.problem}"


def test_nothing_shows_the_password() -> None:
    target = Target("redis://default:secret@host", Environment.from_variables({}))
    assert "secret" not in repr(target) + repr(target.endpoint)


def test_every_spelling_is_crossed_out() -> None:
    end = Endpoint.parse("redis://u:a%2fb'%5C%20c@host")
    assert end.password == "a/b'\\ c"
    for spelling in ("a/b'\\ c", "a%2fb'%5C%20c", "a%2Fb%27%5C%20c", "a/b%27%5C%20c", r"a/b'\\ c"):
        assert end.redact(f"<{spelling}>") == "<***>"


def test_an_unknown_error_is_told_by_its_class_and_message() -> None:
    problem = explain(RuntimeError("boom at se@cret"), PLAIN)
    assert problem.cause == "RuntimeError: boom at ***"
    assert "redis.example:6380" in problem.remedy


def test_the_outermost_known_error_counts() -> None:
    error = exceptions.ReadOnlyError("READONLY")
    error.__context__ = ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    assert "replica" in explain(error, PLAIN).cause


def test_a_group_is_explained_by_its_first_error() -> None:
    group = ExceptionGroup("tasks", [ExceptionGroup("inner", [CheckError("cause", "remedy")]), ValueError()])
    assert explain(group, PLAIN).cause == "cause"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect"), "refuses"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "ETIMEDOUT"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "ETIMEDOUT"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "closed the connection"),
        (exceptions.MovedError("3999 127.0.0.1:6381"), "Redis Cluster"),
        (exceptions.ResponseError("This instance has cluster support disabled"), "no Redis Cluster"),
    ],
)
def test_errors_that_live_tests_do_not_bring_about(error: Exception, word: str) -> None:
    assert word in explain(error, PLAIN).cause


def test_a_loop_of_contexts_ends() -> None:
    first, second = RuntimeError("first"), RuntimeError("second")
    first.__context__, second.__context__ = second, first
    assert "first" in explain(first, PLAIN).cause


def test_info_of_valkey() -> None:
    server = parse_info(
        {"server_name": "valkey", "redis_version": "7.2.4", "valkey_version": "8.1.0", "role": "slave"}
    )
    assert (server.software, server.version, server.role) == ("valkey", "8.1.0", "replica")
    assert not server.cluster


def test_info_that_tells_nothing() -> None:
    server = parse_info({})
    assert (server.version, server.role, server.memory_limit) == ("unknown", "unknown", 0)
