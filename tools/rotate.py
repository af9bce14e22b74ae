"""``make rotate``: a new password for a stack's Redis, in steps that an application survives."""

import sys
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from infra.settings import Provider
from tools.errors import ToolError
from tools.stack import Stack, say

UPSTASH = (
    "Upstash's provider cannot change a password. Reset it in Upstash's console, then at once run pulumi "
    "refresh and make up STACK={stack}, which deliver the new one. In between the application cannot connect "
    "anew: choose a quiet hour"
)


def rotate(stack: Stack) -> None:
    """Bring a stack's password one step further.

    Where the provider can have two passwords (ElastiCache), the first run makes and delivers a new one beside
    the old one, and the next run retires the old one. Elsewhere one run changes it.

    Raises:
        ToolError: the stack has no Redis yet, or its provider cannot do it.
    """
    outputs = stack.outputs()
    provider = outputs["provider"]
    if provider == Provider.UPSTASH:
        raise ToolError(UPSTASH.format(stack=stack.name))
    wanted, both = _read(stack.config), provider == Provider.ELASTICACHE
    deployed = int(outputs["passwordVersion"])
    if wanted.get("version", 1) != deployed or _is_unfinished(stack):
        say("The stack is not what its config says, perhaps after a rotation that failed: doing that first.")
        stack.operate("up", *stack.confirmed)
        say(
            "If that delivered a new password, restart the application. Then go on: "
            f"make rotate STACK={stack.name}"
        )
    elif wanted.get("keepPrevious"):
        _retire(stack)
    else:
        version = deployed + 1
        _write(stack.config, {"version": version, **({"keepPrevious": True} if both else {})})
        say(f"Version {version} of the password: written into {stack.config.name}. Commit it afterwards.")
        _deliver(stack, both=both)


def _deliver(stack: Stack, *, both: bool) -> None:
    stack.operate("up", *stack.confirmed)
    if not both:
        say("The new password is delivered, and the old one has ended. Restart the application now.")
        return
    say(
        "Both passwords are valid. Restart the application, so that it reads the new one, and see that all\n"
        f"is well. Then retire the old one: make rotate STACK={stack.name}"
    )
    if sys.stdin.isatty() and input("Is the application restarted? Retire the old one now? [y/N] ") == "y":
        _retire(stack)


def _retire(stack: Stack) -> None:
    version = _read(stack.config)["version"]
    _write(stack.config, {"version": version})
    say(f"Retiring the password before version {version}; {stack.config.name} says so. Commit it.")
    stack.operate("up", *stack.confirmed)


def _is_unfinished(stack: Stack) -> bool:
    """Whether something is left to do: a delivery, without which the application has the old one."""
    try:
        stack.operate("preview", "--expect-no-changes")
    except SystemExit:
        return True
    return False


def _read(file: Path) -> dict[str, Any]:
    config = _load(file)["config"]
    return dict(config.get(_key(config)) or {})


def _write(file: Path, password: dict[str, Any]) -> None:
    """Set the two keys of the block ``password``; everything else of the file stays, comments too."""
    content = _load(file)
    block = content["config"].setdefault(_key(content["config"]), CommentedMap())
    for key in ("version", "keepPrevious"):
        block.pop(key, None)
    block.update(password)
    text = StringIO()
    _yaml().dump(content, text)
    file.write_text(text.getvalue())


def _load(file: Path) -> Any:
    content = _yaml().load(file.read_text()) if file.exists() else None
    if not isinstance(content, dict) or not isinstance(content.get("config"), dict):
        raise ToolError(f"{file} has no config. Put it back: git checkout {file.name}")
    return content


def _key(config: Any) -> str:
    """The block's name, with the project's where the engine has put that before it."""
    return next((key for key in config if key.split(":")[-1] == "password"), "password")


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096  # no line of the user's is broken
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
