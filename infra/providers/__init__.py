"""The providers. Each is imported only when a stack chooses it, and its SDK with it."""

from pathlib import Path

import pulumi

from infra.connection import RedisComponent
from infra.settings import LocalSettings, Settings


def create(settings: Settings) -> RedisComponent:
    """Make the Redis that the stack's config asks for."""
    match settings.redis:
        case LocalSettings() as local:
            from infra.providers.local import LocalRedis

            return LocalRedis("redis", local, directory=Path(".local", settings.stack, "redis"))
        case other:
            raise pulumi.RunError(
                f"provider {other.provider} cannot be used yet: this version has local only"
            )
