"""What every provider yields: how to reach its Redis, and what a reviewer wants to know about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pulumi


def redis_url(host: str, port: int, password: str, *, username: str = "default", tls: bool) -> str:
    """Build the URL that ioredis, node-redis, redis-py and redis-cli take.

    User and password are percent-encoded: a password may hold any character.

    >>> redis_url("cache.example", 6379, "p@ss/word", tls=True)
    'rediss://default:p%40ss%2Fword@cache.example:6379'
    """
    scheme = "rediss" if tls else "redis"
    address = f"[{host}]" if ":" in host else host
    return f"{scheme}://{quote(username, safe='')}:{quote(password, safe='')}@{address}:{int(port)}"


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach a Redis. The password becomes a secret here, and so does all that is built from it."""

    host: pulumi.Input[str]
    """The address that takes the writes; with ``cluster``, the one that knows the members."""
    port: pulumi.Input[int]
    password: pulumi.Input[str]
    username: pulumi.Input[str] = "default"
    tls: bool
    cluster: bool = False
    """Whether clients have to speak Redis Cluster."""
    reader_host: pulumi.Input[str] | None = None
    """An address that spreads reads over the replicas, where there are any."""
    rest_url: pulumi.Input[str] | None = None
    """The REST API (Upstash only)."""
    rest_token: pulumi.Input[str] | None = None
    """The REST API's password (Upstash only)."""
    ca_certificate: pulumi.Input[str] | None = None
    """File with the authority that signed the server's certificate, where no system trusts it by itself."""

    @property
    def url(self) -> pulumi.Output[str]:
        """The URL for reading and writing, a secret."""
        return self._url(self.host)

    @property
    def reader_url(self) -> pulumi.Output[str] | None:
        """The URL for reading from the replicas, a secret; None where there are none."""
        return None if self.reader_host is None else self._url(self.reader_host)

    def _url(self, host: pulumi.Input[str]) -> pulumi.Output[str]:
        parts = pulumi.Output.all(host=host, port=self.port, password=self.password, username=self.username)
        return pulumi.Output.secret(parts.apply(lambda values: redis_url(**values, tls=self.tls)))

    def variables(self) -> dict[str, pulumi.Input[str]]:
        """The application's environment variables that come from the provider."""
        variables: dict[str, pulumi.Input[str] | None] = {
            "REDIS_URL": self.url,
            "REDIS_TLS": str(self.tls).lower(),
            "UPSTASH_REDIS_REST_URL": self.rest_url,
            "UPSTASH_REDIS_REST_TOKEN": self.rest_token,
            # Node.js trusts this file beside its own authorities.
            "NODE_EXTRA_CA_CERTS": self.ca_certificate,
        }
        return {name: value for name, value in variables.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a preview shows about a Redis. Nothing in it is secret."""

    provider: str
    region: str
    engine: str
    """The software and its version as far as the config says it, for example ``redis 7.0``."""
    nodes: str
    """How many there are, and of what size."""
    high_availability: bool
    tls: bool
    access: list[str]
    """Who may connect: address ranges, security groups, or words."""
    backup: str
    """What is kept, how often and for how long."""
    estimated_monthly_cost: str
    """In US dollars, with the date of the prices it is reckoned from."""
    dashboard: pulumi.Input[str] | None = None
    """Where to look at its metrics, where there is such a place."""

    def __str__(self) -> str:
        """Say everything that is known before the Redis exists, in one line."""
        parts = [
            f"{self.provider}, {self.region}",
            self.engine,
            self.nodes,
            "highly available" if self.high_availability else "not highly available",
            "TLS" if self.tls else "no TLS",
            f"who may connect: {', '.join(self.access)}",
            f"backup: {self.backup}",
            f"cost a month: {self.estimated_monthly_cost}",
        ]
        return "; ".join(parts)


class RedisComponent(pulumi.ComponentResource):
    """A provider's component: whatever it makes, it yields these."""

    connection: Connection
    facts: Facts
    outputs: Mapping[str, Any] = {}
    """What only this provider has, by the names of the stack's outputs; a secret is an ``Output.secret``."""
