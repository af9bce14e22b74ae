"""``CONFIG.md``: every key of a stack's config, made from the settings, so that the two cannot differ."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.credentials import KEYS as CREDENTIALS
from infra.problems import AWS_REGION
from infra.problems import KEYS as SHARED
from infra.settings import PROVIDER_SETTINGS, Settings
from infra.settings.common import Provider
from tools.stack import ROOT

FILE = ROOT / "CONFIG.md"
MARK = "provider"
"""The field of a provider's settings that is no key of its block."""
TAG = "to"
"""The field that tells the blocks of one list apart."""
ELSEWHERE = {
    (str(Provider.ELASTICACHE), "region"): AWS_REGION,
    ("deliveries.secretsManager", "region"): AWS_REGION,
}
"""The fields that come from a key outside of the block."""

Schema = Mapping[str, Any]
"""A JSON schema, as pydantic makes it of a model."""

INTRODUCTION = """\
# Config

Every key that `Pulumi.<stack>.yaml` can have. One without a namespace, as `aws:`, is the project's own.
README.md has an example of each provider. A wrong or unknown key stops the program before any change.

Made from `infra/settings` by `make reference`; `make test` compares the two. Do not edit it by hand.
"""


def render() -> str:
    """Write the reference, as Markdown."""
    schema = Settings.model_json_schema()
    kinds = schema["$defs"]
    shared = {key: schema["properties"][key] for key in SHARED}
    providers = {key: model.model_json_schema() for key, model in PROVIDER_SETTINGS.items()}
    rows = [_row(MARK, f"one of {_codes(PROVIDER_SETTINGS)}", "required", str(Provider.__doc__))]
    rows += [_property(key, part, kinds, required=False) for key, part in shared.items()]
    rows += [
        _row(key, _link(key), "", f"With `provider: {key}`: {part['description']}")
        for key, part in providers.items()
    ]
    sections = [INTRODUCTION, "## The top level\n\n" + _table(rows)]
    for key, part in providers.items():
        sections += _sections(key, part, part.get("$defs", {}))
    for key, part in shared.items():
        for block in _blocks(part, kinds):
            sections += _sections(_path(key, block), block, kinds)
    return "\n".join(sections)


def _sections(path: str, block: Schema, kinds: Schema) -> Iterator[str]:
    """A block's section, then those of the blocks inside it."""
    required = block.get("required", ())
    provider = path in PROVIDER_SETTINGS
    parts = {key: part for key, part in block["properties"].items() if not (provider and key == MARK)}
    rows = [
        _property(ELSEWHERE.get((path, key), key), part, kinds, required=key in required, inside=path)
        for key, part in parts.items()
    ]
    rows += [
        _row(
            key,
            "string, secret",
            "required",
            f"Or the environment variable {' or '.join(map(_code, variables))}.",
        )
        for key, variables in CREDENTIALS.get(path.rpartition(".")[2], {}).items()
    ]
    yield f"## `{path}`\n\n{_text(block.get('description', ''))}\n\n{_table(rows)}"
    for key, part in parts.items():
        for inner in _blocks(part, kinds):
            yield from _sections(f"{path}.{key}", inner, kinds)


def _property(key: str, part: Schema, kinds: Schema, *, required: bool, inside: str = "") -> str:
    allowed = _allowed(part, kinds, f"{inside}.{key}" if inside else key)
    if required:
        default = "required"
    elif "default" not in part or (_blocks(part, kinds) and part["default"]):
        default = ""  # a block's keys have their own
    elif part["default"] is None:
        default = "not set"
    elif part["default"] in ([], {}):
        default = "none"
    else:
        default = _code(part["default"])
    meaning = part.get("description") or next((block["description"] for block in _blocks(part, kinds)), "")
    return _row(key, allowed, default, meaning)


def _allowed(part: Schema, kinds: Schema, path: str) -> str:
    """What a value may be, in words."""
    part = _resolved(part, kinds)
    if "properties" in part:
        return _link(_path(path, part))
    for choice in ("anyOf", "oneOf"):
        if choice in part:
            some = [_allowed(each, kinds, path) for each in part[choice] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(some))
    if "enum" in part:
        return f"one of {_codes(part['enum'])}"
    if "const" in part:
        return _code(part["const"])
    match part.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "array":
            return _limited(f"list; each: {_allowed(part.get('items', {}), kinds, path)}", part, "Items")
        case "object":
            values = part.get("additionalProperties")
            each = f"; each value: {_allowed(values, kinds, path)}" if isinstance(values, Mapping) else ""
            return f"map of names to values{each}"
        case "string":
            text = _limited("string", part, "Length")
            return f"{text}; matches {_code(part['pattern'])}" if "pattern" in part else text
        case "integer" | "number" as kind:
            return _between(kind, part)
        case _:
            return "anything"


def _limited(what: str, part: Schema, unit: str) -> str:
    """A string or list with the limits of its length."""
    low, high = part.get(f"min{unit}", 0), part.get(f"max{unit}")
    counted = "characters" if unit == "Length" else "entries"
    if high is not None:
        return f"{what}; {f'{low} to {high}' if low != high else high} {counted}"
    if low > 1:
        return f"{what}; {low} {counted} or more"
    return f"{what}; not empty" if low else what


def _between(kind: str, part: Schema) -> str:
    if "minimum" in part and "maximum" in part:
        return f"{kind}, {_plain(part['minimum'])} to {_plain(part['maximum'])}"
    words = {
        "minimum": "at least {}",
        "exclusiveMinimum": "more than {}",
        "maximum": "at most {}",
        "exclusiveMaximum": "less than {}",
        "multipleOf": "a multiple of {}",
    }
    limits = [text.format(_plain(part[name])) for name, text in words.items() if name in part]
    return ", ".join([kind, *limits])


def _blocks(part: Schema, kinds: Schema) -> list[Schema]:
    """The blocks that a value may be, or that may be in it."""
    part = _resolved(part, kinds)
    if "properties" in part:
        return [part]
    inside = [*part.get("anyOf", ()), *part.get("oneOf", ())]
    inside += [
        part[name] for name in ("items", "additionalProperties") if isinstance(part.get(name), Mapping)
    ]
    return [block for each in inside for block in _blocks(each, kinds)]


def _path(path: str, block: Schema) -> str:
    """The heading of a block: its place in the config, and which it is where a list has several kinds."""
    return f"{path}.{block['properties'][TAG]['const']}" if TAG in block["properties"] else path


def _resolved(part: Schema, kinds: Schema) -> Schema:
    return kinds[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part


def _table(rows: list[str]) -> str:
    return "\n".join(["| key | value | default | meaning |", "|---|---|---|---|", *rows, ""])


def _row(key: str, allowed: str, default: str, meaning: str) -> str:
    cells = [f"`{key}`", allowed, default, _text(meaning)]
    # A bar ends a cell, in code, too.
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _text(docstring: str) -> str:
    return " ".join(docstring.replace("``", "`").split())


def _link(path: str) -> str:
    return f"[block](#{''.join(letter for letter in path.lower() if letter.isalnum())})"


def _codes(values: Any) -> str:
    return ", ".join(_code(value) for value in values)


def _code(value: Any) -> str:
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)
