"""The command line, run as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from infra.health.__main__ import app
from infra.health.checks import CHECKS
from infra.health.command import check
from tests.live.running import PASSWORD, Running, Serve, target_of, wait_until
from tests.servers import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def variables(url: str | None, **more: str) -> dict[str, str | None]:
    """What to change in this process's environment: nothing of Redis's in it, but what is given."""
    prefixes = ("REDIS_", "SESSION_", "RATE_LIMIT_", "NODE_EXTRA")
    changes: dict[str, str | None] = {name: None for name in os.environ if name.startswith(prefixes)}
    return changes | {"REDIS_MAX_RETRIES": "0"} | ({"REDIS_URL": url} if url else {}) | more


def start_command(*arguments: str, url: str) -> subprocess.Popen[str]:
    changed = {name: value for name, value in (os.environ | variables(url)).items() if value is not None}
    return subprocess.Popen(
        [sys.executable, "-m", "infra.health", *arguments],
        cwd=ROOT,
        env=changed,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_command(*arguments: str, url: str | None = None, **more: str) -> Done:
    """Run the command in this process, which saves its start."""
    result = CliRunner().invoke(app, arguments, env=variables(url, **more))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return checked(Done(result.exit_code, result.stdout, result.stderr))


def checked(done: Done) -> Done:
    for spelling in (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD)):
        assert spelling not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_all_pass(plain: Running) -> None:
    process = start_command(url=plain.url)
    out, err = process.communicate(timeout=60)
    done = checked(Done(process.returncode, out, err))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for name in CHECKS:
        assert name in done.stdout
    assert done.stdout.count("passed") == len(CHECKS)
    for heading in ("p50 ms", "p95 ms", "p99 ms", "primary"):
        assert heading in done.stdout


def test_json(plain: Running) -> None:
    done = run_command("ping", "cache", "--json", url=plain.url)
    document = json.loads(done.stdout)
    assert set(document) == {"passed", "server", "problem", "not_run", "checks"}
    assert set(document["server"]) == {"address", "tls", "software", "version", "role", "cluster"}
    assert document["passed"] is True
    keys = {"name", "passed", "operations", "p50_ms", "p95_ms", "p99_ms", "details", "problem", "advice"}
    assert [set(check) for check in document["checks"]] == [keys, keys]
    assert [check["name"] for check in document["checks"]] == ["ping", "cache"]
    assert done.returncode == 0


def test_no_connection_is_told_once() -> None:
    url = f"redis://default:{quote(PASSWORD, safe='')}@127.0.0.1:{free_port()}"
    done = run_command(url=url)
    assert done.returncode == 1
    assert done.stdout.count("ECONNREFUSED") == 1
    assert "what to do" in done.stdout
    document = json.loads(run_command("--json", url=url).stdout)
    assert document["passed"] is False
    assert document["checks"] == []
    assert document["not_run"] == list(CHECKS)
    assert set(document["problem"]) == {"cause", "remedy"}


def test_a_failed_check_shows_its_remedy(serve_plain: Serve) -> None:
    with serve_plain({"maxmemory": "1", "maxmemory-policy": "noeviction"}) as running:
        done = run_command("ping", "pubsub", url=running.url)
    assert done.returncode == 1
    assert "failed" in done.stdout
    assert "out of memory" in done.stdout
    assert "set a TTL on every key" in done.stdout


@pytest.mark.parametrize(
    "url",
    [
        f"redis://default:{PASSWORD}@127.0.0.1:6379",
        f"redis://default:{PASSWORD.replace('/', '').replace('#', '').replace('?', '')}@127.0.0.1:port",
        f"http://default:{quote(PASSWORD, safe='')}@127.0.0.1:6379",
        f"redis://default:{quote(PASSWORD, safe='')}@:6379",
        f"redis://default:{quote(PASSWORD, safe='')}@127.0.0.1:99999",
        f"redis://default:{quote(PASSWORD, safe='')}@127.0.0.1:0",
        f"redis://default:{quote(PASSWORD, safe='')}@[127.0.0.1:6379",
        f"redis://default:{quote(PASSWORD, safe='')}@127.0.0.1:6379/one",
    ],
)
def test_bad_url(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(target_of(url), ["ping", "cache"], json=False) == 1
    out, err = capsys.readouterr()
    assert "REDIS_URL" in out
    assert "what to do: write redis://user:password@host:port" in out
    for piece in ("correct", "battery", "staple"):
        assert piece not in out + err


def test_missing_url() -> None:
    done = run_command()
    assert done.returncode == 2
    assert "REDIS_URL" in done.stderr


def test_unknown_check(plain: Running) -> None:
    done = run_command("pong", url=plain.url)
    assert done.returncode == 2
    assert "pong" in done.stderr
    assert "ratelimit" in done.stderr


def test_bad_variable(plain: Running) -> None:
    done = run_command("ping", url=plain.url, REDIS_DB="16", SESSION_TTL="a day")
    assert done.returncode == 2
    message = " ".join(done.stderr.replace("│", " ").split())
    assert "REDIS_DB is '16': Input should be less than or equal to 15" in message
    assert "SESSION_TTL is 'a day'" in message


def test_authority_file_is_ignored_without_tls(plain: Running) -> None:
    assert run_command("ping", url=plain.url, NODE_EXTRA_CA_CERTS="/nonexistent.pem").returncode == 0


def test_authority_file(tls: Running, certificates: Path) -> None:
    authority = str(tls.authority)
    assert run_command("ping", url=tls.url, NODE_EXTRA_CA_CERTS=authority).returncode == 0
    assert run_command("ping", "--cacert", authority, url=tls.url).returncode == 0
    assert run_command("ping", "--cacert", str(certificates / "stranger.pem"), url=tls.url).returncode == 1


def test_help_warns_and_hides(plain: Running) -> None:
    done = run_command("--help", url=plain.url, COLUMNS="300")
    assert done.returncode == 0
    assert "environment variable is the safe way" in done.stdout
    assert "127.0.0.1" not in done.stdout


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_no_key(plain: Running, stop: signal.Signals) -> None:
    process = start_command("sessions", url=plain.url)
    try:
        wait_until(lambda: plain.keys() > 50)
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert plain.keys() == 0
