"""From a reading to findings, the worst first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from infra.health.failure import Problem
from infra.health.metrics import catalogue, rules
from infra.health.metrics.hints import hints
from infra.health.metrics.reading import Reading
from infra.health.metrics.rules import RULES, Rule
from infra.settings.thresholds import Thresholds


class Status(IntEnum):
    """How a Redis is: the command's exit code."""

    HEALTHY = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True)
class Finding:
    """Something that should be otherwise."""

    severity: rules.Severity | Literal["note"]
    """A note is for the next quiet hour: it makes no status worse."""
    metric: str | None
    problem: Problem


def judge(reading: Reading, thresholds: Thresholds) -> list[Finding]:
    """Compare a reading with the thresholds, and look at what explains it."""
    found: list[Finding] = []
    if reading.problem:
        found.append(Finding("critical", None, reading.problem))
    found += (finding for rule in RULES for finding in _judged(rule, reading, thresholds))
    found.sort(key=lambda finding: finding.severity)  # critical comes before warning
    full = any(finding.metric in (catalogue.MEMORY_USED, catalogue.EVICTED) for finding in found)
    return found + [Finding("note", None, hint) for hint in hints(reading.slow_log, reading.keys, full=full)]


def status_of(findings: Sequence[Finding]) -> Status:
    """The worst of the findings."""
    return max((_status(finding.severity) for finding in findings), default=Status.HEALTHY)


def by_metric(findings: Sequence[Finding]) -> Mapping[str, Status]:
    """The status of each metric that has a finding."""
    return {finding.metric: _status(finding.severity) for finding in findings if finding.metric}


def _status(severity: str) -> Status:
    return {"critical": Status.CRITICAL, "warning": Status.WARNING}.get(severity, Status.HEALTHY)


def _judged(rule: Rule, reading: Reading, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding: of the worst severity whose threshold is passed."""
    figure = reading.values[rule.metric].figure
    for severity, remedy in rule.remedies.items():
        threshold: float = getattr(thresholds, f"{rule.threshold}_{severity}")
        if figure is not None and (figure < threshold if rule.below else figure > threshold):
            side = "below" if rule.below else "above"
            cause = f"{rule.happened} {figure:.1f}{rule.unit} ({severity} {side} {threshold:g}{rule.unit})"
            yield Finding(severity, rule.metric, Problem(cause, remedy))
            return
