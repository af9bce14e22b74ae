"""What a server says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis import exceptions

if TYPE_CHECKING:
    from infra.health.target import Client

ROLES = {"master": "primary", "slave": "replica"}
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Server:
    """Facts from INFO; a server that does not tell leaves them unknown or 0."""

    software: str = UNKNOWN
    version: str = UNKNOWN
    role: str = UNKNOWN
    cluster: bool = False
    memory_used: int = 0
    """Bytes."""
    memory_limit: int = 0
    """Bytes; 0 where there is no limit."""
    hits: int = 0
    """Lookups since the server's start that found their key."""
    misses: int = 0
    """Lookups since the server's start that did not."""


async def read_server(client: "Client") -> Server:
    """Ask the server; in a cluster, one of its nodes. A user without the right to ask learns nothing."""
    try:
        return parse_info(await client.info())
    except exceptions.ResponseError:
        return Server()


def parse_info(info: Mapping[str, Any]) -> Server:
    """Pick the facts out of a parsed INFO reply."""
    software = str(info.get("server_name", "redis"))
    role = str(info.get("role", UNKNOWN))
    return Server(
        software=software,
        # Valkey still names the Redis that it is compatible with under the old key.
        version=str(info.get(f"{software}_version", info.get("redis_version", UNKNOWN))),
        role=ROLES.get(role, role),
        cluster=info.get("cluster_enabled") == 1,
        memory_used=int(info.get("used_memory", 0)),
        memory_limit=int(info.get("maxmemory", 0)),
        hits=int(info.get("keyspace_hits", 0)),
        misses=int(info.get("keyspace_misses", 0)),
    )
