"""``python -m tools COMMAND``, which ``make COMMAND`` runs."""

import os
import shlex
import subprocess
import sys
from typing import Annotated

import typer

from infra.files import write_private
from tools import cli
from tools.dotenv import render
from tools.errors import ToolError
from tools.stack import Stack, env_file, say

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

StackName = Annotated[str, typer.Option("--stack", help="The stack to work on.")]


@app.command()
def setup() -> None:
    """Get the Pulumi CLI, if it is not there yet."""
    cli.ensure()


@app.command()
def up(stack: StackName) -> None:
    """Make the stack's Redis what its config says, then check a local one."""
    target = Stack(stack)
    target.operate("up", *(["--yes", "--skip-preview"] if target.is_dev else []))
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
    Stack(stack).operate("preview")


@app.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def check(stack: StackName, context: typer.Context) -> None:
    """Check the stack's Redis; without a stack, the one that REDIS_URL names. The options are its own."""
    raise typer.Exit(_check(Stack(stack), *context.args))


@app.command()
def env(
    stack: StackName, show: Annotated[bool, typer.Option(help="Print the variables, secrets too.")] = False
) -> None:
    """Write the application's environment to .env.STACK."""
    target = Stack(stack)
    content = render(target.outputs()["environment"])
    if show:
        sys.stdout.write(content)
        return
    write_private(env_file(target), content.encode())
    say(f"Wrote {len(content.splitlines())} variables to {env_file(target).name} (readable by you only)")


@app.command()
def down(stack: StackName) -> None:
    """Destroy the stack's Redis. The engine asks first, but for dev."""
    target = Stack(stack)
    if not target.is_dev:
        target.operate("destroy")
    elif target.has_state():
        target.operate("destroy", "--yes", "--skip-preview")
        target.forget()
    else:
        say(f"Stack {stack} has nothing to destroy.")


@app.command()
def shellenv(stack: StackName) -> None:
    """Print what a shell needs so that ``pulumi`` works on the stack: eval "$(make -s shellenv)"."""
    target = Stack(stack)
    for name in target.unset:
        print(f"unset {name}")
    for name, value in target.environment.items():
        print(f"export {name}={shlex.quote(value)}")


def _check(stack: Stack, *arguments: str) -> int:
    """Run the live checks under the stack's own environment, unless the arguments have no need of it."""
    own = {} if not stack.name or {"--url", "--help"} & set(arguments) else stack.outputs()["environment"]
    # Through the environment: a command line can be read by every user of the machine.
    command = [sys.executable, "-m", "infra.health", *arguments]
    return subprocess.run(command, env=os.environ | own, check=False).returncode


def main() -> None:
    """Run a command; what the user can mend is told in one line, without a traceback."""
    try:
        app()
    except ToolError as error:
        say(f"error: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
