"""What the plugins say before anything is done: which inputs are refused, what differs, what is replaced."""

import json
import random
from collections.abc import Iterator
from typing import Any

from pulumi.runtime import proto

from tests.engine.cloud.memory import Call
from tests.engine.cloud.rules import rule
from tests.engine.cloud.schema import schema
from tests.engine.cloud.wire import Properties, is_unknown

DEFAULTS = "__defaults"
"""The plugins' own input: which of the others they made up."""


def autonamed(call: Call, inputs: Properties, old: Properties, seed: bytes) -> Properties:
    """Make up a physical name where it may be left out, or keep the one that was made up before."""
    name, known = rule(call.token).name, schema(call.token)
    prefix = inputs.get("namePrefix") or f"{call.name}-"
    if name in inputs or name not in known.inputs or name in known.required:
        return inputs | {DEFAULTS: []}
    made_up = f"{prefix}{random.Random(seed).getrandbits(28):07x}"  # noqa: S311 (a name is no secret)
    kept = old[name] if name in old.get(DEFAULTS, []) else made_up
    return inputs | {name: kept, DEFAULTS: [name]}


def settled(inputs: Properties) -> Properties:
    """The inputs that go to the service."""
    return {key: value for key, value in inputs.items() if key != DEFAULTS}


def check(token: str, inputs: Properties) -> Iterator[tuple[str, str]]:
    """What is wrong with the inputs: property and reason."""
    known, own = schema(token), rule(token)
    for path in known.unknown(settled(inputs)):
        yield path, "unknown property"
    for key in sorted(known.required - set(inputs)):
        yield key, "missing required property"
    for one, other in own.conflicts:
        if one in inputs and other in inputs:
            yield one, f"conflicts with {other}"
    for one, other in own.needs:
        if inputs.get(one) is True and inputs.get(other, False) is False:
            yield one, f"needs {other}"


def differences(token: str, old_inputs: Properties, state: Properties, news: Properties) -> dict[str, int]:
    """The changed inputs and the kind of each change; the odd kinds replace."""
    own, found = rule(token), {}
    old = {**own.defaults, **state}
    new = {**own.defaults, **{key: old[key] for key in own.sticky if key in old}, **settled(news)}
    replaces = {own.name: True} if own.replaces is None else own.replaces
    for key in sorted(schema(token).inputs - set(own.ignored)):
        before, after = old.get(key), new.get(key)
        if _same(before, after) or (key not in old_inputs and key not in new):
            continue
        kind = proto.PropertyDiff.UPDATE
        if before is None:
            kind = proto.PropertyDiff.ADD
        elif after is None:
            kind = proto.PropertyDiff.DELETE
        when = replaces.get(key)
        found[key] = kind + (1 if when is True or (when and (is_unknown(after) or when(old, new))) else 0)
    return found


def _same(before: Any, after: Any) -> bool:
    return not is_unknown(after) and _spelled(before) == _spelled(after)


def _spelled(value: Any) -> str:
    """A value as text; lists are sets to the services."""
    if isinstance(value, list):
        return str(sorted(map(_spelled, value)))
    if isinstance(value, dict):
        return str(sorted((key, _spelled(item)) for key, item in value.items()))
    return json.dumps(value)


def read_inputs(token: str, old: Properties, live: Properties) -> Properties:
    """The inputs that make an object what it is; for an import, all but those with their default."""
    own, names = rule(token), schema(token).inputs
    if not old:
        return {
            key: live[key] for key in sorted(names)
            if live.get(key) not in (None, own.defaults.get(key))
        } | {DEFAULTS: []}  # fmt: skip
    return {key: live.get(key, value) if key in names else value for key, value in old.items()}
