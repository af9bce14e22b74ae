"""The reference says what the settings say."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import Field

from infra import problems
from infra.credentials import KEYS as CREDENTIALS
from infra.settings import PROVIDER_SETTINGS
from infra.settings.block import Block
from infra.settings.common import EvictionPolicy
from infra.settings.delivery import DELIVERY_SETTINGS
from tools import reference


class Inner(Block):
    """A block in a block."""

    size: int = 1
    """How big."""


class Outer(Block):
    """A block with one key of every kind."""

    name: str
    """What it is called, in ``code``.

    A second paragraph.
    """
    port: Annotated[int, Field(ge=1, le=65535)] = 6379
    ratio: Annotated[float, Field(gt=0, lt=1)] = 0.5
    share: Annotated[float, Field(ge=1)] = 2
    on: bool = True
    kind: Literal["a", "b"] = "a"
    policy: EvictionPolicy = EvictionPolicy.NOEVICTION
    label: str = Field("a|b", min_length=1, pattern="^(a|b)+$")
    tags: tuple[Annotated[str, Field(max_length=9)], ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)
    pair: tuple[int, ...] | None = Field(None, min_length=2, max_length=2)
    parameters: Mapping[str, int] = {}
    either: int | Literal["auto"] = "auto"
    maybe: Inner | None = None
    always: Inner = Inner()
    """The one that is always there."""
    many: tuple[Inner, ...] = ()


def rows(text: str) -> dict[str, list[str]]:
    """A table's rows by their keys."""
    cells = [
        re.split(r" (?<!\\)\| ", line.strip("| ")) for line in text.splitlines() if line.startswith("| `")
    ]
    return {first.strip("`"): [cell.strip(" |") for cell in rest] for first, *rest in cells}


@pytest.fixture(scope="module")
def sections() -> list[str]:
    schema = Outer.model_json_schema()
    return list(reference._sections("outer", schema, schema["$defs"]))


@pytest.mark.parametrize(
    ("key", "value", "default"),
    [
        ("name", "string", "required"),
        ("port", "integer, 1 to 65535", "`6379`"),
        ("ratio", "number, more than 0, less than 1", "`0.5`"),
        ("share", "number, at least 1", "`2`"),
        ("on", "`true` or `false`", "`true`"),
        ("kind", "one of `a`, `b`", "`a`"),
        ("label", "string; not empty; matches `^(a\\|b)+$`", "`a\\|b`"),
        ("tags", "list; each: string; 0 to 9 characters", "none"),
        ("sources", "list; each: string; not empty", "required"),
        ("pair", "list; each: integer; 2 entries", "not set"),
        ("parameters", "map of names to values; each value: integer", "none"),
        ("either", "integer or `auto`", "`auto`"),
        ("maybe", "[block](#outermaybe)", "not set"),
        ("always", "[block](#outeralways)", ""),
        ("many", "list; each: [block](#outermany)", "none"),
    ],
)
def test_a_row_has_the_values_and_the_default(
    sections: list[str], key: str, value: str, default: str
) -> None:
    assert rows(sections[0])[key][:2] == [value, default]


def test_the_values_of_an_enumeration_are_listed(sections: list[str]) -> None:
    value = rows(sections[0])["policy"][0]
    assert value == "one of " + ", ".join(f"`{policy}`" for policy in EvictionPolicy)


def test_the_meaning_is_the_docstring_in_one_line(sections: list[str]) -> None:
    table = rows(sections[0])
    assert table["name"][2] == "What it is called, in `code`. A second paragraph."
    assert table["always"][2] == "The one that is always there."
    assert table["maybe"][2] == "A block in a block."


def test_each_inner_block_has_a_section(sections: list[str]) -> None:
    assert [section.splitlines()[0] for section in sections] == [
        "## `outer`", "## `outer.maybe`", "## `outer.always`", "## `outer.many`",
    ]  # fmt: skip
    assert rows(sections[1]) == {"size": ["integer", "`1`", "How big."]}


@pytest.mark.parametrize("provider", PROVIDER_SETTINGS)
def test_a_provider_has_the_keys_that_its_config_can_have(provider: str) -> None:
    section = next(part for part in reference.render().split("\n## ") if part.startswith(f"`{provider}`\n"))
    elsewhere = [key for (block, _), key in reference.ELSEWHERE.items() if block == provider]
    own = [key for key in rows(section) if key not in (*elsewhere, *CREDENTIALS.get(provider, ()))]
    assert own == problems.known_in((provider,))
    assert set(elsewhere) <= rows(section).keys()
    assert set(CREDENTIALS.get(provider, ())) <= rows(section).keys()


@pytest.mark.parametrize("kind", DELIVERY_SETTINGS)
def test_a_delivery_has_the_keys_that_its_entry_can_have(kind: str) -> None:
    path = f"deliveries.{kind}"
    section = next(part for part in reference.render().split("\n## ") if part.startswith(f"`{path}`\n"))
    own = {str(field.alias) for field in DELIVERY_SETTINGS[kind].model_fields.values()}
    own = {reference.ELSEWHERE.get((path, key), key) for key in own}
    assert rows(section).keys() == own | CREDENTIALS.get(kind, {}).keys()
    assert rows(section)["to"][:2] == [f"`{kind}`", "required"]


def test_the_top_level_has_the_keys_that_the_config_can_have() -> None:
    top = reference.render().split("\n## ")[1]
    assert set(rows(top)) == {"provider", *problems.KEYS, *PROVIDER_SETTINGS}


def test_every_key_has_a_meaning() -> None:
    text = reference.render()
    assert [line for line in text.splitlines() if line.startswith("| `") and line.endswith("|  |")] == []


def test_every_link_has_its_heading() -> None:
    text = reference.render()
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9]", "", heading.lower()) for heading in headings}
    assert set(re.findall(r"\(#(\w+)\)", text)) <= anchors


def test_the_committed_reference_is_up_to_date() -> None:
    same = reference.FILE.read_text() == reference.render()
    assert same, f"the settings have changed since {reference.FILE.name} was written: run 'make reference'"
