"""Parameters of the engine that have no key of their own."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

RESERVED = {
    "maxmemory-policy": "set evictionPolicy instead",
    "cluster-enabled": "the group has no shards: clients that do not speak Redis Cluster could not use them",
}
"""Parameters that cannot be set here, and what to do."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def _allowed(parameters: Mapping[str, str]) -> Mapping[str, str]:
    for name in parameters:
        if name in RESERVED:
            raise PydanticCustomError(
                "parameter", "{name} cannot be set here: {reason}", {"name": name, "reason": RESERVED[name]}
            )
        if not _NAME.fullmatch(name):
            raise PydanticCustomError(
                "parameter",
                "{name} is not a parameter's name; write it like lazyfree-lazy-expire",
                {"name": name},
            )
    return parameters


def _text(value: Any) -> Any:
    """A number is as good as the text that AWS makes of it."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Parameters = Annotated[Mapping[str, Annotated[str, BeforeValidator(_text)]], AfterValidator(_allowed)]
