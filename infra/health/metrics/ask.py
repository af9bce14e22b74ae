"""Ask a server that may refuse some questions."""

from typing import Any, Protocol

from redis import exceptions
from redis.asyncio import RedisCluster

from infra.health.metrics.value import NotAvailable
from infra.health.target import Client


class Node(Protocol):
    """One server: a plain Redis, or a primary of a Redis Cluster."""

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        """Run one command and parse its reply."""


def nodes_of(client: Client) -> list[Node]:
    """The servers that hold the data."""
    return list(client.get_primaries()) if isinstance(client, RedisCluster) else [client]


async def ask(node: Node, command: str, *arguments: str | int, **options: bool) -> Any:
    """Run one command; the options are those of redis-py's parser.

    Raises:
        NotAvailable: the server does not know it, or does not let this user run it.
        redis.exceptions.RedisError: the connection is lost.
    """
    try:
        return await node.execute_command(command, *arguments, **options)
    except exceptions.ResponseError as error:
        raise NotAvailable(refusal(command, error)) from None


def refusal(command: str, error: Exception) -> str:
    """Say why a command was refused, without the arguments that some servers repeat."""
    if isinstance(error, exceptions.NoPermissionError):
        return f"the user may not run {command}"
    return f"{command}: {str(error).partition(', with args beginning with')[0]}"
