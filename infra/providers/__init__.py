"""The providers. Each is imported only when a stack chooses it, and its SDK with it."""

import warnings
from pathlib import Path

from infra.connection import RedisComponent
from infra.guard import Guard
from infra.settings import (
    ElastiCacheSettings,
    LocalSettings,
    RedisCloudSettings,
    Settings,
    UpstashSettings,
)

NAME = "redis"
"""The component's name, which the names of all resources begin with."""


def create(settings: Settings, guard: Guard) -> RedisComponent:
    """Make the Redis that the stack's config asks for, with its data under guard."""
    stack, thresholds, password = settings.stack, settings.thresholds, settings.password
    match settings.redis:
        case LocalSettings() as local:
            from infra.providers.local import LocalRedis

            return LocalRedis(NAME, local, directory=Path(".local", stack, "redis"), password=password)
        case UpstashSettings() as upstash:
            from infra.providers.upstash import UpstashRedis

            return UpstashRedis(NAME, upstash, stack=stack, guard=guard)
        case ElastiCacheSettings() as elasticache:
            from infra.providers.elasticache import ElastiCacheRedis

            return ElastiCacheRedis(
                NAME, elasticache, stack=stack, thresholds=thresholds, password=password, guard=guard
            )
        case RedisCloudSettings() as rediscloud:
            with warnings.catch_warnings():
                # What the SDK is told about how it looks up its own version is no news for the user.
                warnings.filterwarnings("ignore", "pkg_resources is deprecated")
                from infra.providers.rediscloud import RedisCloudRedis

            return RedisCloudRedis(
                NAME, rediscloud, stack=stack, thresholds=thresholds, password=password, guard=guard
            )
