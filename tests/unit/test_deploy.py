"""The program under Pulumi's mocks: what it asks the engine for, and what it exports."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pulumi
import pytest

from infra.connection import Connection
from infra.deploy import deploy
from infra.settings import LocalSettings, Settings
from infra.settings.environment import Environment
from tests.unit.mocks import Cloud, mocked, run, value

PASSWORD = "p@ss"
AUTHORITY = str(Path.cwd() / ".local" / "dev" / "redis" / "ca.pem")


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mocked(Cloud({"redis-local:index:Server": {"password": PASSWORD, "version": "8.2.3"}})) as cloud:
        yield cloud


def test_the_local_provider_is_asked_for_one_server(cloud: Cloud) -> None:
    settings = LocalSettings(port=7000, max_memory_mb=64)

    async def check() -> None:
        deploy(Settings(stack="dev", redis=settings))

    run(check)
    component, server = cloud.resources.values()
    assert (component.typ, component.name) == ("mantisnxt-redis:index:LocalRedis", "redis")
    assert (server.typ, server.name) == ("redis-local:index:Server", "redis-server")
    assert server.inputs == {
        "directory": ".local/dev/redis",
        "status": "running",
        "passwordVersion": 1,
        "port": 7000,
        "maxMemoryMb": 64,
        "evictionPolicy": "allkeys-lru",
        "persistence": True,
        "tls": False,
    }


@pytest.mark.parametrize("tls", [False, True])
def test_the_outputs(cloud: Cloud, tls: bool) -> None:
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
            "engine": "redis",
            "nodes": "1 process with 256 MiB",
            "highAvailability": False,
            "tls": tls,
            "access": ["this machine"],
            "backup": "an append-only file, no copies",
            "estimatedMonthlyCost": "$0",
            "passwordVersion": 1,
            "passwordMaxAgeDays": 90,
            "passwordSince": datetime.now(UTC).date().isoformat(),
            **({"caCertificate": AUTHORITY} if tls else {}),
        }

    run(check)


def test_a_connection_with_everything(cloud: Cloud) -> None:
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
