"""A reading of a server, taken apart; and a server that is slow."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from redis import Redis

from infra.health.metrics.judge import Status, by_metric, judge, status_of
from infra.health.metrics.reading import Reading, read
from infra.settings.thresholds import Thresholds
from tests.live.running import PATIENT, Running, target_of


def read_once(url: str, before: Reading | None = None, variables: Mapping[str, str] = PATIENT) -> Reading:
    return asyncio.run(read(target_of(url, variables), before.last if before else None))


def figure(found: Reading, name: str) -> float:
    value = found.values[name].figure
    assert value is not None, found.values[name].note
    return value


def statuses(found: Reading) -> tuple[Status, Mapping[str, Status]]:
    """The whole status, and those of the metrics that have a finding."""
    findings = judge(found, Thresholds())
    return status_of(findings), by_metric(findings)


def notes(found: Reading) -> list[str]:
    return [finding.problem.cause for finding in judge(found, Thresholds()) if finding.severity == "note"]


def fill(client: Redis, count: int = 10_000) -> int:
    """Put some ten megabytes of values with a TTL in; the memory then in use."""
    script = "for i = 1, ARGV[1] do redis.call('SET', 'f:' .. i, string.rep('x', 1000), 'EX', 900) end"
    client.eval(script, 0, str(count))
    return int(client.info("memory")["used_memory"])


@contextmanager
def delayed(running: Running, seconds: float) -> Iterator[str]:
    """A proxy that holds every ping up; the URL that leads through it."""

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if b"\r\nPING\r\n" in data:
                    time.sleep(seconds)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    server = socket.create_connection(("127.0.0.1", running.port))
                    for ends in ((client, server), (server, client)):
                        threading.Thread(target=pass_on, args=ends, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield running.url.replace(f":{running.port}", f":{listener.getsockname()[1]}")
        # Closing a socket does not wake a thread that waits on it.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
