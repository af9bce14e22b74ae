"""Keeps a stack's data from being deleted or replaced by a change of its config.

Two locks with one key, the config's ``allowDataLoss``. Pulumi's own ``protect`` makes the engine refuse, in
a preview as in an update. A hook, which the engine calls before it deletes, says what would be lost, why, and
what to do instead: the engine's own words name neither the property nor the data. Because of the hook,
``pulumi destroy`` stops before it has deleted anything.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import pulumi

from infra.adoption import after_failure

HOOK = "allowDataLoss"
"""The hook's name. The state keeps it with each guarded resource, so it must never change. The engine shows
it when it stops, so it is the config key to look for."""

ERROR_HOOK = "adopt"
"""Its name is kept in the state, too."""


class DataLossError(Exception):
    """A resource that holds data would be deleted."""


class Guard:
    """Protects the resources that hold data.

    Args:
        stack: the stack's name; in ``dev`` nothing is protected.
        allowed: names of the resources that the config allows to be lost.
    """

    def __init__(self, stack: str, allowed: Collection[str] = ()) -> None:
        self._stack = stack
        self._allowed = frozenset(allowed)
        self._kept: dict[str, Collection[str]] = {}
        self._wanted: dict[str, Mapping[str, Any]] = {}
        # Also when nothing is kept: the state keeps the hook of a resource that the program has dropped.
        self._hook = pulumi.ResourceHook(HOOK, self._refuse, pulumi.ResourceHookOptions(on_dry_run=True))
        self._on_error = pulumi.ErrorHook(ERROR_HOOK, self._explain)

    @property
    def protected(self) -> list[str]:
        """The names of the resources that are protected."""
        return [name for name in self._kept if self._stack != "dev" and name not in self._allowed]

    def require_same_provider(self, provider: str) -> None:
        """Stop before anything is made when the stack's data is with another provider.

        The engine would get to the deletion that it refuses last: after it has made the new Redis, and
        removed what the old one needs.

        Raises:
            pulumi.RunError: the stack's last update protected the data of another provider.
        """
        if self._stack == "dev":
            return
        last = _last_outputs()
        before, names = last.get("provider"), last.get("protected")
        if names and before != provider:
            raise pulumi.RunError(
                f"this changes the provider from {before} to {provider}, and would delete "
                f"{' and '.join(names)} with all the data.\n{_way_out(', '.join(names))}"
            )

    def keep(
        self, name: str, options: pulumi.ResourceOptions, *, replaced_by: Collection[str] = ()
    ) -> pulumi.ResourceOptions:
        """Add to the options of a resource that holds data what protects it; returns the same options.

        Args:
            name: the resource's logical name, by which the config can allow its loss.
            options: the resource's options.
            replaced_by: the inputs that its provider cannot change without a new resource.
        """
        self._kept[name] = replaced_by
        if name in self.protected:
            options.protect = True
            # Where the old one has to go first, the engine would stop before it asks the hook, and say less.
            options.delete_before_replace = False
            options.hooks = pulumi.ResourceHookBinding(before_delete=[self._hook], on_error=[self._on_error])
            options.transforms = [self._remember]
        return options

    def _remember(self, args: pulumi.ResourceTransformArgs) -> None:
        """Note the inputs that a resource is to have: a deletion's hook is told the old ones only."""
        self._wanted[args.name] = args.props

    def _refuse(self, args: pulumi.ResourceHookArgs) -> None:
        if args.name in self._kept and args.name in self._allowed:
            return
        kind = args.type.split(":")[-1]
        lost = f"this would delete {args.name} ({kind} {args.id}) and all the data in it"
        if args.name not in self._wanted:
            raise DataLossError(
                f"{lost}, because the stack's config no longer has it.\n{_way_out(args.name)}"
            )
        changed = changes(args.old_inputs or {}, self._wanted[args.name])
        forced = {key: what for key, what in changed.items() if key in self._kept[args.name]}
        lines = [f"  {key}: {what}" for key, what in (forced or changed).items()]
        reason = "What is to change, and can change only with a new, empty one:"
        raise DataLossError("\n".join([f"{lost}. {reason}", *lines, _way_out(args.name)]))

    @staticmethod
    def _explain(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation == "create":
            pulumi.log.warn(after_failure(args.urn))
        return False  # no second try: it could make a second one


def _last_outputs() -> Mapping[str, Any]:
    """The stack's outputs after its last update; none before the first."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    root = pulumi.runtime.get_root_resource()
    # Not while the engine writes the stack itself into the state: a file could be read half-written.
    read = pulumi.runtime.invoke(
        "pulumi:pulumi:readStackOutputs", {"name": root.urn.apply(lambda _: name) if root else name}
    )
    return dict(read.value["outputs"])


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """What differs between a resource's inputs in the state and the wanted ones, as ``old → new`` by key.

    A value that is a secret, or not known yet, is not shown.
    """
    defaults = old.get("__defaults", [])  # what the provider added by itself: nobody takes it away
    keys = [key for key in {**old, **new} if not key.startswith("__") and key not in defaults]
    return {
        key: f"{_spelled(old.get(key))} → {_spelled(new.get(key))}"
        for key in sorted(keys)
        if _bare(old.get(key)) != _bare(new.get(key))
    }


def _bare(value: Any) -> Any:
    """A value without the marks that the provider leaves in the state; all secrets look the same."""
    match value:
        case pulumi.Output():
            return "(a secret, or not known yet)"
        case Mapping():
            return {key: _bare(item) for key, item in value.items() if not key.startswith("__")}
        case list() | tuple():
            return [_bare(item) for item in value]
    return value


def _spelled(value: Any) -> str:
    if value is None:
        return "(nothing)"
    bare = _bare(value)  # the engine's only number is a float
    return json.dumps(
        int(bare) if isinstance(bare, float) and bare.is_integer() else bare, ensure_ascii=False
    )


def _way_out(name: str) -> str:
    return (
        "The safe way: undo the change, make the new Redis in a stack of its own (pulumi stack init), move\n"
        "the application to it, then destroy this stack. If the data may be lost: undo the change, add\n"
        f"allowDataLoss: [{name}] to the stack's config and run pulumi up, which takes the protection\n"
        "off; then make the change."
    )
