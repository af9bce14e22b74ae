"""Run checks one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.health.checks import CHECKS
from infra.health.failure import Problem, TargetError
from infra.health.latency import Latency, latency_of
from infra.health.probe import Probe, Value, open_probe
from infra.health.problems import explain
from infra.health.server import Server, read_server
from infra.health.target import Client, Target, connect


@dataclass(frozen=True)
class Result:
    """What one check found."""

    name: str
    operations: int
    latency: Latency | None
    """None where no operation was answered."""
    details: Mapping[str, Value]
    problem: Problem | None
    """None where the check passed."""
    advice: tuple[Problem, ...] = ()
    """What should be better although it does not fail the check."""

    @property
    def passed(self) -> bool:
        """Whether the application gets what this check is about."""
        return self.problem is None


@dataclass(frozen=True)
class Report:
    """What all chosen checks found."""

    address: str | None
    """Host and port; None when the URL does not say."""
    tls: bool
    server: Server | None
    """None when the server was never reached."""
    results: tuple[Result, ...]
    problem: Problem | None
    """Why the server cannot be reached (any more); None where it can."""
    not_run: tuple[str, ...]
    """The checks that this problem prevented."""

    @property
    def passed(self) -> bool:
        """Whether every chosen check ran and passed."""
        return self.problem is None and all(result.passed for result in self.results)


async def run(target: Target, names: Sequence[str]) -> Report:
    """Run the named checks. One connection that fails is one problem, and the checks after it do not run.

    Raises:
        KeyError: there is no check of a given name.
    """
    checks = {name: CHECKS[name] for name in names}
    try:
        endpoint = target.endpoint
    except TargetError as error:
        return Report(None, False, None, (), error.problem, tuple(checks))
    server: Server | None = None
    results: list[Result] = []
    problem: Problem | None = None
    for name in checks:
        try:
            client = await connect(target)
        except Exception as error:
            problem = explain(error, endpoint)
            break
        async with client:
            server = server or await read_server(client)
            results.append(await _run_one(target, client, name))
    done = {result.name for result in results}
    not_run = tuple(name for name in checks if name not in done)
    return Report(endpoint.address, endpoint.tls, server, tuple(results), problem, not_run)


async def _run_one(target: Target, client: Client, name: str) -> Result:
    problem: Problem | None = None
    probe: Probe | None = None
    try:
        async with open_probe(target, client) as probe:
            await CHECKS[name](probe)
    except Exception as error:
        problem = explain(error, target.endpoint)
    assert probe is not None, "opening a probe asks nothing of the server"
    latency = latency_of(probe.seconds)
    slow = (latency.advice,) if latency and latency.advice else ()
    return Result(name, len(probe.seconds), latency, probe.details, problem, (*probe.advice, *slow))
