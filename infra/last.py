"""What the stack's last update has left in its outputs."""

from collections.abc import Mapping
from typing import Any

import pulumi


def last_outputs() -> Mapping[str, Any]:
    """The stack's outputs after its last update; none before the first."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    root = pulumi.runtime.get_root_resource()
    # Not while the engine writes the stack itself into the state: a file could be read half-written.
    read = pulumi.runtime.invoke(
        "pulumi:pulumi:readStackOutputs", {"name": root.urn.apply(lambda _: name) if root else name}
    )
    return dict(read.value["outputs"])
