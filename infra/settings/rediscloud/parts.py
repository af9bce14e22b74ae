"""The blocks inside the block ``rediscloud``."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block


def _matches(pattern: str, wanted: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError("pattern", "should be {wanted}", {"wanted": wanted})
        return value

    return AfterValidator(check)


class RemoteBackup(Block):
    """Copies of the database in a bucket of yours, which the service must be allowed to write to."""

    interval: Literal[
        "every-1-hours", "every-2-hours", "every-4-hours", "every-6-hours", "every-12-hours", "every-24-hours"
    ]
    """How often a copy is made."""
    time_utc: (
        Annotated[str, _matches("([01][0-9]|2[0-3]):00", "a full hour in quotes, like '02:00'")] | None
    ) = None
    """The hour of the copy, in UTC; needed for every 12 and every 24 hours, and only there."""
    path: Annotated[
        str,
        _matches(
            "(s3|gs)://[a-z0-9][^ @]*", "s3://bucket/folder or gs://bucket/folder, without any password"
        ),
    ]
    """A bucket on S3 or on Google Cloud Storage. The service's other places (FTP, Azure) have a password in
    their address, which would then be in the config."""

    @model_validator(mode="after")
    def _time_is_known(self) -> Self:
        """Without a time the service chooses one, and tells it as if somebody had changed the setting."""
        daily = self.interval in ("every-12-hours", "every-24-hours")
        if daily is not (self.time_utc is not None):
            what = (
                "say when, in UTC, like '02:00'"
                if daily
                else "goes with every-12-hours and every-24-hours only"
            )
            raise PydanticCustomError("time", "{what}", {"what": what, "path": ("timeUtc",)})
        return self


class PaymentCard(Block):
    """A credit card that the Redis Cloud account has."""

    type: str = Field(min_length=1)
    """Its kind as the account's billing page spells it, for example ``Visa``."""
    last_four: Annotated[str, _matches("[0-9]{4}", "the card's last four digits, in quotes")]
    """The last four digits of its number, in quotes: a zero at the front would get lost."""
