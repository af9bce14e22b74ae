"""The part of the application's environment that does not come from the provider."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field

from infra.settings.block import Block

Milliseconds = Annotated[int, Field(gt=0)]
Seconds = Annotated[int, Field(gt=0)]


class Environment(Block):
    """How the application uses its Redis. A key is a variable: ``sessionTtl`` is ``SESSION_TTL``."""

    redis_max_retries: int = Field(3, ge=0)
    """How often a command is tried again after its connection was lost."""
    redis_socket_timeout: Milliseconds = 5000
    """How long a socket may stay silent, in milliseconds."""
    redis_command_timeout: Milliseconds = 5000
    """How long one command may take, in milliseconds."""
    redis_connect_timeout: Milliseconds = 10000
    """How long connecting may take, in milliseconds."""
    redis_db: int = Field(0, ge=0, le=15)
    """Number of the logical database: Redis has 16 of them unless it is told otherwise."""
    session_ttl: Seconds = 86400
    """How long a session lives after its last use, in seconds."""
    session_prefix: str = Field("mantis:session:", min_length=1, pattern=r"^[^'$\x00-\x1f]*$")
    """What the key of every session starts with.

    No quote, dollar sign or control character: the readers of .env files disagree about them.
    """
    rate_limit_window: Seconds = 60
    """Length of the window in which requests are counted, in seconds."""
    rate_limit_max_requests: int = Field(100, gt=0)
    """How many requests a client may make in one window."""

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Read the fields from environment variables; an absent one keeps its default.

        Raises:
            pydantic.ValidationError: a variable holds a value that its field does not allow.
        """
        names = {name.upper(): name for name in cls.model_fields}
        return cls.model_validate({names[key]: value for key, value in variables.items() if key in names})

    def variables(self) -> dict[str, str]:
        """Spell the fields as environment variables."""
        return {name.upper(): str(value) for name, value in self.model_dump().items()}
