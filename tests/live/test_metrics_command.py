"""``make metrics``, run as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest
from moto import mock_aws
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry
from typer.testing import CliRunner

from infra.health.metrics import reading
from infra.health.metrics.__main__ import app
from infra.health.metrics.catalogue import CATALOGUE
from tests.live.running import PASSWORD, Running, Serve
from tests.live.test_check_command import Done, checked, variables
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
NO_AWS = {
    "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None, "AWS_PROFILE": None,
    "AWS_REGION": None, "AWS_DEFAULT_REGION": None, "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": None, "AWS_CONTAINER_CREDENTIALS_FULL_URI": None,
    "AWS_WEB_IDENTITY_TOKEN_FILE": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def short_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST_WINDOW", 0.1)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def run_command(*arguments: str, url: str | None, **more: str | None) -> Done:
    environment = variables(url) | {"STACK": "acme/staging", "REDIS_THRESHOLDS": None} | more
    result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return checked(Done(result.exit_code, result.stdout, result.stderr))


@pytest.mark.parametrize(("full", "code"), [(0.5, 0), (0.85, 1), (0.95, 2)])
def test_the_exit_code_is_the_status(serve_plain: Serve, full: float, code: int) -> None:
    with serve_plain() as running, running.client() as client:
        client.eval("for i = 1, 10000 do redis.call('SET', i, string.rep('x', 1000), 'EX', 900) end", 0)
        client.config_set("maxmemory", int(client.info("memory")["used_memory"] / full))
        table = run_command(url=running.url)
        document = json.loads(run_command("--json", url=running.url).stdout)
        text = run_command("--openmetrics", url=running.url)
    assert [table.returncode, text.returncode] == [code, code]
    status = ("healthy", "warning", "critical")[code]
    assert status in table.stdout
    assert document["status"] == status
    assert document["stack"] == "staging"
    assert document["metrics"].keys() == CATALOGUE.keys()
    read_back = text_string_to_metric_families(text.stdout)  # type: ignore[no-untyped-call]
    families = {family.name: family.samples[0] for family in read_back}
    assert families["redis_status"].value == code
    assert families["redis_memory_used_percent"].value == pytest.approx(100 * full, abs=4)


def test_no_server_is_critical_and_told_without_a_table() -> None:
    done = run_command(url=f"redis://default:{quote(PASSWORD, safe='')}@127.0.0.1:{free_port()}")
    assert done.returncode == 2
    assert "ECONNREFUSED" in done.stdout
    assert "redis.memory.used" not in done.stdout


def test_a_bad_url_is_told_without_the_password() -> None:
    done = run_command(url=f"redis://default:{PASSWORD}@127.0.0.1:6379")
    assert done.returncode == 2
    assert "what to do: write redis://user:password@host:port" in done.stdout


def test_the_thresholds_come_from_the_environment(plain: Running) -> None:
    done = run_command("--json", url=plain.url, REDIS_THRESHOLDS='{"latencyP95Warning": 0.001}')
    assert json.loads(done.stdout)["metrics"]["redis.command.duration.p95"]["status"] == "warning"
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "more", "words"),
    [
        (["--json", "--openmetrics"], {}, "choose --json or --openmetrics"),
        (["--openmetrics", "--every", "60"], {}, "let a timer repeat it"),
        (["--json", "--picture", "x.svg"], {}, "--picture is of the table"),
        (["--every", "1"], {}, "greater than or equal to 5"),
        (["--cloudwatch"], {"STACK": ""}, "needs the stack's name"),
        ([], {"REDIS_THRESHOLDS": '{"memoryUsedWarning": 95}'}, "must be less than memoryUsedCritical"),
        ([], {"REDIS_THRESHOLDS": "?"}, "Invalid JSON"),
        ([], {"REDIS_DB": "16"}, "REDIS_DB is '16'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    plain: Running, arguments: list[str], more: dict[str, str], words: str
) -> None:
    done = run_command(*arguments, url=plain.url, **more)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize("command", ["metrics", "check"])
def test_without_a_stack_make_looks_at_the_redis_of_the_environment(plain: Running, command: str) -> None:
    own = {"REDIS_URL": plain.url, "STACK": "", "PATH": os.environ["PATH"]}
    options = ["ping", "--json"] if command == "check" else ["--json"]
    done = subprocess.run(
        [sys.executable, "-m", "tools", command, *options],
        cwd=ROOT, env=own, capture_output=True, text=True, check=True,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert f"127.0.0.1:{plain.port}" in (document.get("address"), document.get("server", {}).get("address"))


def test_readings_go_on_until_ctrl_c(plain: Running) -> None:
    environment = os.environ | {"REDIS_URL": plain.url, "STACK": "dev"}
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.health.metrics", "--every", "5", "--json"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                Redis(port=plain.port, password="guessed", retry=Retry(NoBackoff(), 0)).ping()
        second = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, err) == (1, ""), "the status of the last reading"
    assert first["at"] < second["at"]
    failed = [found["metrics"]["redis.connection.failed"]["value"] for found in (first, second)]
    assert failed == [0, 3], "the second one reckons since the first"


def test_a_picture_is_an_svg_of_the_table(plain: Running, tmp_path: Path) -> None:
    file = tmp_path / "metrics.svg"
    assert run_command("--picture", str(file), url=plain.url, STACK="dev").returncode == 0
    text = file.read_text()
    assert text.startswith("<svg")
    assert "redis.memory.used" in text
    assert PASSWORD not in text


def test_cloudwatch_has_the_reading_afterwards(plain: Running, aws: None) -> None:
    done = run_command("--cloudwatch", url=plain.url, AWS_REGION="eu-west-1", AWS_DEFAULT_REGION=None)
    assert done.returncode == 0, done.stderr
    client = boto3.client("cloudwatch", region_name="eu-west-1")
    listed = client.list_metrics(Namespace="MantisNXT/Redis")["Metrics"]
    names = {metric["MetricName"] for metric in listed}
    assert {"redis.connection.failed", "redis.memory.used.bytes", "redis.sessions.active"} <= names
    assert {f"redis.command.duration.{name}" for name in ("p50", "p95", "p99")} <= names
    assert all(metric["Dimensions"] == [{"Name": "Stack", "Value": "staging"}] for metric in listed)


def test_cloudwatch_hears_of_a_dead_server(aws: None) -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    run_command("--cloudwatch", url=url, AWS_REGION="eu-west-1", AWS_DEFAULT_REGION=None)
    client = boto3.client("cloudwatch", region_name="eu-west-1")
    [metric] = client.list_metrics(Namespace="MantisNXT/Redis")["Metrics"]
    assert metric["MetricName"] == "redis.connection.failed"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "AWS has no region"),
        ({"AWS_REGION": "eu-west-1"}, "there are no credentials for AWS"),
    ],
)
def test_without_an_account_nothing_is_read(plain: Running, more: dict[str, str], words: str) -> None:
    done = run_command("--cloudwatch", url=plain.url, **(NO_AWS | more))
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"error: {words}")


def test_what_cannot_be_published_is_one_line_after_the_reading(plain: Running) -> None:
    account = NO_AWS | {
        "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "AWS_MAX_ATTEMPTS": "1",
    }  # fmt: skip
    done = run_command("--cloudwatch", url=plain.url, **account)
    assert done.returncode == 2
    assert "redis.memory.used" in done.stdout
    [line] = done.stderr.splitlines()
    assert line.startswith("error: CloudWatch did not take the metrics")
    assert "hunter2" not in line
