"""Starts, finds and stops the redis-server process that works in one folder."""

import os
import socket
import subprocess
import time
from pathlib import Path

import psutil
import redis

from infra.providers.local.binary import NAMES, find_server
from infra.providers.local.errors import LocalRedisError

HOST = "127.0.0.1"
CONFIG = "redis.conf"
READ_STDIN = "-"
LOG = "redis.log"
START_TIMEOUT = 60.0
"""Seconds a server may take to load its data."""
STOP_TIMEOUT = 15.0
"""Seconds a server may take to write its data before it is killed."""


def find(directory: Path) -> psutil.Process | None:
    """The server that was started in this folder, also when the folder was moved or deleted since.

    A process is told by its command line and its working directory, never by a remembered number: after a
    restart of the machine the number may belong to anybody.
    """
    places = {str(directory.resolve()), f"{directory.resolve()} (deleted)"}
    for process in psutil.process_iter(["cmdline", "cwd", "uids"]):
        uids, command = process.info["uids"], process.info["cmdline"] or []
        ours = uids and uids.real == os.getuid() and command[1:] == [READ_STDIN]
        if ours and Path(command[0]).name in NAMES and process.info["cwd"] in places:
            return process
    return None


def start(directory: Path, client: redis.Redis) -> None:
    """Start a server with the config file of this folder and wait until it answers the client.

    Raises:
        LocalRedisError: it did not start; the message has what the server wrote, and no process is left.
    """
    server, log = find_server(), directory / LOG
    log.touch(mode=0o600)
    # Redis takes a path for a pattern, and where nothing matches, it starts open to the world on port 6379.
    with (directory / CONFIG).open("rb") as config, log.open("wb") as output:
        # A session of its own: the engine ends its plugins with everything in their process group.
        process = subprocess.Popen(
            [server, READ_STDIN],
            cwd=directory,
            stdin=config,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
    try:
        _wait_until_ready(process, client)
    except BaseException as error:
        process.kill()
        process.wait()
        said = log.read_text(errors="replace")
        if not isinstance(error, LocalRedisError):
            raise
        if "TLS support" in said or "tls-port" in said:
            raise LocalRedisError(
                f"{server} was built without TLS. Install a Redis with TLS (apt install redis-server, "
                "brew install redis), or set local.tls to false."
            ) from error
        lines = "\n".join(line for line in said.splitlines()[-6:] if line.strip())
        raise LocalRedisError(
            f"{server} did not start: {error}. Its last words in {log}:\n{lines}"
        ) from error


def _wait_until_ready(process: subprocess.Popen[bytes], client: redis.Redis) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if (code := process.poll()) is not None:
            raise LocalRedisError(f"it ended with exit code {code}")
        if answers(client):
            return
        time.sleep(0.05)
    raise LocalRedisError(f"it did not answer within {START_TIMEOUT:.0f} s")


def answers(client: redis.Redis) -> bool:
    """Whether the server takes this client's password and has loaded its data."""
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def stop(process: psutil.Process) -> None:
    """End a server; it writes what it has to on the way out.

    Raises:
        LocalRedisError: it does not end.
    """
    for end in (process.terminate, process.kill):
        try:
            end()
            process.wait(STOP_TIMEOUT)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            pass
        return
    raise LocalRedisError(f"the redis-server with process id {process.pid} does not end; end it by hand")


def require_free_port(port: int) -> None:
    """Make sure that nobody listens on a loopback port.

    Raises:
        LocalRedisError: somebody does; the message names the process where the system tells.
    """
    with socket.socket() as probe:
        # As Redis does it: connections of a server that has just ended must not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise LocalRedisError(
                f"port {port} on {HOST} is taken by {_listener(port)}. Stop that process, or choose another "
                f"port: pulumi config set --path local.port {port + 1}"
            ) from error


def _listener(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS tells root only
        return "another process"
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
        if listens and connection.pid:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another process"
