"""Where the tests find real Redis programs, with TLS and without, on a machine that may have none."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from redis import Redis

from infra.providers.local import binary
from infra.providers.local.errors import LocalRedisError

PROBE_SECONDS = 10
APT_SECONDS = 240
WRAPPER = """#!/bin/sh
# The libraries lie beside the program, as nothing was installed.
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH={libraries} exec "$here/root/usr/bin/{program}" "$@"
"""


class NoServerError(Exception):
    """This machine has no such program and offers no way to get it without root."""


def require(find: Callable[[], Path]) -> Path:
    """A program for a test: the test is skipped where there is none, and fails where CI says it must run."""
    try:
        return find()
    except NoServerError as error:
        if "CI" in os.environ:
            pytest.fail(f"a skipped test must not count as done: {error}")
        pytest.skip(str(error))


def wait_until_written(client: Redis) -> None:
    """Wait until a crash loses nothing: Redis puts writes to its file off while it flushes earlier ones."""
    while client.info("persistence").get("aof_buffer_length", 0):
        time.sleep(0.01)


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def find_server() -> Path:
    """The Redis server that a user of this machine gets.

    Raises:
        NoServerError: there is none.
    """
    try:
        return binary.find_server()
    except LocalRedisError as error:
        raise NoServerError(str(error)) from error


@cache
def find_tls_server() -> Path:
    """A Redis server that speaks TLS: one on PATH, else Debian's, unpacked into the user's cache.

    Raises:
        NoServerError: none is on PATH and Debian's package cannot be had here.
    """
    for path in _servers_on_path():
        if has_tls(path):
            return path
    return _debian_redis() / "redis-server"


@cache
def find_redis_cli() -> Path:
    """redis-cli: the one on PATH, else Debian's, unpacked into the user's cache.

    Raises:
        NoServerError: neither can be had here.
    """
    found = shutil.which("redis-cli") or shutil.which("valkey-cli")
    return Path(found) if found else _debian_redis() / "redis-cli"


def _servers_on_path() -> list[Path]:
    found = (shutil.which(name) for name in binary.NAMES)
    return [Path(path) for path in found if path]


def has_tls(server: Path) -> bool:
    """Ask for a TLS port without a certificate: only a server that knows TLS misses the certificate."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(server), "--port", "0", "--tls-port", str(free_port()), "--save", ""]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, timeout=PROBE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
    return b"tls-cert-file" in done.stdout + done.stderr


def _debian_redis() -> Path:
    """The folder that holds Debian's redis-server and redis-cli, filled when it is first asked for."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mantisnxt-redis"
    folder = base / "debian-redis"
    if folder.is_dir():
        return folder
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NoServerError("no Redis server with TLS on PATH, and no apt-get and dpkg-deb to get one with")
    base.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=base))
    try:
        _unpack(work)
        try:
            (work / "ready").rename(folder)
        except OSError:
            # Another run was faster: its folder is as good as this one.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _unpack(work: Path) -> None:
    """Download redis-tools with the libraries this machine misses and unpack them under `work`/ready."""
    (work / "ready").mkdir()
    for package in _download(work):
        _run(["dpkg-deb", "-x", str(package), str(work / "ready" / "root")])
    programs = work / "ready" / "root" / "usr" / "bin"
    # One binary plays every part of the server and looks at the name it was started by.
    (programs / "redis-server").symlink_to("redis-check-rdb")
    libraries = sorted({path.parent for path in (work / "ready").rglob("*.so*")})
    search_path = ":".join(f'"$here"/{path.relative_to(work / "ready")}' for path in libraries)
    for program in ("redis-server", "redis-cli"):
        wrapper = work / "ready" / program
        wrapper.write_text(WRAPPER.format(libraries=search_path, program=program))
        wrapper.chmod(0o755)
    _run([str(work / "ready" / "redis-server"), "--version"])


def _download(work: Path) -> list[Path]:
    lists, archives = work / "lists", work / "cache" / "archives"
    for folder in (lists, archives):
        (folder / "partial").mkdir(parents=True)
    # The machine's own lists and locks belong to root; these folders do not.
    apt = [
        "apt-get",
        "--quiet",
        f"-oDir::State::Lists={lists}",
        f"-oDir::Cache={work / 'cache'}",
        "-oDebug::NoLocking=1",
        "-oAPT::Sandbox::User=root",
    ]
    # Its exit code says nothing: a hook that cleans the system's own cache fails without root.
    subprocess.run(
        [*apt, "update"], capture_output=True, timeout=APT_SECONDS, check=False, stdin=subprocess.DEVNULL
    )
    wanted = ["--download-only", "--reinstall", "--no-install-recommends", "--yes", "install", "redis-tools"]
    _run([*apt, *wanted])
    return sorted(archives.glob("*.deb"))


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=APT_SECONDS, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise NoServerError(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")
