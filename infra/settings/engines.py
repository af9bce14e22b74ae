"""What ElastiCache runs: engines, their versions, and the nodes to run them on."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

Engine = Literal["redis", "valkey"]

VERSIONS: dict[Engine, tuple[str, ...]] = {
    "redis": ("7.0", "7.1"),
    "valkey": ("7.2", "8.0", "8.1", "8.2"),
}
"""The versions that can be chosen, of those that AWS supports (ElastiCache user guide, supported engines)."""

SIZES = {"dev": "cache.t3.micro", "small": "cache.t3.small", "large": "cache.m5.large"}
"""The guide's sizes: for development, for a small and for a busy production."""

_T = ("micro", "small", "medium")
_GRAVITON = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_FIFTH = ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")

NODE_TYPES: dict[str, tuple[str, ...]] = {
    "t3": _T,
    "t4g": _T,
    "m4": ("large", "xlarge", "2xlarge", "4xlarge", "10xlarge"),
    "m5": _FIFTH,
    "m6g": _GRAVITON,
    "m7g": _GRAVITON,
    "r4": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"),
    "r5": _FIFTH,
    "r6g": _GRAVITON,
    "r7g": _GRAVITON,
    "c7gn": _GRAVITON,
}
"""The families of nodes and their sizes (ElastiCache user guide, supported node types).

Left out: r6gd, which needs data tiering, and t2 and older, of which AWS makes no new ones.
"""


def family(engine: Engine, version: str) -> str:
    """Name the family of parameter groups that an engine's version takes.

    >>> family("valkey", "8.1")
    'valkey8'
    """
    return engine + version.partition(".")[0]


def _quoted(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticCustomError("version", 'a version is a text; put it in quotes, like "7.0"')
    return value


def _node_type(value: str) -> str:
    if value in SIZES:
        return value
    match value.split("."):
        case ["cache", name, size] if name in NODE_TYPES:
            if size in NODE_TYPES[name]:
                return value
            raise PydanticCustomError(
                "node_type",
                "AWS has no such size; the family {family} comes in {sizes}",
                {"family": name, "sizes": ", ".join(NODE_TYPES[name])},
            )
    raise PydanticCustomError(
        "node_type",
        "not a node type; allowed: {words}, or cache.<family>.<size> with a family of {families}",
        {"words": ", ".join(SIZES), "families": ", ".join(NODE_TYPES)},
    )


Version = Annotated[str, BeforeValidator(_quoted)]
NodeType = Annotated[str, AfterValidator(_node_type)]
