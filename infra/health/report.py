"""A report for people, and one for programs."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.health.failure import Problem
from infra.health.runner import Report, Result


def as_json(report: Report) -> str:
    """Spell a report as JSON. These keys stay; others may be added.

    - ``passed``: whether every chosen check ran and passed
    - ``server``: ``address`` (null with an unreadable URL), ``tls``, and, null while it was never reached,
      ``software``, ``version``, ``role``, ``cluster``
    - ``problem``: null, or why the server cannot be reached: ``cause``, ``remedy``
    - ``not_run``: names of the checks that this prevented
    - ``checks``: for each that ran ``name``, ``passed``, ``operations``, ``p50_ms``, ``p95_ms``, ``p99_ms``
      (null where nothing was answered), ``details``, ``problem`` (null, or ``cause`` and ``remedy``) and
      ``advice`` (a list of the same)
    """
    server = report.server
    document = {
        "passed": report.passed,
        "server": {
            "address": report.address,
            "tls": report.tls,
            "software": server and server.software,
            "version": server and server.version,
            "role": server and server.role,
            "cluster": server and server.cluster,
        },
        "problem": _problem(report.problem),
        "not_run": list(report.not_run),
        "checks": [_result(result) for result in report.results],
    }
    return json.dumps(document, indent=2)


def _result(result: Result) -> dict[str, Any]:
    latency = result.latency
    return {
        "name": result.name,
        "passed": result.passed,
        "operations": result.operations,
        "p50_ms": latency and latency.p50,
        "p95_ms": latency and latency.p95,
        "p99_ms": latency and latency.p99,
        "details": dict(result.details),
        "problem": _problem(result.problem),
        "advice": [_problem(advice) for advice in result.advice],
    }


def _problem(problem: Problem | None) -> dict[str, str] | None:
    return None if problem is None else {"cause": problem.cause, "remedy": problem.remedy}


def print_report(report: Report, console: Console) -> None:
    """Print a line for each check, the server, and every problem with its remedy."""
    if report.results:
        console.print(_table(report))
    if report.server:
        console.print(Text(_server_line(report)), soft_wrap=True)
    for title, style, problem in _problems(report):
        console.print(Text.assemble((f"{title}: ", style), problem.cause), soft_wrap=True)
        console.print(Text(f"  what to do: {problem.remedy}"), soft_wrap=True)


def _table(report: Report) -> Table:
    table = Table("check", "result")
    for heading in ("operations", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for result in report.results:
        verdict = Text("passed", "green") if result.passed else Text("failed", "bold red")
        latency = result.latency
        times = (latency.p50, latency.p95, latency.p99) if latency else ()
        cells = [f"{time:.2f}" for time in times] or ["-"] * 3
        table.add_row(result.name, verdict, str(result.operations), *cells)
    for name in report.not_run:
        table.add_row(name, Text("not run", "yellow"), "0", "-", "-", "-")
    return table


def _server_line(report: Report) -> str:
    server = report.server
    assert server is not None, "only a server that was reached has a line"
    kind = "Redis Cluster, " if server.cluster else ""
    tls = "with TLS" if report.tls else "without TLS"
    return f"{report.address}: {server.software} {server.version}, {kind}{server.role}, {tls}"


def _problems(report: Report) -> Iterator[tuple[str, str, Problem]]:
    told: set[Problem] = set()
    for result in report.results:
        if result.problem:
            told.add(result.problem)
            yield result.name, "bold red", result.problem
        for advice in result.advice:
            yield f"{result.name} (passed, but)" if result.passed else result.name, "yellow", advice
    # A server that died within a check is the reason for that check's failure and for the next ones' absence.
    if report.problem and report.problem not in told:
        yield "no connection", "bold red", report.problem
