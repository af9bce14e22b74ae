"""The block ``password``."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block


class PasswordSettings(Block):
    """Which password the Redis has, and how old it may get. ``make rotate`` writes the first two keys."""

    version: int = Field(1, ge=1)
    """Number of the password. The next number makes another one, which is delivered in the same update."""
    keep_previous: bool = False
    """Let the password before stay valid, too, until the application has the new one. ElastiCache only: the
    others have one password at a time."""
    max_age_days: int = Field(90, ge=1)
    """Age in days from which on each preview and update warns."""

    @model_validator(mode="after")
    def _previous_exists(self) -> Self:
        if self.keep_previous and self.version == 1:
            raise PydanticCustomError(
                "no_previous",
                "there is none before version 1; to change the password set version to 2",
                {"path": ("keepPrevious",)},
            )
        return self
