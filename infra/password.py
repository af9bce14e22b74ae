"""The password's number and age, from what the last update left in the stack's outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import pulumi

from infra.settings import Provider, Settings

ONE_AT_A_TIME = {
    Provider.LOCAL: "Connected clients stay; one that connects with the old password is refused until it has "
    "the new one: restart the application right after the update.",
    Provider.REDISCLOUD: "Redis Cloud has one password at a time: from the update on, a client that connects "
    "with the old one is refused until it has the new one. Restart the application right after it.",
}
"""What a new password costs where the old one ends at once."""


@dataclass(frozen=True)
class Password:
    """The stack's password, but for itself."""

    version: int
    since: date
    """The day on which an update made it."""

    @classmethod
    def of(cls, settings: Settings, last: Mapping[str, Any], today: date) -> Self:
        """Find out how old the password is.

        Args:
            settings: the stack's settings.
            last: the outputs of the stack's last update.
            today: the date.

        Raises:
            pulumi.RunError: the config would end a password that the application still has.
        """
        version = settings.password.version
        before = last.get("passwordVersion")
        if before is None or last.get("provider") != settings.redis.provider:
            return cls(version, today)
        if before == version:
            return cls(version, date.fromisoformat(last["passwordSince"]))
        _require_next(settings, int(before))
        return cls(version, today)

    def outputs(self, settings: Settings) -> dict[str, Any]:
        """What the next update, and whoever watches the stack, has to know."""
        return {
            "passwordVersion": self.version,
            "passwordSince": self.since.isoformat(),
            "passwordMaxAgeDays": settings.password.max_age_days,
        }

    def tell(self, settings: Settings, last: Mapping[str, Any], today: date) -> None:
        """Warn of what a change costs, and of a password that is too old."""
        provider = settings.redis.provider
        if provider in ONE_AT_A_TIME and last.get("passwordVersion") not in (None, self.version):
            pulumi.log.warn(f"This makes a new password. {ONE_AT_A_TIME[provider]}")
        if warning := too_old(self.outputs(settings), today, settings.stack):
            pulumi.log.warn(warning)


def too_old(outputs: Mapping[str, Any], today: date, stack: str) -> str | None:
    """A warning about a stack's password, from the stack's outputs; None as long as it is young enough."""
    age, allowed = (today - date.fromisoformat(outputs["passwordSince"])).days, outputs["passwordMaxAgeDays"]
    if age < allowed:
        return None
    return f"The password is {age} days old, and {allowed:g} are allowed: make rotate STACK={stack}"


def _require_next(settings: Settings, before: int) -> None:
    wanted = settings.password
    problem = None
    if wanted.version != before + 1:
        problem = f"version goes from {before} to {wanted.version}, and the next is {before + 1}"
    elif settings.redis.provider is Provider.ELASTICACHE and not wanted.keep_previous:
        problem = "a new version without keepPrevious: true would end the password that the application has"
    if problem:
        raise pulumi.RunError(
            f"the config's password: {problem}. Let make rotate STACK={settings.stack} write both keys. "
            "No Redis was touched."
        )
