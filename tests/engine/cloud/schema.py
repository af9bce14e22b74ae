"""What the installed SDKs know of a resource: its properties, and which are required or secret."""

import importlib
import inspect
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from pulumi import _types as sdk

PACKAGES = {
    "aws": "pulumi_aws",
    "random": "pulumi_random",
    "rediscloud": "pulumi_rediscloud",
    "upstash": "upstash_pulumi",
    "vercel": "pulumiverse_vercel",
}
SECRETS = re.compile(r"additional_secret_outputs=\[([^]]*)]")


@dataclass(frozen=True)
class Schema:
    """One resource, its properties spelled as the engine spells them."""

    arguments: type
    required: frozenset[str]
    outputs: dict[str, type]
    secrets: frozenset[str]

    @property
    def inputs(self) -> frozenset[str]:
        return frozenset(sdk._raw_return_hints(self.arguments))

    @property
    def computed(self) -> dict[str, type]:
        """The outputs that are no inputs."""
        return {name: kind for name, kind in self.outputs.items() if name not in self.inputs}

    def unknown(self, inputs: dict[str, Any]) -> list[str]:
        """The paths of the properties, nested ones too, that the SDK does not have."""
        return list(_unknown(inputs, {self.arguments}, ""))


@cache
def schema(token: str) -> Schema:
    """The schema of a resource type, for example ``aws:elasticache/replicationGroup:ReplicationGroup``."""
    package, module, name = token.split(":")
    folder = module.split("/")[0]
    path = PACKAGES[package] if folder == "index" else f"{PACKAGES[package]}.{folder}"
    with warnings.catch_warnings(action="ignore"):  # of what is deprecated in the same module
        known = importlib.import_module(path)
        resource, arguments = getattr(known, name), getattr(known, f"{name}Args")
    secrets = SECRETS.search(inspect.getsource(resource))
    return Schema(
        arguments,
        sdk._required_property_names(arguments),
        sdk.resource_types(resource),
        frozenset(re.findall(r'"(\w+)"', secrets[1])) if secrets else frozenset(),
    )


def _unknown(value: Any, classes: set[type], path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(item, classes, f"{path}[{index}]")
    elif isinstance(value, dict) and classes:
        types: dict[str, set[type]] = {}
        for arguments in classes:
            for name, hint in sdk._raw_return_hints(arguments).items():
                types.setdefault(name, set()).update(_classes(hint))
        for name, item in value.items():
            where = f"{path}.{name}".lstrip(".")
            if name not in types:
                yield where
            else:
                yield from _unknown(item, types[name], where)


def _classes(hint: Any) -> Iterator[type]:
    """The SDK's own classes inside a type such as ``Optional[Input[Sequence[Input[AlertArgs]]]]``."""
    if isinstance(hint, type) and sdk.is_input_type(hint):
        yield hint
    for inner in get_args(hint):
        yield from _classes(inner)
