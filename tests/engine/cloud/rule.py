"""What a plugin does with one type of resource that its SDK does not tell."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.engine.cloud.wire import Properties

ACCOUNT, REGION = "123456789012", "us-east-1"

Change = Callable[[Properties, Properties], bool]
"""Whether a change from one set of properties to another replaces the resource."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How the plugin and the service treat one type."""

    name: str = "name"
    """The input that is the physical name; the plugin makes one up where it may be left out."""
    id: str = "{hex}"
    """The id, from the inputs and ``hex``, ``uuid``, ``number``, ``region``, ``account``."""
    arn: str = ""
    computed: Mapping[str, Any] = field(default_factory=dict)
    """Outputs: text like ``id`` (which it may contain), a function of the properties, or a value."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What an input is when nobody sets it."""
    forced: Mapping[str, Any] = field(default_factory=dict)
    """What a property is whatever anybody sets."""
    forgotten: Mapping[str, Any] = field(default_factory=dict)
    """Values that the service does not give back: they differ for ever."""
    sticky: Collection[str] = ()
    """Inputs whose removal is no change."""
    ignored: Collection[str] = ()
    """Inputs that count at create only."""
    unread: Collection[str] = ()
    """Inputs that cannot be read back."""
    second_call: Collection[str] = ()
    """Inputs that go in by a second call after the create."""
    replaces: Mapping[str, Literal[True] | Change] | None = None
    """Inputs whose change replaces; None: the name's."""
    conflicts: Collection[tuple[str, str]] = ()
    needs: Collection[tuple[str, str]] = ()
    """An input that is true needs the other to be true."""
    same: Collection[str] = ()
    """Inputs that two objects cannot share."""
    exists: str = ""
    """The service's error for a second such object; without one it takes over the first."""
    recoverable: str = ""
    """The input with the days for which a deleted object can be had back; so long its name stays taken."""
    held: str = ""
    """The service's error for a deletion while another object refers to this one."""
    gone: str = ""
    """The error for an object that was deleted by hand; without one the plugin takes it as deleted."""
    accept: Callable[[Properties], str | None] = lambda properties: None
    """The service's reason to refuse the properties."""
