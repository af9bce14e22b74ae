"""The program under Pulumi's mocks: what it asks the engine for, and what it exports."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from infra.connection import Connection
from infra.deploy import deploy
from infra.environment import Environment
from infra.settings import LocalSettings, Settings, UpstashSettings

PASSWORD = "p@ss"
AUTHORITY = str(Path.cwd() / ".local" / "dev" / "redis" / "ca.pem")


class Recorder(Mocks):
    """Remembers what was asked for, and answers as the provider does."""

    def __init__(self) -> None:
        self.resources: list[MockResourceArgs] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append(args)
        computed = {"password": PASSWORD, "version": "8.2.3"}
        return args.name, {**args.inputs, **computed}

    def call(self, args: MockCallArgs) -> Any:
        raise AssertionError(f"{args.token} was called")


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    loop = asyncio.new_event_loop()  # the one that the mocks will use; a test before may have ended its own
    asyncio.set_event_loop(loop)
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, project="mantisnxt-redis", stack="dev")
    yield recorder
    loop.close()
    asyncio.set_event_loop(None)


async def value(output: Any) -> Any:
    return await pulumi.Output.from_input(output).future()


def run(check: Any) -> None:
    """Run a coroutine under Pulumi's test runner: without it a failing assertion would pass unseen."""
    pulumi.runtime.test(check)()  # type: ignore[no-untyped-call]


def test_the_local_provider_is_asked_for_one_server(recorder: Recorder) -> None:
    settings = LocalSettings(port=7000, max_memory_mb=64)

    async def check() -> None:
        await value(deploy(Settings(stack="dev", redis=settings))["REDIS_URL"])
        component, server = recorder.resources
        assert (component.typ, component.name) == ("mantisnxt-redis:index:LocalRedis", "redis")
        assert (server.typ, server.name) == ("redis-local:index:Server", "redis-server")
        assert server.inputs == {
            "directory": ".local/dev/redis",
            "status": "running",
            "port": 7000,
            "maxMemoryMb": 64,
            "evictionPolicy": "allkeys-lru",
            "persistence": True,
            "tls": False,
        }

    run(check)


@pytest.mark.parametrize("tls", [False, True])
def test_the_outputs(recorder: Recorder, tls: bool) -> None:
    async def check() -> None:
        outputs = deploy(
            Settings(
                stack="dev", redis=LocalSettings(port=7000, tls=tls), environment=Environment(session_ttl=60)
            )
        )
        url = f"{'rediss' if tls else 'redis'}://default:p%40ss@127.0.0.1:7000"
        assert await value(outputs["REDIS_URL"]) == url
        environment = await value(outputs["environment"])
        assert environment == {
            "REDIS_URL": url,
            "REDIS_TLS": "true" if tls else "false",
            **({"NODE_EXTRA_CA_CERTS": AUTHORITY} if tls else {}),
            **Environment(session_ttl=60).variables(),
        }
        assert environment["SESSION_TTL"] == "60"
        assert {
            name
            for name, output in outputs.items()
            if isinstance(output, pulumi.Output) and await output.is_secret()
        } == {
            "REDIS_URL",
            "environment",
        }
        plain = {
            name: await value(output)
            for name, output in outputs.items()
            if name not in ("REDIS_URL", "environment")
        }
        assert plain == {
            "provider": "local",
            "region": "this machine",
            "tls": tls,
            "highAvailability": False,
            "estimatedMonthlyCost": "$0",
            **({"caCertificate": AUTHORITY} if tls else {}),
        }

    run(check)


def test_a_connection_with_everything(recorder: Recorder) -> None:
    connection = Connection(
        host="primary", reader_host="reader", port=6380, username="app", password="x/y", tls=True,
        rest_url="https://rest", rest_token=pulumi.Output.secret("token"),
    )  # fmt: skip

    async def check() -> None:
        assert connection.reader_url
        assert await value(connection.reader_url) == "rediss://app:x%2Fy@reader:6380"
        assert await connection.reader_url.is_secret()
        assert await connection.url.is_secret(), "also when the provider forgot to mark the password"
        variables = {name: await value(output) for name, output in connection.variables().items()}
        assert variables == {
            "REDIS_URL": "rediss://app:x%2Fy@primary:6380",
            "REDIS_TLS": "true",
            "UPSTASH_REDIS_REST_URL": "https://rest",
            "UPSTASH_REDIS_REST_TOKEN": "token",
        }

    run(check)


def test_a_provider_that_is_not_there_yet_says_so(recorder: Recorder) -> None:
    settings = Settings(stack="dev", redis=UpstashSettings(primary_region="us-east-1"))
    with pytest.raises(pulumi.RunError, match="provider upstash cannot be used yet"):
        deploy(settings)
    assert recorder.resources == []
