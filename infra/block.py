"""What every block of the stack's config has in common."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Block(BaseModel):
    """A block of the stack's config: camelCase keys in YAML, and none but the known ones."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True)
