"""Read, judge and tell, once or again and again."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console

from infra.health.metrics.cloudwatch import Publisher, PublishError
from infra.health.metrics.judge import Finding, Status, judge, status_of
from infra.health.metrics.openmetrics import as_openmetrics
from infra.health.metrics.picture import as_svg
from infra.health.metrics.reading import Reading, read
from infra.health.metrics.report import as_json, print_reading
from infra.health.target import Target
from infra.settings.thresholds import Thresholds

Form = Literal["table", "json", "openmetrics"]
INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the user wants to see."""

    stack: str | None = None
    """The stack's name, which is put beside the figures."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    form: Form = "table"
    every: float | None = None
    """Seconds from one reading to the next; None for one reading."""
    cloudwatch: bool = False
    picture: Path | None = None
    """An SVG file for the table."""


def metrics(target: Target, order: Order) -> int:
    """Read until there is nothing more to read; return the exit code: the last reading's status.

    A reading that cannot be published is critical: alarms wait for it.
    """
    publisher = None
    if order.cloudwatch:
        try:
            publisher = Publisher(order.stack or "")
        except PublishError as error:
            _say(error)
            return Status.CRITICAL
    code, before = INTERRUPTED, None
    try:
        while True:
            started = time.monotonic()
            reading = asyncio.run(read(target, before))
            findings = judge(reading, order.thresholds)
            # Before it is told: Ctrl-C ends with the status of the last reading that was shown.
            code = max(status_of(findings), _publish(reading, publisher))
            _tell(reading, findings, order)
            before = reading.last
            if order.every is None:
                return code
            time.sleep(max(order.every - (time.monotonic() - started), 0))
    except KeyboardInterrupt:
        return code


def _tell(reading: Reading, findings: Sequence[Finding], order: Order) -> None:
    if order.form == "json":
        print(as_json(reading, findings, order.stack, indent=2 if order.every is None else None), flush=True)
    elif order.form == "openmetrics":
        print(as_openmetrics(reading, status_of(findings), order.stack), end="", flush=True)
    else:
        print_reading(reading, findings, Console(highlight=False))
        if order.picture:
            order.picture.write_text(as_svg(reading, findings, order.stack))


def _publish(reading: Reading, publisher: Publisher | None) -> Status:
    if publisher is None:
        return Status.HEALTHY
    try:
        publisher.publish(reading)
    except PublishError as error:
        _say(error)
        return Status.CRITICAL
    return Status.HEALTHY


def _say(error: PublishError) -> None:
    print(f"error: {error.problem.cause}: {error.problem.remedy}", file=sys.stderr)
