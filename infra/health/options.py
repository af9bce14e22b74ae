"""What the command lines have in common."""

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from pydantic import ValidationError

from infra.settings.environment import Environment

Url: TypeAlias = Annotated[
    str,
    typer.Option(
        envvar="REDIS_URL",
        show_default=False,
        help="The Redis to look at. On a command line every user of this machine can read its password; "
        "the environment variable is the safe way.",
    ),
]
CaCertificate: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        envvar="NODE_EXTRA_CA_CERTS",
        help="PEM file with authorities to trust besides the system's; used with rediss:// only.",
    ),
]


def environment() -> Environment:
    """The application's variables.

    Raises:
        typer.BadParameter: one has a value that cannot be right.
    """
    try:
        return Environment.from_variables(os.environ)
    except ValidationError as error:
        problems = [
            f"{str(problem['loc'][0]).upper()} is {problem['input']!r}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise typer.BadParameter("; ".join(problems), param_hint="environment") from None
