"""One reading of all metrics."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.health.endpoint import Endpoint
from infra.health.failure import Problem, TargetError
from infra.health.metrics import catalogue
from infra.health.metrics.ask import Node, nodes_of
from infra.health.metrics.catalogue import CATALOGUE, COUNTERS
from infra.health.metrics.keys import KeySample, count_sessions, read_counter, sample_keys
from infra.health.metrics.probing import time_pings, try_connections
from infra.health.metrics.sample import Sample, Window, take_sample
from infra.health.metrics.server_figures import failed_a_minute, server_figures
from infra.health.metrics.slow import SlowLog, read_slow_log
from infra.health.metrics.value import Value, known_later
from infra.health.problems import explain
from infra.health.target import Client, Target, connect

FIRST_WINDOW = 2.0
"""Seconds between the two samples of a first reading; a later one has the time since the one before."""


@dataclass(frozen=True)
class Reading:
    """What was found."""

    at: dt.datetime
    address: str | None
    """Host and port; None when the URL does not say."""
    values: Mapping[str, Value]
    """By the metric's name; every metric is in it."""
    own_failures: int = 0
    """Connections that we could not open."""
    problem: Problem | None = None
    """Why the server cannot be reached."""
    slow_log: SlowLog = field(default_factory=SlowLog)
    keys: KeySample = field(default_factory=KeySample)
    last: Sample | None = None
    """What the next reading starts from."""


async def read(target: Target, before: Sample | None = None) -> Reading:
    """Read every metric that can be had. An unreachable server is a reading, too.

    Args:
        target: the server.
        before: the last sample of the reading before this one.
    """
    try:
        endpoint = target.endpoint
    except TargetError as error:
        return _unreachable(None, error.problem, 0)
    failed: int | None = None
    try:
        client = await connect(target)
        async with client:
            nodes = nodes_of(client)
            if before is None:
                before = await take_sample(nodes)
                await asyncio.sleep(FIRST_WINDOW)
            window = Window(before, await take_sample(nodes))
            # After the sample: what we do ourselves must not show in the figures.
            failed = await try_connections(target)
            return await _read_all(target, endpoint, client, nodes, window, failed)
    except TargetError as error:
        return _unreachable(endpoint, error.problem, 0)
    except Exception as error:
        if failed is None:
            failed = await try_connections(target)
        return _unreachable(endpoint, explain(error, endpoint), failed)


async def _read_all(
    target: Target, endpoint: Endpoint, client: Client, nodes: list[Node], window: Window, failed: int
) -> Reading:
    latency = await time_pings(nodes)
    values = {
        **server_figures(window, failed),
        catalogue.P50: Value(latency.p50),
        catalogue.P95: Value(latency.p95),
        catalogue.P99: Value(latency.p99),
        catalogue.SESSIONS: await known_later(count_sessions(nodes, target.environment.session_prefix)),
    }
    for name, key in COUNTERS.items():
        values[name] = await known_later(read_counter(client, key))
    slow_log, keys = await read_slow_log(nodes), await sample_keys(client, nodes)
    last = await take_sample(nodes)
    return Reading(
        _now(),
        endpoint.address,
        values,
        failed,
        slow_log=slow_log,
        keys=keys,
        last=last if last.infos else None,
    )


def _unreachable(endpoint: Endpoint | None, problem: Problem, failed: int) -> Reading:
    values = {name: Value(None, "no connection") for name in CATALOGUE}
    if failed:
        values[catalogue.FAILED] = failed_a_minute(None, failed)
    return Reading(_now(), endpoint.address if endpoint else None, values, failed, problem)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
