"""The block ``upstash``."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block
from infra.settings.common import Cidr, Distinct, Provider
from infra.settings.database import DatabaseName

AwsRegion = Literal[
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
    "eu-west-1", "eu-west-2", "eu-central-1",
    "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "af-south-1",
]  # fmt: skip
"""Upstash's regions on AWS: its documentation of the global database, August 2026."""

GcpRegion = Literal["us-central1", "us-east4", "europe-west1", "asia-northeast1"]
"""Upstash's regions on Google Cloud, from the same page."""

Region = Literal[AwsRegion, GcpRegion]

GCP_REGIONS = get_args(GcpRegion)


class UpstashSettings(Block):
    """A serverless Redis with a REST API, always global and always with TLS."""

    refused: ClassVar[Mapping[str, str]] = {
        "region": "Upstash no longer makes regional databases (its API answers 400); remove this key and set "
        "primaryRegion: without readRegions the database stays in that one region",
        "evictionPolicy": "Upstash has one policy of its own, which removes keys at random, first those with "
        "a TTL; remove this key and set eviction to true or false",
    }

    provider: Literal[Provider.UPSTASH] = Provider.UPSTASH
    primary_region: Region
    """The region that takes the writes. Another one replaces the database, without its data."""
    read_regions: Annotated[tuple[Region, ...], Distinct] = ()
    """More regions that keep a copy and answer reads. All regions are on one cloud, and each write is paid
    once more for each of them. A free database can have one."""
    database_name: DatabaseName | None = None
    """Up to 40 letters, digits and hyphens; by default ``mantisnxt-<stack>``. Another one replaces the
    database, without its data."""
    eviction: bool = True
    """Make room when the database is full, by removing keys at random, first the ones with a TTL; without it,
    writes fail."""
    budget: int = Field(20, ge=1, le=100_000)
    """US dollars a month, at which Upstash throttles the database until the next month."""
    auto_scale: bool = False
    """Move the database to the next larger plan, at its price, when it reaches the limits of its own."""
    prod_pack: bool = False
    """The production pack: several zones in each region, encryption at rest, an SLA of 99.99 %. It needs a
    paid plan."""
    ip_allowlist: Annotated[tuple[Cidr, ...], Distinct] = ()
    """IPv4 address ranges that may connect; everybody who has the password when there is none. It needs a
    paid plan, and clients with fixed addresses, which functions on Vercel by default do not have."""

    @model_validator(mode="after")
    def _regions_fit(self) -> Self:
        """The plugin checks the first of these at an update only, and the second never."""
        if self.primary_region in self.read_regions:
            raise PydanticCustomError(
                "primary_region",
                "{region} is the primary region, which answers reads anyway; remove it from this list",
                {"region": self.primary_region, "path": ("readRegions",)},
            )
        strange = [
            region
            for region in self.read_regions
            if (region in GCP_REGIONS) is not (self.primary_region in GCP_REGIONS)
        ]
        if strange:
            raise PydanticCustomError(
                "cloud",
                "{region} is on another cloud than the primary region {primary}; a database is on AWS or on "
                "Google Cloud",
                {"region": strange[0], "primary": self.primary_region, "path": ("readRegions",)},
            )
        return self
