"""Servers and targets for the live tests."""

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
import trustme

from tests.live.running import Directives, Running, Serve, serve, serve_cluster
from tests.live.stacks import Stack
from tests.servers import find_tls_server, require


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that servers may litter."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="session")
def plain(base: Path) -> Iterator[Running]:
    """A server without TLS that tests leave as they found it."""
    with serve(base) as running:
        yield running


@pytest.fixture(scope="session")
def cluster(base: Path) -> Iterator[list[Running]]:
    """A Redis Cluster of three."""
    with serve_cluster(base, 3) as members:
        yield members


@pytest.fixture(scope="session")
def one_node_cluster(base: Path) -> Iterator[list[Running]]:
    """A Redis Cluster of one."""
    with serve_cluster(base, 1) as members:
        yield members


@pytest.fixture(scope="session")
def certificates(base: Path) -> Path:
    """A folder with ca.pem, stranger.pem (another authority) and good, other and expired as .pem and .key."""
    folder = base / "certificates"
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    trustme.CA().cert_pem.write_to_path(str(folder / "stranger.pem"))
    now = dt.datetime.now(dt.UTC)
    long_ago, yesterday = now - dt.timedelta(days=9), now - dt.timedelta(days=1)
    issued = {
        "good": authority.issue_cert("127.0.0.1"),
        "other": authority.issue_cert("redis.example"),
        "expired": authority.issue_cert("127.0.0.1", not_before=long_ago, not_after=yesterday),
    }
    for name, certificate in issued.items():
        certificate.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))
        certificate.private_key_pem.write_to_path(str(folder / f"{name}.key"))
    return folder


@pytest.fixture(scope="session")
def serve_tls(base: Path, certificates: Path) -> Serve:
    """A function like `serve`, for a server with TLS and one of the certificates."""
    server = require(find_tls_server)

    def start(
        certificate: str = "good", directives: Directives | None = None
    ) -> AbstractContextManager[Running]:
        settings = {
            "tls-cert-file": str(certificates / f"{certificate}.pem"),
            "tls-key-file": str(certificates / f"{certificate}.key"),
            "tls-ca-cert-file": str(certificates / "ca.pem"),
            "tls-auth-clients": "no",
        }
        settings |= directives or {}
        return serve(base, settings, server=server, authority=certificates / "ca.pem")

    return start


@pytest.fixture(scope="session")
def tls(serve_tls: Serve) -> Iterator[Running]:
    """A server with TLS that tests leave as they found it."""
    with serve_tls() as running:
        yield running


@pytest.fixture
def serve_plain(base: Path) -> Serve:
    """`serve`, with the folder filled in."""
    return partial(serve, base)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack with a running server."""
    stack = Stack(tmp_path / "home of it's", tmp_path / "store")
    stack.up()
    try:
        yield stack
    finally:
        stack.kill()
