"""The application's environment as a file that a shell and every dotenv library read alike."""

from collections.abc import Mapping

from tools.errors import ToolError


def render(variables: Mapping[str, str]) -> str:
    """One ``NAME='value'`` a line, by name.

    Between single quotes a shell and the dotenv libraries agree: nothing is special. They disagree on how to
    write a quote or a line break there.

    Raises:
        ToolError: a value holds one of those.
    """
    for name, value in variables.items():
        if "'" in value or "\n" in value:
            raise ToolError(f"{name} holds a quote or a line break, which an .env file cannot hold safely")
    return "".join(f"{name}='{value}'\n" for name, value in sorted(variables.items()))
