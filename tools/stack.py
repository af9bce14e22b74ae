"""A stack as the commands see it: its engine, its backend, its outputs."""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.adoption import after_kill
from tools import cli
from tools.errors import ToolError

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}")
"""A stack's name, with its organization and project where they are given."""


class Stack:
    """A stack in the backend that the user's own ``pulumi login`` chose.

    Raises:
        ToolError: no stack can have this name.
    """

    unset: tuple[str, ...] = ()
    """Variables of the user's that must not count."""
    confirmed: tuple[str, ...] = ()
    """Options that make the engine go ahead without a question."""

    def __init__(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise ToolError(f"STACK is {name!r}; a stack's name has letters, digits and . _ - only")
        self.name = name

    @property
    def env_file(self) -> Path:
        """Where ``make env`` writes the application's environment."""
        return ROOT / f".env.{self.name.rsplit('/', 1)[-1]}"

    @property
    def config(self) -> Path:
        """The committed config file."""
        return ROOT / f"Pulumi.{self.name.rsplit('/', 1)[-1]}.yaml"

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables, beside the user's own, under which the engine runs this stack."""
        return {**cli.ensure().environment(ROOT), "PULUMI_STACK": self.name}

    def pulumi(self, *arguments: str, folder: Path = ROOT, capture: bool = False) -> str:
        """Run a command of the engine; its output goes to the user unless it is captured.

        Raises:
            SystemExit: the command failed; the engine has said why, and nothing is to be added.
        """
        own = {name: value for name, value in os.environ.items() if name not in self.unset}
        done = subprocess.run(
            ["pulumi", *arguments],
            executable=shutil.which("pulumi", path=self.environment["PATH"]),
            cwd=folder,
            env=own | self.environment,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(done.returncode)
        return done.stdout or ""

    def operate(self, operation: str, *options: str) -> None:
        """Run an operation that reads the stack's config: preview, up, refresh, destroy.

        Raises:
            ToolError: an update is to follow one that was killed while it made something.
        """
        if operation == "up":
            self._require_nothing_pending()
        self.pulumi(operation, *options)

    def _require_nothing_pending(self) -> None:
        """Stop before the engine makes a second one of what a killed update may have made.

        It only warns of that, and goes ahead.
        """
        for pending in self._state().get("pending_operations") or []:
            resource = pending["resource"]
            if pending["type"] == "creating":
                raise ToolError(after_kill(resource["urn"], resource["parent"]))

    def destroy(self) -> None:
        """Destroy what the stack has made, after the engine's own question.

        Raises:
            ToolError: something in the stack holds data and is protected.
        """
        if names := self._protected():
            raise ToolError(
                f"stack {self.name} holds data in {' and '.join(names)}. To destroy it with the data, add "
                f"allowDataLoss: [{', '.join(names)}] to {self.config.name}, run make up STACK={self.name}, "
                "which takes the protection off, then this command again"
            )
        self.operate("destroy")

    def _protected(self) -> list[str]:
        """The names of the resources that the engine would refuse to delete, after it has deleted others."""
        resources = self._state().get("resources") or []
        return [resource["urn"].split("::")[-1] for resource in resources if resource.get("protect")]

    def _state(self) -> dict[str, Any]:
        deployment = json.loads(self.pulumi("stack", "export", capture=True))["deployment"]
        return dict(deployment or {})

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text.

        Raises:
            ToolError: the stack has no Redis yet.
        """
        outputs = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets", capture=True))
        if "REDIS_URL" not in outputs:
            raise ToolError(f"there is no Redis in stack {self.name} yet: run make up STACK={self.name}")
        return dict(outputs)


def say(text: str) -> None:
    """Tell the user what goes on, beside a command's own output."""
    print(text, file=sys.stderr)
