"""What several blocks of the config have in common."""

from enum import StrEnum
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

WIDEST_PREFIX = 8
"""A CIDR block wider than a /8 is no list of one's own machines, whatever it is called."""


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


def _cidr(value: str) -> str:
    try:
        network = IPv4Network(value)
    except (AddressValueError, NetmaskValueError):
        raise PydanticCustomError(
            "cidr", "not an IPv4 CIDR block; write it like 203.0.113.0/24, or 203.0.113.7/32 for one address"
        ) from None
    except ValueError:
        base = IPv4Network(value, strict=False)
        raise PydanticCustomError(
            "cidr", "has bits after its prefix; did you mean {base}?", {"base": str(base)}
        ) from None
    if network.prefixlen < WIDEST_PREFIX:
        raise PydanticCustomError(
            "cidr",
            "would let {count} addresses in; the widest block allowed is a /{prefix}",
            {"count": f"{network.num_addresses:,}", "prefix": WIDEST_PREFIX},
        )
    return str(network)


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if values.count(value) > 1:
            raise PydanticCustomError("repeated", "{value} is listed twice", {"value": value})
    return values


Port = Annotated[int, Field(ge=1024, le=65535)]
Cidr = Annotated[str, AfterValidator(_cidr)]
"""An IPv4 CIDR block of addresses that may connect, never the whole world."""
Distinct = AfterValidator(_distinct)
"""For lists that the services keep as sets, where a value listed twice would look like a change for ever."""
