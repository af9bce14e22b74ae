"""``python -m tools COMMAND``, which ``make COMMAND`` runs."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.backup import commands as backup
from infra.backup.snapshot import BackupError
from infra.files import write_private
from infra.password import too_old
from infra.providers.local.errors import LocalRedisError
from tools import cli
from tools.dev import DevStack
from tools.dotenv import render
from tools.errors import ToolError
from tools.stack import ROOT, Stack, say

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

StackName = Annotated[str, typer.Option("--stack", envvar="STACK", help="The stack to work on.")]


@app.command()
def setup() -> None:
    """Get the Pulumi CLI, if it is not there yet."""
    cli.ensure()


@app.command()
def up(stack: StackName) -> None:
    """Make the stack's Redis what its config says, then check a local one."""
    target = _stack(stack)
    target.operate("up", *target.confirmed)
    if target.outputs()["provider"] != "local":
        return
    code = _check(target)
    say(
        f"\nREDIS_URL is a secret output of stack {stack}. Next: make env, make check, make down"
        '\nThe engine by hand: eval "$(make -s shellenv)"; pulumi stack output REDIS_URL --show-secrets'
    )
    raise typer.Exit(code)


@app.command()
def preview(stack: StackName) -> None:
    """Show what ``up`` would change."""
    _stack(stack).operate("preview")


@app.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def check(context: typer.Context, stack: StackName = "") -> None:
    """Check the stack's Redis; without a stack, the one that REDIS_URL names. The options are its own."""
    elsewhere = not stack or any(argument.startswith(("--url", "--help")) for argument in context.args)
    raise typer.Exit(_check(None if elsewhere else _stack(stack), *context.args))


@app.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def metrics(context: typer.Context, stack: StackName = "") -> None:
    """Read and judge the metrics of the stack's Redis; without a stack, of the one that REDIS_URL names."""
    elsewhere = not stack or any(argument.startswith(("--url", "--help")) for argument in context.args)
    raise typer.Exit(_metrics(None if elsewhere else _stack(stack), *context.args))


@app.command()
def env(
    stack: StackName, show: Annotated[bool, typer.Option(help="Print the variables, secrets too.")] = False
) -> None:
    """Write the application's environment to .env.STACK."""
    target = _stack(stack)
    content = render(target.outputs()["environment"])
    if show:
        sys.stdout.write(content)
        return
    write_private(target.env_file, content.encode())
    say(f"Wrote {len(content.splitlines())} variables to {target.env_file.name} (readable by you only)")


@app.command()
def rotate(stack: StackName) -> None:
    """Change the password of the stack's Redis; on ElastiCache a second run retires the old one."""
    from tools.rotate import rotate

    rotate(_stack(stack))


@app.command()
def down(stack: StackName) -> None:
    """Destroy the stack's Redis. The engine asks first, but for dev."""
    _stack(stack).destroy()
    if kept := backup.after_destroy(stack, ROOT):
        say(kept)


@app.command()
def snapshot(stack: StackName) -> None:
    """Take a snapshot of the stack's data, wait until it is complete, and list those that exist."""
    raise typer.Exit(backup.snapshot(_stack(stack).outputs(), stack, ROOT))


@app.command()
def restore(
    stack: StackName,
    name: Annotated[str | None, typer.Argument(metavar="SNAPSHOT", help="The snapshot's name.")] = None,
    *,
    switch: Annotated[
        bool, typer.Option("--switch", help="Put what was restored in place of what the stack has (local).")
    ] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Remove what was restored (local).")] = False,
) -> None:
    """Restore a snapshot into a new database beside the stack's own, check it, say how to switch."""
    if sum((name is not None, switch, discard)) > 1:
        raise ToolError("restore takes one thing: a snapshot's name, --switch or --discard")
    outputs = _stack(stack).outputs()
    raise typer.Exit(backup.restore(outputs, stack, ROOT, name, switch=switch, discard=discard))


@app.command()
def drill(
    stack: StackName,
    *,
    clean: Annotated[bool, typer.Option("--clean", help="Remove what a killed drill has left.")] = False,
) -> None:
    """Rehearse a recovery: snapshot, restore beside, compare, remove; report the times."""
    raise typer.Exit(backup.drill(_stack(stack).outputs(), stack, ROOT, clean=clean))


@app.command()
def shellenv(stack: StackName) -> None:
    """Print what a shell needs so that ``pulumi`` works on the stack: eval "$(make -s shellenv)"."""
    target = _stack(stack)
    for name in target.unset:
        print(f"unset {name}")
    for name, value in target.environment.items():
        print(f"export {name}={shlex.quote(value)}")


@app.command()
def actionlint() -> None:
    """Check the workflows in .github."""
    from tools.actionlint import lint

    raise typer.Exit(lint())


@app.command()
def reference() -> None:
    """Write CONFIG.md, which lists every key of a stack's config, anew."""
    from tools.reference import FILE, render

    FILE.write_text(render())


def _stack(name: str) -> Stack:
    return DevStack(name) if name == "dev" else Stack(name)


def _check(stack: Stack | None, *arguments: str) -> int:
    """Run the live checks under a stack's own environment, or under the user's."""
    return _run("infra.health", stack.outputs()["environment"] if stack else {}, *arguments)


def _metrics(stack: Stack | None, *arguments: str) -> int:
    """Read the metrics under a stack's own environment and thresholds, or under the user's."""
    if stack is None:
        return _run("infra.health.metrics", {}, *arguments)
    outputs = stack.outputs()
    thresholds = json.dumps(outputs.get("thresholds", {}))
    own = outputs["environment"] | {"STACK": stack.name, "REDIS_THRESHOLDS": thresholds}
    code = _run("infra.health.metrics", own, *arguments)
    if warning := too_old(outputs, datetime.now(UTC).date(), stack.name):
        say(f"warning: {warning}")
        return max(code, 1)
    return code


def _run(module: str, own: Mapping[str, str], *arguments: str) -> int:
    # Through the environment: a command line can be read by every user of the machine.
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=os.environ | own, check=False).returncode


def main() -> None:
    """Run a command; what the user can mend is told in one line, without a traceback."""
    try:
        app()
    except (BackupError, ToolError, LocalRedisError) as error:
        say(f"error: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
