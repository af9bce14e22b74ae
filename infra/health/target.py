"""The Redis to be checked, and a client for it that behaves like the application's."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from redis import exceptions
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import AbstractBackoff

from infra.health.endpoint import Endpoint
from infra.health.failure import TargetError
from infra.health.server import read_server
from infra.health.wire import speaks_plain, speaks_tls
from infra.settings.environment import Environment

Client: TypeAlias = Redis | RedisCluster

BACKOFF_STEP = 0.05
"""Seconds that each further retry waits longer than the one before."""
BACKOFF_LIMIT = 0.5
"""Seconds that no retry waits longer than."""


@dataclass(frozen=True)
class Target:
    """A Redis as the application meets it."""

    url: str = field(repr=False)
    environment: Environment
    ca_certificate: Path | None = None
    """A PEM file with authorities to trust besides the system's own; used with ``rediss://`` only."""

    @property
    def endpoint(self) -> Endpoint:
        """The URL's parts.

        Raises:
            TargetError: the URL is not one of a Redis.
        """
        return Endpoint.parse(self.url)


class _Backoff(AbstractBackoff):
    """The application's own rule: 50 ms more for each retry, 500 ms at most."""

    def compute(self, failures: int) -> float:
        return min(failures * BACKOFF_STEP, BACKOFF_LIMIT)


async def connect(target: Target) -> Client:
    """Open the kind of client that the server needs: Redis Cluster's, or the plain one. The caller closes it.

    Raises:
        TargetError: the URL, REDIS_DB or the certificate file cannot be used with this server.
        redis.exceptions.RedisError, redis.exceptions.RedisClusterException: it cannot be reached or refuses.
    """
    endpoint = target.endpoint
    database = _database(endpoint, target.environment)
    options = options_of(target, endpoint)
    try:
        # On database 0, as a cluster refuses any other before it could be recognised.
        async with Redis(**options) as scout:
            cluster = (await read_server(scout)).cluster
    except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
        await _look_for_tls_mismatch(error, endpoint)
        raise
    if not cluster:
        return Redis(db=database, **options)
    if database:
        raise TargetError(
            f"REDIS_DB is {database}, and the server is a Redis Cluster, which has database 0 only",
            "set REDIS_DB to 0",
        )
    client = RedisCluster(**options)
    try:
        return await client.initialize()
    except BaseException:
        await client.aclose()
        raise


def options_of(target: Target, endpoint: Endpoint) -> dict[str, Any]:
    """What redis-py needs to behave as the application does.

    Raises:
        TargetError: the certificate file cannot be used.
    """
    environment = target.environment
    options: dict[str, Any] = {
        "host": endpoint.host,
        "port": endpoint.port,
        "username": endpoint.username,
        "password": endpoint.password,
        "socket_connect_timeout": environment.redis_connect_timeout / 1000,
        "socket_timeout": min(environment.redis_socket_timeout, environment.redis_command_timeout) / 1000,
        "retry": Retry(_Backoff(), environment.redis_max_retries),
        "decode_responses": True,
        # A key may be any bytes: what is no UTF-8 is kept, so that it can be sent back.
        "encoding_errors": "surrogateescape",
        # The older protocol is the one that every provider and proxy speaks.
        "protocol": 2,
    }
    if endpoint.tls:
        # redis-py loads this file on top of the system's authorities: what Node does with its extra ones.
        options |= {"ssl": True, "ssl_ca_certs": _readable(target.ca_certificate)}
    return options


def _readable(certificates: Path | None) -> str | None:
    """Read the file once before redis-py does, for an error that names it."""
    if certificates is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=certificates)
    except OSError as error:
        raise TargetError(
            f"the file of trusted certificates {certificates} cannot be used: {error.strerror or error}",
            "name a PEM file that exists with --cacert or NODE_EXTRA_CA_CERTS",
        ) from error
    return str(certificates)


def _database(endpoint: Endpoint, environment: Environment) -> int:
    if endpoint.database not in {None, environment.redis_db}:
        raise TargetError(
            f"REDIS_URL asks for database {endpoint.database}, REDIS_DB for {environment.redis_db}",
            "leave the number out of REDIS_URL, or make them equal",
        )
    return environment.redis_db


async def _look_for_tls_mismatch(error: exceptions.RedisError, endpoint: Endpoint) -> None:
    """Replace a lost or silent connection by its reason, if that is TLS on one side only.

    Neither side says so by itself: a TLS server hangs up on plain text, and a plain Redis waits for the
    line to end that a TLS greeting never ends.
    """
    if type(error) not in {exceptions.ConnectionError, exceptions.TimeoutError}:
        return
    if not endpoint.tls and await speaks_tls(endpoint.host, endpoint.port):
        raise TargetError(
            f"the server at {endpoint.address} wants TLS, and REDIS_URL begins with redis://",
            "begin REDIS_URL with rediss:// and set REDIS_TLS=true",
        ) from error
    if endpoint.tls and await speaks_plain(endpoint.host, endpoint.port):
        raise TargetError(
            f"the server at {endpoint.address} does not use TLS, and REDIS_URL begins with rediss://",
            "switch TLS on at the server, or use its TLS port; with redis:// everyone on the way could read "
            "the password",
        ) from error
