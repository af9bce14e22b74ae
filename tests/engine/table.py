"""What a provider's stack is, and what may happen to it: the tables of the tests in scenarios.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.engine.stack import CloudStack


@dataclass(frozen=True, kw_only=True)
class Replacing:
    """A change that needs a new object, so the data would be lost."""

    block: Mapping[str, Any]
    name: str
    property: str


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Something that a person changed in the provider's console."""

    name: str
    property: str
    value: Any


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One provider's stack, and what may happen to it."""

    stack: str
    package: str
    provider: str
    block: Mapping[str, Any]
    """The provider's block of the config."""
    credentials: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    """More of the config."""
    data: Sequence[str]
    """The resources that hold data."""
    mutable: Mapping[str, Any]
    """Other values for the block's mutable keys, all at once."""
    updates: Mapping[str, set[str]]
    """For each resource that holds data, its properties that this changes."""
    added: frozenset[str] = frozenset()
    """The resources that this adds."""
    update: Mapping[str, Any]
    """Other values that make as many resources as possible be updated."""
    replacing: Sequence[Replacing]
    drift: Sequence[Drift]

    def configure(self, stack: CloudStack, block: Mapping[str, Any] | None = None, **more: Any) -> None:
        stack.configure(
            {
                **self.config,
                "provider": self.provider,
                self.provider: {**self.block, **(block or {})},
                **more,
            }
        )
