"""A reading for people, and one for programs."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.health.metrics.catalogue import CATALOGUE
from infra.health.metrics.judge import Finding, Status, by_metric, status_of
from infra.health.metrics.reading import Reading
from infra.health.metrics.value import Value

STYLES = {Status.HEALTHY: "green", Status.WARNING: "yellow", Status.CRITICAL: "bold red"}
SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "note": "cyan"}


def as_json(reading: Reading, findings: Sequence[Finding], stack: str | None, *, indent: int | None) -> str:
    """Spell a reading as JSON. These keys stay; others may be added.

    - ``stack``, ``address`` (null where unknown), ``at`` (UTC, ISO 8601)
    - ``status``: ``healthy``, ``warning`` or ``critical``
    - ``metrics``: by name ``value`` (null where not available), ``unit``, ``status`` (as above; null without
      a value), ``note``, ``estimate``
    - ``findings``: ``severity`` (``critical``, ``warning``, ``note``), ``metric`` (or null), ``cause``,
      ``remedy``
    - ``unknown``: what else could not be learnt, and why
    """
    statuses = by_metric(findings)
    document: dict[str, Any] = {
        "stack": stack,
        "address": reading.address,
        "at": reading.at.isoformat(timespec="seconds"),
        "status": status_of(findings).name.lower(),
        "metrics": {
            name: {
                "value": value.figure,
                "unit": CATALOGUE[name].unit,
                "status": None if value.figure is None else statuses.get(name, Status.HEALTHY).name.lower(),
                "note": value.note,
                "estimate": value.estimate,
            }
            for name, value in _ordered(reading)
        },
        "findings": [
            {
                "severity": finding.severity,
                "metric": finding.metric,
                "cause": finding.problem.cause,
                "remedy": finding.problem.remedy,
            }
            for finding in findings
        ],
        "unknown": _unknown(reading),
    }
    return json.dumps(document, indent=indent, ensure_ascii=False)


def print_reading(
    reading: Reading, findings: Sequence[Finding], console: Console, *, wrap: bool = False
) -> None:
    """Print a line for each metric, where the server was reached, then every finding with its remedy.

    Args:
        reading: what was found.
        findings: what it means.
        console: where to print.
        wrap: whether to break long lines; a terminal does it by itself, and a log needs them whole.
    """
    if reading.problem is None:
        console.print(_table(reading, findings))
    console.print(Text.assemble(*_heading(reading, status_of(findings))), soft_wrap=not wrap)
    for finding in findings:
        style = SEVERITY_STYLES[finding.severity]
        console.print(
            Text.assemble((f"{finding.severity}: ", style), finding.problem.cause), soft_wrap=not wrap
        )
        console.print(Text(f"  what to do: {finding.problem.remedy}"), soft_wrap=not wrap)
    for unknown in _unknown(reading):
        console.print(Text(f"not available: {unknown}", "dim"), soft_wrap=not wrap)


def _table(reading: Reading, findings: Sequence[Finding]) -> Table:
    statuses = by_metric(findings)
    table = Table()
    table.add_column("metric", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("note", style="dim", overflow="fold")
    for name, value in _ordered(reading):
        if value.figure is None:
            table.add_row(name, Text("not available", "dim"), "", value.note)
            continue
        style = STYLES[statuses.get(name, Status.HEALTHY)]
        text = Text(("~" if value.estimate else "") + _figure(value.figure), style)
        table.add_row(name, text, CATALOGUE[name].unit, value.note)
    return table


def _figure(figure: float) -> str:
    return f"{figure:,.0f}" if float(figure).is_integer() else f"{figure:,.2f}"


def _heading(reading: Reading, status: Status) -> list[str | tuple[str, str]]:
    when = reading.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return [f"{reading.address or 'no address'}, {when}: ", (status.name.lower(), STYLES[status])]


def _ordered(reading: Reading) -> list[tuple[str, Value]]:
    return [(name, reading.values[name]) for name in CATALOGUE]


def _unknown(reading: Reading) -> list[str]:
    return [*reading.slow_log.unknown, *reading.keys.unknown]
