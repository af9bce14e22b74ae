"""What the blocks ``upstash`` and ``rediscloud`` have in common."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

MAX_NAME_LENGTH = 40
"""Redis Cloud's limit, from its API reference. Upstash publishes none."""

NAME = re.compile(rf"(?=.{{1,{MAX_NAME_LENGTH}}}\Z)[A-Za-z](-*[A-Za-z0-9])*")
"""Redis Cloud's rule, from its API reference. Upstash publishes none."""


def default_name(stack: str) -> str:
    """Name a stack's database. A stack's name may hold characters that a database's may not.

    >>> default_name("prod")
    'mantisnxt-prod'
    """
    return re.sub("[^A-Za-z0-9]+", "-", f"mantisnxt-{stack}")[:MAX_NAME_LENGTH].rstrip("-")


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise PydanticCustomError(
            "database_name",
            "a name has 1 to {longest} letters, digits and hyphens; it starts with a letter and does not end "
            "with a hyphen",
            {"longest": MAX_NAME_LENGTH},
        )
    return value


DatabaseName = Annotated[str, AfterValidator(_name)]
