"""A create that failed may have succeeded: its answer was lost, and the state does not know the resource.

A second try would make, and bill, a second one, or fail because the name is taken.
"""


def command(urn: str, parent: str) -> str:
    """What brings an existing resource into the stack's state; the user puts in its id.

    Args:
        urn: the URN that the program gives the resource.
        parent: the URN of the component that it belongs to.
    """
    *_, types, name = urn.split("::")
    kind = types.split("$")[-1]
    return f"pulumi import {kind} {name} ID --parent parent='{parent}' --generate-code=false"


def after_failure(urn: str) -> str:
    """What to do when the create of a resource of the provider's component has failed."""
    start, project, types, name = urn.split("::")
    component = f"{start}::{project}::{types.rpartition('$')[0]}::redis"
    return (
        f"{name} may exist nevertheless. If the stack does not know it (pulumi stack), look for it in the "
        "provider's console before you run pulumi up again. If it is there, adopt it, with its id for ID:\n"
        f"  {command(urn, component)}"
    )


def after_kill(urn: str, parent: str) -> str:
    """What to do when an update was killed while it made something: the engine would make another."""
    name = urn.rpartition("::")[2]
    return (
        f"an update of this stack was killed while it made {name}, or is still at it. If none is at work, "
        "release the lock of the killed one:\n"
        "  pulumi cancel\n"
        f"Look for {name} in the provider's console. If it is there, adopt it, with its id for ID:\n"
        f"  {command(urn, parent)}\n"
        "Then, whether it was there or not, clear the mark that the killed update left, and go on:\n"
        "  pulumi refresh --clear-pending-creates"
    )
