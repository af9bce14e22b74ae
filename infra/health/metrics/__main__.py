"""``python -m infra.health.metrics``: read and judge the metrics of the Redis that REDIS_URL names."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from infra.health.metrics.command import Form, Order, metrics
from infra.health.options import CaCertificate, Url, environment
from infra.health.target import Target
from infra.settings.thresholds import Thresholds

SHORTEST = 5
"""Seconds: a reading with its scans takes about as long at worst."""

# A traceback with local variables would show the password.
app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


def _thresholds(text: str) -> Thresholds:
    try:
        return Thresholds.model_validate_json(text or "{}", by_alias=True, by_name=False)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise typer.BadParameter("; ".join(problems), param_hint="REDIS_THRESHOLDS") from None


def _form(*, json: bool, openmetrics: bool, every: float | None, picture: Path | None) -> Form:
    if json and openmetrics:
        raise typer.BadParameter("choose --json or --openmetrics")
    if openmetrics and every is not None:
        raise typer.BadParameter("--openmetrics is for one reading: let a timer repeat it")
    if picture and (json or openmetrics):
        raise typer.BadParameter("--picture is of the table: leave --json and --openmetrics out")
    return "json" if json else "openmetrics" if openmetrics else "table"


@app.command()
def main(
    *,
    url: Url,
    cacert: CaCertificate = None,
    stack: Annotated[
        str, typer.Option(envvar="STACK", help="The stack's name, which is put beside the figures.")
    ] = "",
    thresholds: Annotated[
        str,
        typer.Option(
            envvar="REDIS_THRESHOLDS",
            help="The config's block 'thresholds' as JSON. Default: those of the docs.",
        ),
    ] = "{}",
    every: Annotated[
        float | None,
        typer.Option(
            min=SHORTEST, help="Seconds from one reading to the next, until Ctrl-C. Default: read once."
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, for programs; with --every one line a reading.")
    ] = False,
    openmetrics: Annotated[
        bool, typer.Option("--openmetrics", help="Print OpenMetrics text, for Prometheus.")
    ] = False,
    cloudwatch: Annotated[
        bool,
        typer.Option(
            "--cloudwatch", help="Publish to CloudWatch, too, with the AWS CLI's credentials and region."
        ),
    ] = False,
    picture: Annotated[Path | None, typer.Option(help="Write the table as an SVG file, too.")] = None,
) -> None:
    """Read and judge a Redis: exit code 0 healthy, 1 warning, 2 critical (or not to be reached).

    What the server does not tell, or not to this user, is shown as not available and judged as nothing.
    """
    form = _form(json=json, openmetrics=openmetrics, every=every, picture=picture)
    # In Pulumi Cloud a stack's name begins with its organization's.
    name = stack.rsplit("/", 1)[-1]
    if cloudwatch and not name:
        raise typer.BadParameter("--cloudwatch needs the stack's name: STACK=name")
    order = Order(
        stack=name or None,
        thresholds=_thresholds(thresholds),
        form=form,
        every=every,
        cloudwatch=cloudwatch,
        picture=picture,
    )
    raise typer.Exit(metrics(Target(url, environment(), cacert), order))


if __name__ == "__main__":
    app(prog_name="python -m infra.health.metrics")
