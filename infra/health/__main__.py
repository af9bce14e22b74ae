"""``python -m infra.health``: check the Redis that REDIS_URL names."""

import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from infra.health.checks import CHECKS
from infra.health.command import check
from infra.health.target import Target
from infra.settings.environment import Environment

# A traceback with local variables would show the password.
app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


def _known(names: list[str] | None) -> list[str]:
    unknown = sorted(set(names or ()) - set(CHECKS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(CHECKS)}")
    return names or list(CHECKS)


def _environment() -> Environment:
    try:
        return Environment.from_variables(os.environ)
    except ValidationError as error:
        problems = [
            f"{str(problem['loc'][0]).upper()} is {problem['input']!r}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise typer.BadParameter("; ".join(problems), param_hint="environment") from None


@app.command()
def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(callback=_known, help=f"Checks to run: {', '.join(CHECKS)}. All, if none is named."),
    ] = None,
    *,
    url: Annotated[
        str,
        typer.Option(
            envvar="REDIS_URL",
            show_default=False,
            help="The Redis to check. On a command line every user of this machine can read its password; "
            "the environment variable is the safe way.",
        ),
    ],
    cacert: Annotated[
        Path | None,
        typer.Option(
            envvar="NODE_EXTRA_CA_CERTS",
            help="PEM file with authorities to trust besides the system's; used with rediss:// only.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Check that a Redis gives the application what it needs: exit code 0 when all checks pass, else 1.

    Timeouts, session TTL, rate limit and the rest come from the application's own environment variables.
    """
    target = Target(url, _environment(), cacert)
    raise typer.Exit(check(target, names or list(CHECKS), json=json))


if __name__ == "__main__":
    app(prog_name="python -m infra.health")
