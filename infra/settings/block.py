"""What every block of the stack's config has in common."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Block(BaseModel):
    """A block of the stack's config: camelCase keys in YAML, and none but the known ones."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,  # tools/reference.py shows them to the user
    )

    refused: ClassVar[Mapping[str, str]] = {}
    """Keys that one might expect in the block, and why they are not there."""
