"""What a stack's config can say: one model for each block, all of them checked before anything is made."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block
from infra.settings.common import EvictionPolicy, Provider
from infra.settings.delivery import Delivery, SecretsManagerDelivery, twice
from infra.settings.elasticache import ElastiCacheSettings
from infra.settings.environment import Environment
from infra.settings.local import LocalSettings
from infra.settings.password import PasswordSettings
from infra.settings.rediscloud import RedisCloudSettings
from infra.settings.thresholds import Thresholds
from infra.settings.upstash import UpstashSettings

__all__ = [
    "PROVIDER_SETTINGS", "ElastiCacheSettings", "Environment", "EvictionPolicy", "LocalSettings",
    "PasswordSettings", "Provider", "ProviderSettings", "RedisCloudSettings", "Settings", "Thresholds",
    "UpstashSettings",
]  # fmt: skip

PROVIDER_SETTINGS: Mapping[str, type[Block]] = {
    Provider.LOCAL: LocalSettings,
    Provider.UPSTASH: UpstashSettings,
    Provider.ELASTICACHE: ElastiCacheSettings,
    Provider.REDISCLOUD: RedisCloudSettings,
}

DataResource = Literal["redis-database", "redis-group", "redis-subscription"]
"""The names of what holds data: a database of Upstash or Redis Cloud, a replication group, a subscription."""

ProviderSettings = LocalSettings | UpstashSettings | ElastiCacheSettings | RedisCloudSettings


class Settings(Block):
    """One stack's config, complete and checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stack: str
    redis: Annotated[ProviderSettings, Field(discriminator="provider")]
    environment: Environment = Environment()
    thresholds: Thresholds = Thresholds()
    password: PasswordSettings = PasswordSettings()
    application: Literal["vercel", "aws"] | None = None
    """Where the application runs, where that decides whether it can reach the Redis."""
    deliveries: tuple[Delivery, ...] = ()
    """Where the application's environment is published. Each entry says where with ``to``. An entry that is
    taken away takes with it what it wrote, and nothing else."""
    allow_data_loss: tuple[DataResource, ...] = ()
    """The resources that may be deleted or replaced with the data in them. All others are protected, but for
    the stack ``dev``."""

    @model_validator(mode="after")
    def _database_exists(self) -> Self:
        """Upstash and Redis Cloud have database 0 only."""
        one_database = (Provider.UPSTASH, Provider.REDISCLOUD)
        if self.redis.provider in one_database and self.environment.redis_db != 0:
            raise PydanticCustomError(
                "no_such_database",
                "{provider} has database 0 only",
                {"provider": self.redis.provider.value, "path": ("environment", "redisDb")},
            )
        return self

    @model_validator(mode="after")
    def _password_can_change(self) -> Self:
        provider = self.redis.provider
        if provider is Provider.UPSTASH and self.password.version != 1:
            raise PydanticCustomError(
                "password",
                "Upstash's provider cannot change a password; reset it in Upstash's console, then run pulumi "
                "refresh and pulumi up, which deliver the new one",
                {"path": ("password", "version")},
            )
        if provider is not Provider.ELASTICACHE and self.password.keep_previous:
            raise PydanticCustomError(
                "password",
                "{provider} has one password at a time; remove this key",
                {"provider": provider.value, "path": ("password", "keepPrevious")},
            )
        return self

    @model_validator(mode="after")
    def _application_can_connect(self) -> Self:
        """A function of Vercel's runs outside the VPC that ElastiCache lives in."""
        if self.application == "vercel" and self.redis.provider is Provider.ELASTICACHE:
            raise PydanticCustomError(
                "unreachable",
                "an application on Vercel cannot reach ElastiCache, which answers inside its VPC only; use "
                "provider: upstash or rediscloud, or run the application on AWS, or connect the VPC with "
                "Vercel Secure Compute and remove this key",
                {"path": ("application",)},
            )
        return self

    @model_validator(mode="after")
    def _deliveries_differ(self) -> Self:
        """Two that write to one place would undo each other's changes."""
        index = twice(self.deliveries, self.stack)
        if index is not None:
            secret = isinstance(self.deliveries[index], SecretsManagerDelivery)
            raise PydanticCustomError(
                "twice",
                "an entry before this one has the same; {way_out}",
                {
                    "way_out": "choose another, or remove one of the two"
                    if secret
                    else "put all targets of the project into one entry",
                    "path": ("deliveries", index, "namePrefix" if secret else "projectId"),
                },
            )
        return self

    @model_validator(mode="after")
    def _fits_the_stack(self) -> Self:
        misfit = self.redis.misfit(self.stack) if isinstance(self.redis, ElastiCacheSettings) else None
        if misfit:
            key, problem = misfit
            raise PydanticCustomError(
                "misfit", "{problem}", {"problem": problem, "path": (self.redis.provider.value, key)}
            )
        return self
