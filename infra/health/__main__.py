"""``python -m infra.health``: check the Redis that REDIS_URL names."""

from typing import Annotated

import typer

from infra.health.checks import CHECKS
from infra.health.command import check
from infra.health.options import CaCertificate, Url, environment
from infra.health.target import Target

# A traceback with local variables would show the password.
app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


def _known(names: list[str] | None) -> list[str]:
    unknown = sorted(set(names or ()) - set(CHECKS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(CHECKS)}")
    return names or list(CHECKS)


@app.command()
def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(callback=_known, help=f"Checks to run: {', '.join(CHECKS)}. All, if none is named."),
    ] = None,
    *,
    url: Url,
    cacert: CaCertificate = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Check that a Redis gives the application what it needs: exit code 0 when all checks pass, else 1.

    Timeouts, session TTL, rate limit and the rest come from the application's own environment variables.
    """
    target = Target(url, environment(), cacert)
    raise typer.Exit(check(target, names or list(CHECKS), json=json))


if __name__ == "__main__":
    app(prog_name="python -m infra.health")
