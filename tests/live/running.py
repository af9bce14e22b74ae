"""Real Redis servers for one test or one session, on loopback only."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from redis import Redis
from redis.exceptions import ConnectionError as LostConnection

from infra.health.target import Target
from infra.settings.environment import Environment
from tests.servers import find_server, free_port

PASSWORD = "correct horse/battery@staple?#%41"
START_SECONDS = 10.0
SLOTS = 16384
Directives = Mapping[str, str]
PATIENT = {"REDIS_MAX_RETRIES": "1", "REDIS_CONNECT_TIMEOUT": "5000"}
"""For servers that are to pass: a busy machine is no failure."""
HASTY = {"REDIS_MAX_RETRIES": "1", "REDIS_CONNECT_TIMEOUT": "400", "REDIS_COMMAND_TIMEOUT": "400"}
"""For servers that never answer."""
_numbers = count()


def target_of(url: str, variables: Mapping[str, str] = PATIENT, authority: Path | None = None) -> Target:
    """A target as the command line would make it."""
    return Target(url, Environment.from_variables(variables), authority)


@dataclass(frozen=True)
class Running:
    """A server that a test may also break."""

    process: subprocess.Popen[bytes]
    port: int
    password: str
    authority: Path | None
    """The PEM file that vouches for its certificate; None without TLS."""

    @property
    def url(self) -> str:
        """What the application would get as REDIS_URL."""
        return self.url_with(self.password)

    def url_with(self, password: str, user: str = "default", *, tls: bool | None = None) -> str:
        """The URL with something in it changed."""
        encrypted = self.authority is not None if tls is None else tls
        return f"redis{'s' * encrypted}://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}"

    def client(self) -> Redis:
        """A client of the test's own."""
        return Redis(
            host="127.0.0.1",
            port=self.port,
            password=self.password,
            protocol=2,
            decode_responses=True,
            ssl=self.authority is not None,
            ssl_ca_certs=str(self.authority) if self.authority else None,
        )

    def command(self, *words: str | int) -> Any:
        """Run one command."""
        with self.client() as client:
            return client.execute_command(*words)

    @contextmanager
    def user(self, *rights: str) -> Iterator[str]:
        """A user with these rights only, for a while; the URL with which the user logs in."""
        self.command("ACL SETUSER", "limited", "on", ">enough", *rights)
        try:
            yield self.url_with("enough", "limited")
        finally:
            self.command("ACL DELUSER", "limited")

    def keys(self) -> int:
        """How many keys there are."""
        with self.client() as client:
            return int(client.dbsize())


@contextmanager
def serve(
    base: Path,
    directives: Directives | None = None,
    *,
    server: Path | None = None,
    password: str = PASSWORD,
    authority: Path | None = None,
) -> Iterator[Running]:
    """Run a server in a folder of its own under `base` until the block ends, whatever happens in it."""
    port = free_port()
    folder = base / f"redis-{next(_numbers)}"
    folder.mkdir(mode=0o700)
    settings = {"bind": "127.0.0.1", "dir": str(folder), "save": '""', "appendonly": "no"}
    settings |= {"requirepass": _quoted(password), "masterauth": _quoted(password)}
    settings |= {"port": "0", "tls-port": str(port)} if authority else {"port": str(port)}
    settings |= directives or {}
    config = folder / "redis.conf"
    config.touch(mode=0o600)
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [server or find_server(), config], stdout=log, stderr=subprocess.STDOUT, cwd=folder
        )
    try:
        _wait_until_listening(process, port, folder / "log")
        yield Running(process, port, password, authority)
    finally:
        process.kill()
        process.wait()


def _quoted(password: str) -> str:
    """Spell a password so that Redis's config file takes it literally, whatever is in it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in password.encode()) + '"'


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {log.read_text(errors='replace')}")


@contextmanager
def serve_cluster(base: Path, nodes: int) -> Iterator[list[Running]]:
    """Run a Redis Cluster of primaries, each with an equal share of the slots, until the block ends."""
    with ExitStack() as stack:
        members = [
            stack.enter_context(serve(base, {"cluster-enabled": "yes", "cluster-port": str(free_port())}))
            for _ in range(nodes)
        ]
        for number, member in enumerate(members):
            first, last = number * SLOTS // nodes, (number + 1) * SLOTS // nodes - 1
            member.command("CLUSTER ADDSLOTSRANGE", first, last)
        for member in members[1:]:
            bus = member.command("CONFIG GET", "cluster-port")["cluster-port"]
            members[0].command("CLUSTER MEET", "127.0.0.1", member.port, bus)
        wait_until(lambda: all(_whole(member, nodes) for member in members))
        yield members


def _whole(member: Running, nodes: int) -> bool:
    state, ranges = member.command("CLUSTER INFO"), member.command("CLUSTER SLOTS")
    return str(state["cluster_state"]) == "ok" and len(ranges) == nodes


def wait_until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(LostConnection):
            if condition():
                return
        time.sleep(0.02)
    raise AssertionError("it did not come about in time")


Serve: TypeAlias = Callable[..., AbstractContextManager[Running]]
"""A function that runs a server, with some of the arguments of `serve` filled in."""
