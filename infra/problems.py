"""Where in the stack's config a problem is, and what it says to the user."""

import difflib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeGuard, get_args

from pydantic_core import ErrorDetails

from infra.settings import PROVIDER_SETTINGS, Settings
from infra.settings.block import Block
from infra.settings.common import Provider
from infra.settings.delivery import DELIVERY_SETTINGS

KEYS: Mapping[str, str] = {
    str(field.alias): name
    for name, field in Settings.model_fields.items()
    if name not in ("stack", "redis")  # the one is no config, the other is 'provider' and its block
}
"""The keys of the config that every provider has, and the settings they are."""

AWS_REGION = "aws:region"
"""The one key that we read and the AWS plugin, too."""

Path = tuple[int | str, ...]
"""Where a value stands in the config: a key, then the keys inside its block."""


def located(details: ErrorDetails, provider: str | None) -> tuple[Path, str]:
    """Where the user wrote, or has to write, what an error is about; and what to write."""
    known: list[str] | None = None
    match details["loc"]:
        case ("deliveries", int(index)) if details["type"].startswith("union_tag"):
            missing = "missing; " if details["type"].endswith("not_found") else ""
            return ("deliveries", index, "to"), f"{missing}allowed: {', '.join(DELIVERY_SETTINGS)}"
        case ("deliveries", int(index), str(kind), *inside):
            path: Path = ("deliveries", index, *inside)
            known = _keys(DELIVERY_SETTINGS[kind], "region")
        case ("redis",) if details["type"].startswith("union_tag"):
            missing = "missing; " if provider is None else ""
            return ("provider",), f"{missing}allowed: {', '.join(PROVIDER_SETTINGS)}"
        case ("redis",):
            path = (str(provider),)
        case ("redis", *inside):
            path = tuple(inside)
        case path:
            pass
    path += details.get("ctx", {}).get("path", ())  # a validator of several keys names the one to look at
    unknown = details["type"] == "extra_forbidden"
    if path[-1] == "region" and path[0] in (Provider.ELASTICACHE, "deliveries") and not unknown:
        what = "missing" if details["type"] == "missing" else details["msg"]
        where = "the secret is to be" if path[0] == "deliveries" else "your VPC is"
        return (AWS_REGION,), f"{what}: pulumi config set {AWS_REGION} us-east-1, or where {where}"
    if details["type"] == "missing":
        return path, "missing, and it has no default"
    if unknown:
        return path, _unknown(path[-1], known or known_in(path[:-1]))
    if details["type"] == "string_type" and isinstance(details["input"], int | float):
        return path, "a text is needed here: put it in quotes"  # else YAML makes a number of it, or a boolean
    return path, details["msg"]


def is_used(key: str, provider: str | None) -> bool:
    """Whether a stack with this provider reads a key."""
    return key in ("provider", provider, *KEYS)


def not_used(key: str, provider: str | None) -> str:
    """What to do about a key that nobody reads."""
    if key in PROVIDER_SETTINGS and provider in PROVIDER_SETTINGS:
        return f"the provider is {provider}; remove this block, or set provider to {key}"
    if key in PROVIDER_SETTINGS:
        return f"this block needs provider: {key}"
    return _unknown(key, ("provider", *KEYS, *PROVIDER_SETTINGS))


def reserved(provider: str, block: Mapping[str, Any]) -> dict[str, str]:
    """The keys that a block may not have although one might expect them, and what to write instead."""
    refused = _block(provider).refused if provider in PROVIDER_SETTINGS else {}
    region = f"the region is not set here: pulumi config set {AWS_REGION} …"
    marks = {
        key: region if key == "region" else _unknown(key, known_in((provider,))) for key in _marks(provider)
    }
    return {key: why for key, why in {**marks, **refused}.items() if key in block}


def regions(deliveries: Iterable[Any]) -> dict[Path, str]:
    """The regions in the entries of ``deliveries``, and where to write them instead."""
    return {
        ("deliveries", index, "region"): f"the region is not set here: pulumi config set {AWS_REGION} …"
        for index, entry in enumerate(deliveries)
        if isinstance(entry, dict) and "region" in entry and entry.get("to") == "secretsManager"
    }


def _marks(block: str) -> tuple[str, ...]:
    """The fields that infra/config.py adds to a block."""
    return ("provider", "region") if block == Provider.ELASTICACHE else ("provider",)


def known_in(path: Path) -> list[str]:
    """The keys of a block, or of a block inside it."""
    block = str(path[0])
    model = _block(block)
    for key in path[1:]:
        inner = next((field.annotation for field in model.model_fields.values() if field.alias == key), model)
        model = next(kind for kind in (inner, *get_args(inner)) if _is_block(kind))
    return _keys(model, *(_marks(block) if len(path) == 1 else ()))


def _keys(model: type[Block], *but: str) -> list[str]:
    return [str(field.alias) for field in model.model_fields.values() if field.alias not in but]


def _block(key: str) -> type[Block]:
    if key in PROVIDER_SETTINGS:
        return PROVIDER_SETTINGS[key]
    block = Settings.model_fields[KEYS[key]].annotation
    assert _is_block(block)
    return block


def _is_block(kind: Any) -> TypeGuard[type[Block]]:
    return isinstance(kind, type) and issubclass(kind, Block)


def _unknown(key: int | str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(str(key), known, n=1)
    return f"unknown key; {f'did you mean {close[0]}? ' if close else ''}allowed: {', '.join(known)}"


def spelled(path: Path, project: str) -> str:
    """A place as the user writes it: a key of another project's namespace has that namespace."""
    key = ".".join(map(str, path))
    return key if ":" in str(path[0]) else f"{project}:{key}"


def shown(path: Path, values: Mapping[str, Any], secret: Collection[str]) -> str:
    """The value at a place in the config, nothing where there is none."""
    if path[0] in secret:
        return " = [secret]"
    found: Any = values
    for key in path:
        if not isinstance(found, dict | list) or (isinstance(found, dict) and key not in found):
            return ""
        found = found[key]  # type: ignore[index]
    return f" = {json.dumps(found)}"
