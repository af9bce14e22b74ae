"""The alarms of a replication group: one a threshold, over all of its nodes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infra.providers.elasticache.metrics import NAMESPACE, PERIOD, PUBLISHED_NAMESPACE, Metric, node
from infra.settings.thresholds import Thresholds

Severity = Literal["critical", "warning"]

METRICS_PER_ALARM = 10
"""CloudWatch's limit for an alarm with an expression, a hard one (CloudWatch user guide, "Limits")."""

EVALUATION: Mapping[Severity, tuple[int, int]] = {"critical": (5, 2), "warning": (5, 3)}
"""How many periods count, and how many of them have to be bad.

One bad minute is no news, two within five are. Not in a row: a sample may reach CloudWatch minutes late.
"""

ENOUGH_READS = 100
"""Below so many reads in a period a hit rate says nothing: a few misses at night would be an alarm."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is watched.

    Attributes:
        name: what the alarms are called.
        threshold: the setting without its severity.
        unit: of the threshold, as the description spells it.
        metrics: read for each node; the expression calls them ``{a}``, ``{b}``.
        expression: one figure for all nodes, in the threshold's unit.
        happened: first sentence of the description, up to the threshold.
        remedies: for each severity what to do.
        published: what ``make metrics --cloudwatch`` adds to the figure, when it runs.
        combine: how it is added.
        below: whether less is worse.
        period: seconds over which the statistics are taken.
        evaluation: how many periods count and how many have to be bad, where the severity does not decide.
        sparse: whether the figure is missing as long as nothing happens, so that a missing one is a good one.
            Others come every minute: without them the alarm shows that it has no data.
    """

    name: str
    threshold: str
    unit: str
    metrics: Sequence[Metric]
    expression: str
    happened: str
    remedies: Mapping[Severity, str]
    published: Metric | None = None
    combine: Literal["MAX", "SUM"] = "MAX"
    below: bool = False
    period: int = PERIOD
    evaluation: tuple[int, int] | None = None
    sparse: bool = True


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm as CloudWatch takes it; ``name`` goes after the group's id."""

    name: str
    severity: Severity
    description: str
    below: bool
    threshold: float
    queries: Sequence[Mapping[str, Any]]
    periods: int
    bad_periods: int
    missing: Literal["missing", "notBreaching"]


def alarms(
    rules: Sequence[Rule], members: Sequence[str], *, stack: str, thresholds: Thresholds
) -> tuple[Alarm, ...]:
    """Make the alarms of a group.

    A rule whose metrics are too many for one alarm gets a second one, for the other half of the nodes: from
    five nodes on where something published is added, and with six for the hit rate.
    """
    return tuple(
        _alarm(rule, severity, part, number, stack=stack, thresholds=thresholds)
        for rule in rules
        for severity in rule.remedies
        for number, part in enumerate(_parts(rule, members), start=1)
    )


def _parts(rule: Rule, members: Sequence[str]) -> Iterator[Sequence[str]]:
    room = METRICS_PER_ALARM - (rule.published is not None)
    count = math.ceil(len(members) * len(rule.metrics) / room)
    size = math.ceil(len(members) / count)
    return (members[start : start + size] for start in range(0, len(members), size))


def _alarm(
    rule: Rule, severity: Severity, members: Sequence[str], number: int, *, stack: str, thresholds: Thresholds
) -> Alarm:
    threshold: float = getattr(thresholds, f"{rule.threshold}_{severity}")
    periods, bad_periods = rule.evaluation or EVALUATION[severity]
    figure = f"{threshold:g} {rule.unit}"
    return Alarm(
        name=f"{rule.name}-{severity}" + (f"-{number}" if number > 1 else ""),
        severity=severity,
        description=f"{rule.happened} {figure}. {rule.remedies[severity]} Nodes: {', '.join(members)}.",
        below=rule.below,
        threshold=threshold,
        queries=_queries(rule, members, stack=stack, first=number == 1),
        periods=periods,
        bad_periods=bad_periods,
        missing="notBreaching" if rule.sparse else "missing",
    )


def _queries(rule: Rule, members: Sequence[str], *, stack: str, first: bool) -> list[Mapping[str, Any]]:
    series = {
        letter: {f"{letter}{number}": member for number, member in enumerate(members, start=1)}
        for letter, _ in zip("ab", rule.metrics, strict=False)
    }
    queries = [
        _read(query, metric, NAMESPACE, node(member), rule.period)
        for metric, ids in zip(rule.metrics, series.values(), strict=True)
        for query, member in ids.items()
    ]
    expression = rule.expression.format(**{letter: ",".join(ids) for letter, ids in series.items()})
    if rule.published and first:
        queries.append(_read("p", rule.published, PUBLISHED_NAMESPACE, {"Stack": stack}, rule.period))
        # Filled: nobody may be publishing, and the alarm must work all the same.
        expression = f"{rule.combine}([{expression},FILL(p,0)])"
    watched = {"id": "value", "expression": expression, "label": rule.name, "return_data": True}
    return [*queries, watched]


def _read(
    query: str, metric: Metric, namespace: str, dimensions: Mapping[str, str], period: int
) -> Mapping[str, Any]:
    return {
        "id": query,
        "return_data": False,
        "metric": {
            "namespace": namespace,
            "metric_name": metric.name,
            "dimensions": dimensions,
            "stat": metric.statistic,
            "period": period,
        },
    }
