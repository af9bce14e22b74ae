"""The CloudWatch dashboard as JSON: pure functions from nodes and thresholds to its body.

The format is that of the CloudWatch API reference, "Dashboard Body Structure and Syntax".
"""

import json
from collections.abc import Sequence
from typing import Any

from infra.providers.elasticache.metrics import PERIOD
from infra.providers.elasticache.widgets import Graph, groups
from infra.settings.thresholds import Thresholds

NAME = "MantisNXT-Redis"

COLUMNS = 3
WIDTH, HEIGHT = 8, 6
"""Of a graph, on CloudWatch's grid, which is 24 wide."""

COLOURS = {"warning": "#ff7f0e", "critical": "#d62728"}

CONSOLES = {
    "cn-": "console.amazonaws.cn",
    "us-gov-": "console.amazonaws-us-gov.com",
    "": "console.aws.amazon.com",
}
"""Where the AWS console is, by the beginning of the region's name."""


def dashboard_name(chosen: str | None, stack: str) -> str:
    """The dashboard's name. It is unique in the account, so production alone has the plain one.

    >>> dashboard_name(None, "prod"), dashboard_name(None, "staging"), dashboard_name("Redis", "staging")
    ('MantisNXT-Redis', 'MantisNXT-Redis-staging', 'Redis')
    """
    # A stack's name may have dots, a dashboard's may not.
    return chosen or (NAME if stack == "prod" else f"{NAME}-{stack.replace('.', '-')}")


def dashboard_url(name: str, region: str) -> str:
    """Where the AWS console shows a dashboard."""
    console = next(host for beginning, host in CONSOLES.items() if region.startswith(beginning))
    return f"https://{region}.{console}/cloudwatch/home?region={region}#dashboards/dashboard/{name}"


def body(
    members: Sequence[str], *, region: str, stack: str, engine: str, node_type: str, thresholds: Thresholds
) -> str:
    """The dashboard of a group: for each group of graphs a heading, and under it three graphs a row."""
    widgets: list[dict[str, Any]] = []
    top = 0
    shown = groups(members, stack=stack, engine=engine, node_type=node_type, thresholds=thresholds)
    for title, graphs in shown.items():
        widgets.append(_heading(title, top))
        top += 1
        for start in range(0, len(graphs), COLUMNS):
            row = graphs[start : start + COLUMNS]
            widgets += [_widget(graph, region, x=column * WIDTH, y=top) for column, graph in enumerate(row)]
            top += HEIGHT
    # "inherit" keeps the period when a longer time is shown; else the sums would grow with it.
    return json.dumps({"periodOverride": "inherit", "widgets": widgets})


def _heading(title: str, y: int) -> dict[str, Any]:
    text = {"markdown": f"## {title}"}
    return {"type": "text", "x": 0, "y": y, "width": COLUMNS * WIDTH, "height": 1, "properties": text}


def _widget(graph: Graph, region: str, *, x: int, y: int) -> dict[str, Any]:
    lines = [
        {"label": threshold.label, "value": threshold.value, "color": COLOURS[threshold.label]}
        for threshold in graph.thresholds
    ]
    properties = {
        "title": graph.title,
        "view": "timeSeries",
        "region": region,
        "period": PERIOD,
        "yAxis": {"left": {"label": graph.unit, "min": 0, "showUnits": False}},
        "metrics": graph.series,
        **({"annotations": {"horizontal": lines}} if lines else {}),
    }
    return {"type": "metric", "x": x, "y": y, "width": WIDTH, "height": HEIGHT, "properties": properties}
