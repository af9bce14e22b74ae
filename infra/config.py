"""Reads the stack's config into settings, or says everything that is wrong with it in one message."""

import difflib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pulumi
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra.environment import Environment
from infra.settings import PROVIDER_SETTINGS, Settings

BLOCKS: Mapping[str, type[BaseModel]] = {"environment": Environment, **PROVIDER_SETTINGS}

Path = tuple[int | str, ...]
"""Where a value stands in the config: a key, then the keys inside its block."""


class ConfigError(pulumi.RunError):
    """The stack's config cannot be used; Pulumi shows the message without a traceback."""


def load() -> Settings:
    """Read the config of the stack that Pulumi is running.

    Raises:
        ConfigError: the config has one or more problems.
    """
    project, stack = pulumi.get_project(), pulumi.get_stack()
    config = {
        key.removeprefix(f"{project}:"): value
        for key, value in pulumi.runtime.config.CONFIG.get().items()
        if key.startswith(f"{project}:")
    }
    secret = {key for key in config if pulumi.runtime.is_config_secret(f"{project}:{key}")}
    return parse(config, project=project, stack=stack, secret=secret)


def parse(config: Mapping[str, str], *, project: str, stack: str, secret: Collection[str] = ()) -> Settings:
    """Turn a stack's config into settings.

    Args:
        config: the project's own keys and their values, blocks as JSON, as Pulumi hands them out.
        project: the project's name, which every key starts with.
        stack: the stack's name, which its file is named after.
        secret: the keys whose values must not be shown.

    Raises:
        ConfigError: the config has one or more problems; the message lists them all.
    """
    values = {key: _decode(key, text) for key, text in config.items()}
    provider = values.get("provider")
    problems: dict[Path, str] = {
        (key,): _not_used(key, provider) for key in values if not _is_used(key, provider)
    }
    block = values.get(str(provider))
    if isinstance(block, dict) and "provider" in block:  # the settings' own mark, not a key of the block
        problems[str(provider), "provider"] = _unknown_in(str(provider), "provider")
    try:
        # Strict, and from JSON: a quoted number or a 1 for true is refused, a list still makes a tuple. But
        # Pulumi makes a string of everything that it encrypts.
        settings = Settings.model_validate_json(
            json.dumps(_fields(values, stack)), strict=not secret, by_alias=True, by_name=False
        )
    except ValidationError as error:
        problems |= dict(_problem(details, provider) for details in error.errors())
    if not problems:
        return settings
    lines = sorted(
        f"  {project}:{'.'.join(map(str, path))}{_shown(path, values, secret)}: {problem}"
        for path, problem in problems.items()
    )
    count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    raise ConfigError(
        f"{count} in the configuration of stack '{stack}':\n"
        + "\n".join(lines)
        + f"\nNo Redis was touched. Edit Pulumi.{stack}.yaml, then run the command again."
    )


def _decode(key: str, text: str) -> Any:
    """A block reaches the program as JSON; whatever is not JSON is left for the settings to refuse."""
    if key not in BLOCKS:
        return text
    try:
        return json.loads(text or "{}")  # a block of which every key is commented out
    except json.JSONDecodeError:
        return text


def _fields(values: Mapping[str, Any], stack: str) -> dict[str, Any]:
    """Arrange the config as the fields of ``Settings``: the chosen provider's block becomes ``redis``."""
    provider = values.get("provider")
    block = values.get(str(provider), {}) if provider in PROVIDER_SETTINGS else {}
    redis = {**block, "provider": provider} if isinstance(block, dict) else block
    return {"stack": stack, "redis": redis, "environment": values.get("environment", {})}


def _problem(details: ErrorDetails, provider: str | None) -> tuple[Path, str]:
    """Where the user wrote, or has to write, what an error is about; and what to write."""
    match details["loc"]:
        case ("redis",) if details["type"].startswith("union_tag"):
            missing = "missing; " if provider is None else ""
            return ("provider",), f"{missing}allowed: {', '.join(PROVIDER_SETTINGS)}"
        case ("redis",):
            path: Path = (str(provider),)
        case ("redis", *inside):
            path = tuple(inside)
        case ():  # about the settings as a whole: the validator names the place
            path = details["ctx"]["path"]
        case path:
            pass
    if details["type"] == "missing":
        return path, "missing, and it has no default"
    if details["type"] == "extra_forbidden":
        return path, _unknown_in(str(path[0]), path[-1])
    return path, details["msg"]


def _is_used(key: str, provider: str | None) -> bool:
    return key in ("provider", "environment", provider)


def _not_used(key: str, provider: str | None) -> str:
    if key in PROVIDER_SETTINGS and provider in PROVIDER_SETTINGS:
        return f"the provider is {provider}; remove this block, or set provider to {key}"
    if key in PROVIDER_SETTINGS:
        return f"this block needs provider: {key}"
    return _unknown(key, ("provider", *BLOCKS))


def _unknown_in(block: str, key: int | str) -> str:
    fields = BLOCKS[block].model_fields
    return _unknown(key, (field.alias or name for name, field in fields.items() if name != "provider"))


def _unknown(key: int | str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(str(key), known, n=1)
    return f"unknown key; {f'did you mean {close[0]}? ' if close else ''}allowed: {', '.join(known)}"


def _shown(path: Path, values: Mapping[str, Any], secret: Collection[str]) -> str:
    """The value at a place in the config, nothing where there is none."""
    if path[0] in secret:
        return " = [secret]"
    found: Any = values
    for key in path:
        if not isinstance(found, dict | list) or (isinstance(found, dict) and key not in found):
            return ""
        found = found[key]  # type: ignore[index]
    return f" = {json.dumps(found)}"
