"""What a stack's config can say: one model for each block, all of them checked before anything is made."""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from infra.block import Block
from infra.environment import Environment

Port = Annotated[int, Field(ge=1024, le=65535)]


class Provider(StrEnum):
    """Where a stack's Redis comes from."""

    LOCAL = "local"
    UPSTASH = "upstash"
    ELASTICACHE = "elasticache"
    REDISCLOUD = "rediscloud"


class EvictionPolicy(StrEnum):
    """What Redis removes when its memory is full: the values of its own ``maxmemory-policy``."""

    ALLKEYS_LRU = "allkeys-lru"
    ALLKEYS_LFU = "allkeys-lfu"
    ALLKEYS_RANDOM = "allkeys-random"
    VOLATILE_LRU = "volatile-lru"
    VOLATILE_LFU = "volatile-lfu"
    VOLATILE_RANDOM = "volatile-random"
    VOLATILE_TTL = "volatile-ttl"
    NOEVICTION = "noeviction"


class LocalSettings(Block):
    """A Redis process on this machine, for development and tests."""

    provider: Literal[Provider.LOCAL] = Provider.LOCAL
    port: Port = 6379
    """TCP port on the loopback address; the ones below 1024 need root."""
    max_memory_mb: int = Field(256, ge=8, le=2**20)
    """How much memory Redis may use, in MiB, up to 1 TiB; an empty one takes 1 to 2."""
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    persistence: bool = True
    """Keep an append-only file, so that the data outlives the process."""
    tls: bool = False
    """Speak TLS with a certificate made for the stack. Needs a ``redis-server`` that was built with TLS."""


class UpstashSettings(Block):
    """A serverless Redis with a REST API."""

    provider: Literal[Provider.UPSTASH] = Provider.UPSTASH
    primary_region: str
    """The region that takes the writes, for example ``us-east-1``."""
    read_regions: tuple[str, ...] = ()
    eviction: bool = True


class ElastiCacheSettings(Block):
    """A replication group of AWS ElastiCache in a VPC."""

    provider: Literal[Provider.ELASTICACHE] = Provider.ELASTICACHE
    engine: Literal["redis", "valkey"] = "redis"
    engine_version: str = "7.0"
    node_type: str = "cache.t3.small"
    num_cache_clusters: int = Field(2, ge=1, le=6)
    """Primary and replicas together; AWS allows a primary and up to five replicas."""
    port: Port = 6379
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    maintenance_window: str = "sun:05:00-sun:06:00"
    """Weekly, in UTC."""
    snapshot_retention_limit: int = Field(7, ge=0, le=35)
    """How many days a daily snapshot is kept; AWS keeps at most 35."""


class RedisCloudSettings(Block):
    """A Redis Cloud subscription with one database."""

    provider: Literal[Provider.REDISCLOUD] = Provider.REDISCLOUD
    cloud_provider: Literal["AWS", "GCP"] = "AWS"
    region: str
    networking_deployment_cidr: IPv4Network
    """The /24 that the subscription's own network uses."""
    memory_limit_in_gb: float = Field(1, gt=0)
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    source_ips: tuple[IPv4Network, ...] = Field(min_length=1)
    """Who may connect."""


PROVIDER_SETTINGS: Mapping[str, type[Block]] = {
    Provider.LOCAL: LocalSettings,
    Provider.UPSTASH: UpstashSettings,
    Provider.ELASTICACHE: ElastiCacheSettings,
    Provider.REDISCLOUD: RedisCloudSettings,
}

ProviderSettings = LocalSettings | UpstashSettings | ElastiCacheSettings | RedisCloudSettings


class Settings(BaseModel):
    """One stack's config, complete and checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stack: str
    redis: Annotated[ProviderSettings, Field(discriminator="provider")]
    environment: Environment = Environment()

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
