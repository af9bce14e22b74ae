"""The block ``rediscloud``."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block
from infra.settings.common import Cidr, Distinct, EvictionPolicy, Provider
from infra.settings.database import DatabaseName
from infra.settings.rediscloud.network import Cloud, DeploymentCidr, check_region
from infra.settings.rediscloud.parts import PaymentCard, RemoteBackup

MAX_OPERATIONS = 10_000_000
"""Operations a second: the most that the service's own throughput alert can watch."""


class Persistence(StrEnum):
    """How the database is kept on disk, in the service's words."""

    NONE = "none"
    AOF_EVERY_SECOND = "aof-every-1-second"
    AOF_EVERY_WRITE = "aof-every-write"
    SNAPSHOT_EVERY_HOUR = "snapshot-every-1-hour"
    SNAPSHOT_EVERY_6_HOURS = "snapshot-every-6-hours"
    SNAPSHOT_EVERY_12_HOURS = "snapshot-every-12-hours"


def _some(ranges: tuple[str, ...]) -> tuple[str, ...]:
    if not ranges:
        raise PydanticCustomError(
            "empty", "name at least one range: the service takes an empty list for the whole world"
        )
    return ranges


class RedisCloudSettings(Block):
    """A Redis Cloud subscription with one database, always with TLS."""

    provider: Literal[Provider.REDISCLOUD] = Provider.REDISCLOUD
    database_name: DatabaseName | None = None
    """Up to 40 letters, digits and hyphens, for the subscription and its database; by default
    ``mantisnxt-<stack>``."""
    cloud_provider: Cloud = "AWS"
    """The cloud that the service runs on, AWS or GCP. Another one replaces everything, without the data."""
    region: str
    """The cloud's region, for example ``eu-west-1``. Another one replaces everything, without the data."""
    networking_deployment_cidr: DeploymentCidr
    """The /24 of private addresses that the subscription's own network uses. It may not overlap the networks
    that will be peered with it. Another one replaces everything, without the data."""
    multi_az: bool = True
    """Keep the replica in another zone. A change replaces everything, without the data."""
    memory_limit_in_gb: float = Field(1, ge=0.1)
    """GB of memory, at least 0.1. With ``replication`` half of it is for the replica."""
    throughput: int = Field(1000, ge=1, le=MAX_OPERATIONS)
    """Operations a second that the service makes room for."""
    shards: int | None = Field(None, ge=1)
    """How many processes share the data, instead of ``throughput``; the module RediSearch is sold so."""
    replication: bool = True
    """Keep a replica that takes over when the primary fails."""
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    """What Redis removes when the memory is full."""
    persistence: Persistence = Persistence.AOF_EVERY_SECOND
    """How the database is kept on disk."""
    source_ips: Annotated[tuple[Cidr, ...], Distinct, AfterValidator(_some)]
    """IPv4 address ranges that may connect, at least one."""
    modules: Annotated[tuple[Literal["RediSearch", "RedisJSON"], ...], Distinct] = ()
    """Modules to make the database with. Another list replaces it, without its data; taking all away does
    nothing, because newer versions have these modules built in and name them unasked."""
    remote_backup: RemoteBackup | None = None
    """Copies in a bucket. To end them, switch them off on the service's page, too: the plugin cannot."""
    payment_method_id: int | None = Field(None, ge=1)
    """Number of the account's payment method that pays. One of the three ways to pay is required."""
    payment_card: PaymentCard | None = None
    """The credit card that pays, instead of ``paymentMethodId``."""
    marketplace: bool = False
    """Whether the account pays by the cloud's marketplace, instead of ``paymentMethodId``."""

    @property
    def measure(self) -> tuple[str, int]:
        """What the throughput is measured by, in the service's words, and how much of it there is."""
        if self.shards is not None:
            return "number-of-shards", self.shards
        return "operations-per-second", self.throughput

    @model_validator(mode="after")
    def _region_is_on_its_cloud(self) -> Self:
        check_region(self.cloud_provider, self.region)
        return self

    @model_validator(mode="after")
    def _zones_have_a_replica(self) -> Self:
        if self.multi_az and not self.replication:
            raise PydanticCustomError(
                "replication",
                "multiAz keeps the replica in another zone; set replication to true, or multiAz to false",
                {"path": ("replication",)},
            )
        return self

    @model_validator(mode="after")
    def _throughput_has_one_measure(self) -> Self:
        if self.shards is not None and "throughput" in self.model_fields_set:
            raise PydanticCustomError(
                "throughput", "not together with shards; remove one of them", {"path": ("throughput",)}
            )
        if "RediSearch" in self.modules and self.shards is None:
            raise PydanticCustomError(
                "shards",
                "missing: RediSearch is sold by shards, not by operations a second; set shards, and leave "
                "throughput out",
                {"path": ("shards",)},
            )
        return self

    @model_validator(mode="after")
    def _somebody_pays(self) -> Self:
        ways = ("paymentMethodId", "paymentCard", "marketplace")
        values = (self.payment_method_id, self.payment_card, self.marketplace)
        given = [key for key, value in zip(ways, values, strict=True) if value]
        if not given:
            raise PydanticCustomError(
                "payment",
                "missing: say who pays, with paymentMethodId, with paymentCard (type and lastFour), or with "
                "marketplace: true",
                {"path": ("paymentMethodId",)},
            )
        if len(given) > 1:
            raise PydanticCustomError(
                "payment", "not together with {other}; keep one", {"other": given[0], "path": (given[1],)}
            )
        return self
