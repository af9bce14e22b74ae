"""Reads the stack's config into settings, or says everything that is wrong with it in one message."""

import json
import os
from collections.abc import Collection, Mapping
from typing import Any

import pulumi
from pydantic import ValidationError

from infra import credentials
from infra.problems import (
    AWS_REGION,
    KEYS,
    Path,
    is_used,
    located,
    not_used,
    regions,
    reserved,
    shown,
    spelled,
)
from infra.settings import PROVIDER_SETTINGS, Settings
from infra.settings.common import Provider


class ConfigError(pulumi.RunError):
    """The stack's config cannot be used; Pulumi shows the message without a traceback."""


def load() -> Settings:
    """Read the config of the stack that Pulumi is running.

    Raises:
        ConfigError: the config has one or more problems.
    """
    config = pulumi.runtime.config.CONFIG.get()
    return parse(
        config,
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        secret={key for key in config if pulumi.runtime.is_config_secret(key)},
        environ=os.environ,
    )


def parse(
    config: Mapping[str, str],
    *,
    project: str,
    stack: str,
    secret: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Turn a stack's config into settings.

    Args:
        config: keys with their namespaces, and their values, blocks as JSON, as Pulumi hands them out.
        project: the project's name, which is the namespace of its own keys.
        stack: the stack's name, which its file is named after.
        secret: the keys whose values must not be shown.
        environ: the environment variables, which may hold the provider's credentials.

    Raises:
        ConfigError: the config has one or more problems; the message lists them all.
    """
    own = {key.removeprefix(f"{project}:"): text for key, text in config.items() if _is_in(project, key)}
    secret = {key.removeprefix(f"{project}:") for key in secret if _is_in(project, key)}
    values = {key: _decode(key, text) for key, text in own.items()}
    provider = values.get("provider")
    problems: dict[Path, str] = {
        (key,): not_used(key, provider) for key in values if not is_used(key, provider)
    }
    deliveries = _entries(values.get("deliveries"))
    users = [str(provider)] if provider in PROVIDER_SETTINGS else []
    users += [str(entry["to"]) for entry in deliveries if isinstance(entry, dict) and "to" in entry]
    problems |= {(key,): what for key, what in credentials.missing(users, config, environ or {}).items()}
    problems |= regions(deliveries)
    block = values.get(str(provider))
    if isinstance(block, dict):
        problems |= {(str(provider), key): what for key, what in reserved(str(provider), block).items()}
    try:
        # Strict, and from JSON: a quoted number or a 1 for true is refused, a list still makes a tuple. But
        # Pulumi makes a string of everything that it encrypts.
        fields = json.dumps(_fields(values, stack, config.get(AWS_REGION)))
        settings = Settings.model_validate_json(fields, strict=not secret, by_alias=True, by_name=False)
    except ValidationError as error:
        found = dict(located(details, provider) for details in error.errors())
        problems = found | problems
    if not problems:
        return settings
    lines = sorted(
        f"  {spelled(path, project)}{shown(path, values, secret)}: {problem}"
        for path, problem in problems.items()
    )
    count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    raise ConfigError(
        f"{count} in the configuration of stack '{stack}':\n"
        + "\n".join(lines)
        + f"\nNo Redis was touched. Edit Pulumi.{stack}.yaml, then run the command again."
    )


def _is_in(project: str, key: str) -> bool:
    return key.startswith(f"{project}:")


def _decode(key: str, text: str) -> Any:
    """A block reaches the program as JSON; whatever is not JSON is left for the settings to refuse."""
    if key in ("provider", "application"):
        return text
    try:
        # Of a block or a list, every line may be commented out.
        return json.loads(text or ("[]" if key == "deliveries" else "{}"))
    except json.JSONDecodeError:
        return text


def _fields(values: Mapping[str, Any], stack: str, aws_region: str | None) -> dict[str, Any]:
    """Arrange the config as the fields of ``Settings``: the chosen provider's block becomes ``redis``."""
    provider = values.get("provider")
    block = values.get(str(provider), {}) if provider in PROVIDER_SETTINGS else {}
    marks = {"provider": provider}
    if provider == Provider.ELASTICACHE and aws_region is not None:
        marks["region"] = aws_region
    redis = {**block, **marks} if isinstance(block, dict) else block
    shared = {key: values[key] for key in KEYS if key in values}
    if entries := _entries(values.get("deliveries")):
        shared["deliveries"] = [_placed(entry, aws_region) for entry in entries]
    return {"stack": stack, "redis": redis} | shared


def _entries(deliveries: Any) -> list[Any]:
    """The entries of the list; none where it is no list, which the settings then refuse."""
    return deliveries if isinstance(deliveries, list) else []


def _placed(entry: Any, aws_region: str | None) -> Any:
    """An entry of ``deliveries`` with the region of the AWS plugin, where it is about AWS."""
    if not isinstance(entry, dict) or entry.get("to") != "secretsManager":
        return entry
    others = {key: value for key, value in entry.items() if key != "region"}
    return others if aws_region is None else {**others, "region": aws_region}
