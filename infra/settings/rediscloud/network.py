"""Where a Redis Cloud subscription can be: its cloud, its region, its network."""

import difflib
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

REGIONS: Mapping[str, tuple[str, ...]] = {
    "AWS": (
        "af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
        "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-7", "ca-central-1", "eu-central-1", "eu-central-2", "eu-north-1",
        "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1",
        "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    ),
    "GCP": (
        "africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3",
        "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2", "australia-southeast1",
        "australia-southeast2", "europe-central2", "europe-north1", "europe-southwest1", "europe-west1",
        "europe-west10", "europe-west12", "europe-west2", "europe-west3", "europe-west4", "europe-west6",
        "europe-west8", "europe-west9", "me-central1", "me-central2", "me-west1", "northamerica-northeast1",
        "northamerica-northeast2", "southamerica-east1", "southamerica-west1", "us-central1", "us-east1",
        "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4",
    ),
}  # fmt: skip
"""Where Redis Cloud Pro runs: its page of supported regions, 2026."""

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918."""

DEPLOYMENT_PREFIX = 24
"""The plugin's documentation: a deployment CIDR has 24 bits."""


def _not_azure(value: object) -> object:
    if isinstance(value, str) and value.lower() == "azure":
        raise PydanticCustomError(
            "azure",
            "on Azure, Redis Cloud Pro is sold as Azure Managed Redis, which Microsoft runs and this plugin "
            "cannot make; choose AWS or GCP",
        )
    return value


def _deployment_cidr(value: str) -> str:
    wanted = "the subscription's network takes a /24 of private addresses, like 10.42.0.0/24"
    try:
        network = IPv4Network(value)
    except (AddressValueError, NetmaskValueError):
        raise PydanticCustomError("cidr", "not an IPv4 CIDR block; {wanted}", {"wanted": wanted}) from None
    except ValueError:
        base = IPv4Network(value, strict=False)
        raise PydanticCustomError(
            "cidr", "has bits after its prefix; did you mean {base}?", {"base": str(base)}
        ) from None
    if network.prefixlen != DEPLOYMENT_PREFIX:
        raise PydanticCustomError(
            "cidr", "is a /{prefix}; {wanted}", {"prefix": network.prefixlen, "wanted": wanted}
        )
    if not any(network.subnet_of(private) for private in PRIVATE):
        raise PydanticCustomError("cidr", "is public; {wanted}", {"wanted": wanted})
    return str(network)


def check_region(cloud: str, region: str) -> None:
    """Raise a PydanticCustomError about the key ``region`` when the cloud has none of this name."""
    if region in REGIONS[cloud]:
        return
    close = difflib.get_close_matches(region, REGIONS[cloud], n=1, cutoff=0.7)
    raise PydanticCustomError(
        "region",
        "Redis Cloud has no such region on {cloud}; {close}allowed: {regions}",
        {
            "cloud": cloud,
            "close": f"did you mean {close[0]}? " if close else "",
            "regions": ", ".join(REGIONS[cloud]),
            "path": ("region",),
        },
    )


Cloud = Annotated[Literal["AWS", "GCP"], BeforeValidator(_not_azure)]
DeploymentCidr = Annotated[str, AfterValidator(_deployment_cidr)]
