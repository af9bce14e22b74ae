"""What an object looks like in the service, from what was asked for."""

import secrets
import uuid
from typing import Any

from tests.engine.cloud.rule import ACCOUNT, REGION
from tests.engine.cloud.rules import rule
from tests.engine.cloud.schema import schema
from tests.engine.cloud.wire import UNKNOWN, Properties


def complete(token: str, inputs: Properties, *, old: Properties | None = None) -> Properties:
    """The properties of an object, computed ones too, as the service would show them.

    Args:
        token: its type.
        inputs: what was asked for.
        old: what it was before, where it is there already.
    """
    own, known = rule(token), schema(token)
    kept = {key: old[key] for key in own.sticky if old and key in old}
    made: Properties = {**own.defaults, **kept, **inputs, **own.forced}
    made = {key: value for key, value in made.items() if (key, value) not in own.forgotten.items()}
    marks = {
        "hex": secrets.token_hex(6), "uuid": str(uuid.uuid4()), "number": str(secrets.randbelow(10**8)),
        "region": REGION, "account": ACCOUNT,
    }  # fmt: skip
    computed = {"arn": own.arn, **own.computed}
    first = ["result"] if "{result}" in own.id else ["arn"] if "{arn}" in own.id else []
    for name in [*first, "id", *computed]:
        if name == "id":
            made["id"] = old["id"] if old else own.id.format_map(marks | made)
        elif name not in known.computed and name in made:
            continue
        elif old and _is_fixed(computed[name], known.secrets, name):
            made[name] = old.get(name)
        elif name not in made:
            made[name] = _value(computed[name], marks | made)
    for name, kind in known.computed.items():
        if name not in made:
            made[name] = (old or {}).get(name) or _anything(name, kind)
    return {key: value for key, value in made.items() if key in {"id", *known.inputs, *known.outputs}}


def preview(token: str, inputs: Properties) -> Properties:
    """The properties of an object that is not there yet: nobody knows what will be computed."""
    return {**rule(token).defaults, **inputs, **dict.fromkeys(schema(token).computed, UNKNOWN)}


def _is_fixed(source: Any, secret: frozenset[str], name: str) -> bool:
    """Whether an output stays what it was at create."""
    return name in secret or (isinstance(source, str) and ("{hex}" in source or "{number}" in source))


def _value(source: Any, properties: Properties) -> Any:
    if isinstance(source, str):
        return source.format_map(properties)
    return source(properties) if callable(source) else source


def _anything(name: str, kind: Any) -> Any:
    """A value for an output that no table names."""
    examples: dict[Any, Any] = {bool: False, int: 1, float: 1.0, str: f"{name}-{secrets.token_hex(12)}"}
    return examples.get(kind, [])
