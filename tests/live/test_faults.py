"""Every fault that a user may meet, brought about for real, is named with its remedy."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.health import wire
from infra.health.failure import Problem
from infra.health.report import as_json
from infra.health.runner import run
from tests.live.running import HASTY, PASSWORD, PATIENT, Running, Serve, serve, target_of
from tests.servers import free_port


@pytest.fixture(autouse=True)
def impatient_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that keep silent are asked what they speak; two seconds each time would add up."""
    monkeypatch.setattr(wire, "PATIENCE", 0.5)


def problem_at(
    url: str, variables: Mapping[str, str] = PATIENT, authority: Path | None = None, check: str = "ping"
) -> Problem:
    """The one problem that a check on this URL ends with."""
    report = asyncio.run(run(target_of(url, variables, authority), [check]))
    assert not report.passed
    problems = [result.problem for result in report.results if result.problem]
    problems += [report.problem] if report.problem else []
    assert len(problems) == 1, problems
    assert PASSWORD not in as_json(report)
    return problems[0]


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """A server that gives everybody the same answer; the URL that leads to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve_all() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve_all, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}"
        # Closing a socket does not wake a thread that waits on it.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_refused(scheme: str, host: str) -> None:
    problem = problem_at(f"{scheme}://{host}:{free_port()}", HASTY)
    assert "ECONNREFUSED" in problem.cause
    assert "running" in problem.remedy
    assert "firewall" in problem.remedy


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_a_server_that_never_answers(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        problem = problem_at(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}", HASTY)
    assert "ETIMEDOUT" in problem.cause
    assert "security groups" in problem.remedy
    assert ("REDIS_SOCKET_TIMEOUT" if scheme == "redis" else "REDIS_CONNECT_TIMEOUT") in problem.remedy


def test_a_host_that_drops_packets() -> None:
    """A full backlog: the kernel ignores further connections, as a firewall does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.settimeout(0)
            client.connect_ex(listener.getsockname())
        problem = problem_at(f"redis://127.0.0.1:{listener.getsockname()[1]}", HASTY)
        for client in waiting:
            client.close()
    assert "ETIMEDOUT" in problem.cause
    assert "REDIS_CONNECT_TIMEOUT" in problem.remedy


def test_a_server_that_is_paused(serve_plain: Serve) -> None:
    with serve_plain() as running, running.client() as client:
        client.client_pause(60_000)
        problem = problem_at(running.url, HASTY)
    assert "ETIMEDOUT" in problem.cause


@pytest.mark.parametrize(
    ("user", "password"), [("default", "wrong"), ("nobody", PASSWORD), ("default", PASSWORD[:-1])]
)
def test_wrong_login(plain: Running, user: str, password: str) -> None:
    problem = problem_at(plain.url_with(password, user))
    assert "rejects the user or the password" in problem.cause
    assert "REDIS_URL" in problem.remedy


def test_missing_password(plain: Running) -> None:
    problem = problem_at(f"redis://127.0.0.1:{plain.port}")
    assert "demands a password" in problem.cause


def test_needless_password(base: Path) -> None:
    with serve(base, password="") as running:
        problem = problem_at(running.url_with("needless", user=""))
    assert "has no password" in problem.cause


def test_no_tls_towards_a_tls_server(tls: Running) -> None:
    problem = problem_at(tls.url_with(PASSWORD, tls=False))
    assert "wants TLS" in problem.cause
    assert "rediss://" in problem.remedy


def test_tls_towards_a_plain_server(plain: Running) -> None:
    problem = problem_at(plain.url_with(PASSWORD, tls=True), HASTY)
    assert "does not use TLS" in problem.cause


def test_tls_towards_something_else() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        problem = problem_at(url.replace("redis://", "rediss://"), HASTY)
    assert "does not answer in TLS" in problem.cause


def test_no_redis_at_all() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        problem = problem_at(url, HASTY)
    assert "is no Redis" in problem.cause


def test_a_server_that_hangs_up() -> None:
    with answering(b"") as url:
        problem = problem_at(url, HASTY)
    assert "closed the connection" in problem.cause


def test_loading() -> None:
    with answering(b"-LOADING Redis is loading the dataset in memory\r\n") as url:
        problem = problem_at(url, HASTY)
    assert "still loading" in problem.cause


def test_unknown_host() -> None:
    problem = problem_at("redis://nonexistent.invalid:6379", HASTY)
    assert "nonexistent.invalid is unknown" in problem.cause


@pytest.mark.parametrize("kind", ["serve_plain", "serve_tls"])
def test_too_many_connections(kind: str, request: pytest.FixtureRequest) -> None:
    start: Serve = request.getfixturevalue(kind)
    with start(directives={"maxclients": "1"}) as running, running.client() as client:
        client.ping()
        problem = problem_at(running.url, authority=running.authority)
    assert "maxclients" in problem.cause + problem.remedy
    # Over TLS Redis hangs up without a word.
    encrypted = running.authority is not None
    assert ("closed the connection" if encrypted else "as many connections as it allows") in problem.cause


@pytest.mark.parametrize("check", ["ping", "sessions", "ratelimit", "cache"])
def test_out_of_memory(serve_plain: Serve, check: str) -> None:
    with serve_plain({"maxmemory": "1", "maxmemory-policy": "noeviction"}) as running:
        problem = problem_at(running.url, check=check)
        assert running.keys() == 0
    assert "out of memory" in problem.cause
    for word in ("TTL", "hashes", "never expire", "scale"):
        assert word in problem.remedy


@pytest.mark.parametrize("check", ["ping", "sessions", "ratelimit", "cache"])
def test_replica(serve_plain: Serve, plain: Running, check: str) -> None:
    with serve_plain({"replicaof": f"127.0.0.1 {plain.port}"}) as running:
        problem = problem_at(running.url, check=check)
    assert "read-only replica" in problem.cause
    assert "primary" in problem.remedy


def test_unknown_authority(tls: Running, certificates: Path) -> None:
    for authority in (None, certificates / "stranger.pem"):
        problem = problem_at(tls.url, authority=authority)
        assert "self-signed" in problem.cause
        assert "--cacert" in problem.remedy
        assert "NODE_EXTRA_CA_CERTS" in problem.remedy


@pytest.mark.parametrize(
    ("certificate", "cause"), [("other", "issued for another name"), ("expired", "has expired")]
)
def test_wrong_certificate(serve_tls: Serve, certificate: str, cause: str) -> None:
    with serve_tls(certificate) as running:
        problem = problem_at(running.url, authority=running.authority)
    assert cause in problem.cause


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_unusable_authority_file(tls: Running, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    problem = problem_at(tls.url, authority=file)
    assert str(file) in problem.cause
    assert "PEM" in problem.remedy


@pytest.mark.parametrize(
    ("rights", "check", "right"),
    [
        ("~* &* +@all -set", "ping", "'set'"),
        ("~mantis:session:* &* +@all", "cache", "access a key"),
        ("~* resetchannels +@all", "pubsub", "channel"),
        ("~* &* +@all -eval", "ratelimit", "'eval'"),
    ],
)
def test_missing_right(plain: Running, rights: str, check: str, right: str) -> None:
    with plain.user(*rights.split()) as url:
        problem = problem_at(url, check=check)
    assert right in problem.cause
    assert "ACL SETUSER" in problem.remedy
    assert plain.keys() == 0


def test_a_user_without_info_can_still_be_checked(plain: Running) -> None:
    with plain.user("~*", "&*", "+@all", "-info") as url:
        report = asyncio.run(run(target_of(url), ["ping", "cache"]))
    assert report.passed, report
    assert report.server is not None
    assert report.server.version == "unknown"


def test_a_cluster_that_cannot_be_recognised(cluster: list[Running]) -> None:
    with cluster[0].user("~*", "&*", "+@all", "-info") as url:
        problem = problem_at(url, check="sessions")
    assert "node of a Redis Cluster" in problem.cause
    assert "INFO" in problem.remedy
    assert [member.keys() for member in cluster] == [0, 0, 0]


def test_a_cluster_without_its_slots(serve_plain: Serve) -> None:
    with serve_plain({"cluster-enabled": "yes", "cluster-port": str(free_port())}) as running:
        problem = problem_at(running.url)
    assert "does not serve every slot" in problem.cause


def test_no_such_database(serve_plain: Serve) -> None:
    with serve_plain({"databases": "2"}) as running:
        problem = problem_at(running.url, PATIENT | {"REDIS_DB": "5"})
    assert "no database of this number" in problem.cause
    assert "REDIS_DB" in problem.remedy


def test_two_database_numbers(plain: Running) -> None:
    problem = problem_at(f"{plain.url}/3")
    assert "database 3" in problem.cause
    assert "REDIS_DB" in problem.cause


def test_a_reply_that_repeats_the_password_is_cut() -> None:
    secret = "s3cret-s3cret-s3cret"
    reply = f"-ERR unknown command 'AUTH', with args beginning with: 'default' '{secret}'\r\n"
    with answering(reply.encode() * 8) as url:
        problem = problem_at(url.replace("redis://", f"redis://default:{secret}@"), HASTY)
    assert "unknown command" in problem.cause
    assert secret not in str(problem)
    with answering(f"-ERR no such thing as {secret}\r\n".encode() * 8) as url:
        problem = problem_at(url.replace("redis://", f"redis://default:{secret}@"), HASTY)
    assert "no such thing as ***" in problem.cause
