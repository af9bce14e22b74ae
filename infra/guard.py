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


class Kept:
    """What is known of a resource that holds data."""

    def __init__(self, replaced_by: Collection[str], within: str | None) -> None:
        self._replaced_by, self.within = replaced_by, within
        self._wanted: Mapping[str, Any] = {}

    def remember(self, args: pulumi.ResourceTransformArgs) -> None:
        """Note the inputs that the resource is to have: a deletion's hook is told the old ones only."""
        self._wanted = args.props

    def reasons(self, old: Mapping[str, Any]) -> dict[str, str]:
        """The changes for which its provider needs a new one, or all of them if it is none of the known."""
        changed = changes(old, self._wanted)
        forced = {key: what for key, what in changed.items() if key in self._replaced_by}
        if self.within:  # the id of a new one that it would be in is no reason of its own
            forced = {key: what for key, what in forced.items() if not _is_unknown(self._wanted.get(key))}
            changed = {}
        return forced or changed


class Guard:
    """Protects the resources that hold data.

    Args:
        stack: the stack's name; in ``dev`` nothing is protected.
        allowed: names of the resources that the config allows to be lost.
    """

    def __init__(self, stack: str, allowed: Collection[str] = ()) -> None:
        self._stack = stack
        self._allowed = frozenset(allowed)
        self._kept: dict[str, Kept] = {}
        # Also when nothing is kept: the state keeps the hook of a resource that the program has dropped.
        self._hook = pulumi.ResourceHook(HOOK, self._refuse, pulumi.ResourceHookOptions(on_dry_run=True))
        self._on_error = pulumi.ErrorHook(ERROR_HOOK, self._explain)
        if stack != "dev" and allowed:
            pulumi.log.warn(
                f"{' and '.join(allowed)} may be deleted or replaced with all the data: allowDataLoss says "
                "so. Take the key out of the config when that is done."
            )

    @property
    def protected(self) -> list[str]:
        """The names of the resources that are protected."""
        return [name for name in self._kept if self._stack != "dev" and name not in self._allowed]

    def require_same_provider(self, provider: str, last: Mapping[str, Any]) -> None:
        """Stop before anything is made when the stack's data is with another provider.

        The engine would get to the deletion that it refuses last: after it has made the new Redis, and
        removed what the old one needs.

        Args:
            provider: the one that the config asks for.
            last: the outputs of the stack's last update.

        Raises:
            pulumi.RunError: the stack's last update protected the data of another provider.
        """
        before, names = last.get("provider"), last.get("protected")
        if names and before != provider:
            raise pulumi.RunError(
                f"this changes the provider from {before} to {provider}, and would delete "
                f"{' and '.join(names)} with all the data.\n{_way_out(', '.join(names), apart=True)}"
            )

    def keep(
        self,
        name: str,
        options: pulumi.ResourceOptions,
        *,
        replaced_by: Collection[str] = (),
        within: str | None = None,
    ) -> pulumi.ResourceOptions:
        """Add to the options of a resource that holds data what protects it; returns the same options.

        Args:
            name: the resource's logical name, by which the config can allow its loss.
            options: the resource's options.
            replaced_by: the inputs that its provider cannot change without a new resource.
            within: the name of the kept resource that it is in, and is replaced with.
        """
        kept = self._kept[name] = Kept(replaced_by, within)
        options.transforms = [kept.remember]
        if name in self.protected:
            options.protect = True
            # Where the old one has to go first, the engine would stop before it asks the hook, and say less.
            options.delete_before_replace = False
            own = pulumi.ResourceHookBinding(before_delete=[self._hook], on_error=[self._on_error])
            options.hooks = pulumi.ResourceHookBinding.merge(options.hooks, own)
        return options

    def _refuse(self, args: pulumi.ResourceHookArgs) -> None:
        kept = self._kept.get(args.name)
        kind = args.type.split(":")[-1]
        lost = f"this would delete {args.name} ({kind} {args.id}) and all the data in it"
        if kept is None:
            raise DataLossError(
                f"{lost}: the stack's config no longer has it.\n{_way_out(args.name, apart=True)}"
            )
        if args.name in self._allowed:
            pulumi.log.warn(f"{lost}, as allowDataLoss says")
            return
        reasons = kept.reasons(args.old_inputs or {})
        inside = [name for name, other in self._kept.items() if other.within == args.name]
        way_out = _way_out(", ".join([args.name, *inside]), apart=False)
        if not reasons and kept.within in self.protected:
            # What it is in is next to be asked about, and knows why; the engine's own protection stops both.
            pulumi.log.warn(f"{lost}, with {kept.within}, which it is in")
            return
        if not reasons:
            raise DataLossError(f"{lost}: the engine was told to, or replaces what it is in.\n{way_out}")
        lines = [f"  {key}: {what}" for key, what in reasons.items()]
        why = "What is to change, and can change only with a new, empty one:"
        raise DataLossError("\n".join([f"{lost}. {why}", *lines, way_out]))

    @staticmethod
    def _explain(args: pulumi.ErrorHookArgs) -> bool:
        if args.failed_operation == "create":
            pulumi.log.warn(after_failure(args.urn))
        return False  # no second try: it could make a second one


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


def _is_unknown(value: Any) -> bool:
    return isinstance(value, pulumi.Output)


def _way_out(names: str, *, apart: bool) -> str:
    """What to do instead, or what to do if it shall be.

    Args:
        names: the resources.
        apart: whether the protection has to come off in an update of its own, while the config has them.
    """
    then = f"add allowDataLoss: [{names}] to the stack's config and run pulumi up"
    if apart:
        then = f"undo the change, {then}, which takes\nthe protection off; then make the change"
    return (
        "The safe way: undo the change, make the new Redis in a stack of its own (pulumi stack init), move\n"
        f"the application to it, then destroy this stack. If the data may be lost: {then}."
    )
