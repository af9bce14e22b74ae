"""A create that failed may have succeeded: the answer was lost, and the state does not know the resource."""


def advice(urn: str) -> str:
    """What to do before a failed create is tried again: a second try could make, and bill, a second one.

    Args:
        urn: the resource's URN.
    """
    stack, project, types, name = urn.removeprefix("urn:pulumi:").split("::")
    *parents, kind = types.split("$")
    component = f"urn:pulumi:{stack}::{project}::{'$'.join(parents)}::redis"
    parent = f" --parent redis='{component}'" if parents else ""
    return (
        f"{name} may exist nevertheless, unknown to the stack: look for it in the provider's console before "
        "you run pulumi up again. If it is there, adopt it, then go on:\n"
        f"  pulumi import {kind} {name} ID{parent} --generate-code=false\n"
        "  pulumi up"
    )
