"""A stack as the commands see it: its engine, its backend, its outputs."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.files import write_private
from tools import cli
from tools.errors import ToolError

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
"""All that the dev stack keeps: its state, its passphrase, its server. Ignored by git."""
DEV = "dev"


@dataclass(frozen=True)
class Stack:
    """One stack of this project.

    The state of ``dev`` lives in a local file, encrypted with a passphrase that is made once; for every other
    stack the user's own ``pulumi login`` counts.
    """

    name: str

    @property
    def is_dev(self) -> bool:
        """Whether the stack is this machine's own."""
        return self.name == DEV

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables, beside the user's own, under which the engine runs this stack."""
        variables = {**cli.ensure().environment(ROOT), "PULUMI_STACK": self.name}
        if self.is_dev:
            variables |= {
                "PULUMI_BACKEND_URL": (LOCAL / "state").as_uri(),
                "PULUMI_CONFIG_PASSPHRASE_FILE": str(LOCAL / "passphrase"),
                "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
            }
        return variables

    @property
    def unset(self) -> tuple[str, ...]:
        """The user's variables that must not count: this one would win over the file with the passphrase."""
        return ("PULUMI_CONFIG_PASSPHRASE",) if self.is_dev else ()

    def pulumi(self, *arguments: str, folder: Path = ROOT, capture: bool = False) -> str:
        """Run a command of the engine; its output goes to the user unless it is captured.

        Raises:
            SystemExit: the command failed; the engine has said why, and nothing is to be added.
        """
        environment = {
            name: value for name, value in os.environ.items() if name not in self.unset
        } | self.environment
        done = subprocess.run(
            ["pulumi", *arguments],
            executable=shutil.which("pulumi", path=environment["PATH"]),
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(done.returncode)
        return done.stdout or ""

    def operate(self, operation: str, *options: str) -> None:
        """Run an operation that reads the stack's config: preview, up, refresh, destroy."""
        if not self.is_dev:
            self.pulumi(operation, *options)
            return
        self._init_dev()
        self.pulumi(operation, "--config-file", str(self._copy_config()), *options)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text.

        Raises:
            ToolError: the stack has no Redis yet.
        """
        if self.is_dev and not self.has_state():
            raise ToolError(f"there is no Redis in stack {self.name} yet: run make up")
        outputs = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets", capture=True))
        if "REDIS_URL" not in outputs:
            raise ToolError(f"stack {self.name} has no output REDIS_URL: run make up STACK={self.name}")
        return dict(outputs)

    def forget(self) -> None:
        """Remove what is left of the dev stack after its resources were destroyed."""
        config = ROOT / f"Pulumi.{self.name}.yaml"
        if (text := config.read_text()) != _without_salt(text):
            config.write_text(_without_salt(text))
        for path in (
            LOCAL / "state",
            LOCAL / "passphrase",
            LOCAL / f"Pulumi.{self.name}.yaml",
            env_file(self),
        ):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for folder in (LOCAL / self.name, LOCAL):
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()

    def _copy_config(self) -> Path:
        """Copy the dev stack's config for the engine, which writes the encryption salt into what it reads.

        The salt belongs to this checkout's passphrase and is in the state: the committed file must stay as it
        is. There, a salt that the engine left when it was run by hand counts only if secrets depend on it.
        """
        copy = LOCAL / f"Pulumi.{self.name}.yaml"
        write_private(copy, _without_salt((ROOT / copy.name).read_text()).encode())
        return copy

    def has_state(self) -> bool:
        """Whether the dev stack was ever made."""
        return any((LOCAL / "state").glob(f".pulumi/stacks/*/{self.name}.json"))

    def _init_dev(self) -> None:
        """Make the backend, the passphrase and the stack, unless they are there."""
        passphrase = LOCAL / "passphrase"
        if self.has_state():
            if not passphrase.exists():
                raise ToolError(
                    f"{passphrase} is gone, and without it nobody can read the secrets in {LOCAL / 'state'}. "
                    f"Put it back; or end the server and begin anew: pkill -f {LOCAL} ; rm -r {LOCAL}"
                )
            return
        (LOCAL / "state").mkdir(mode=0o700, parents=True, exist_ok=True)
        LOCAL.chmod(0o700)
        if not passphrase.exists():
            write_private(passphrase, secrets.token_urlsafe(36).encode())
        with tempfile.TemporaryDirectory(dir=LOCAL) as folder:
            # Not in the project: there it would write the encryption salt into the committed config file.
            shutil.copyfile(ROOT / "Pulumi.yaml", Path(folder) / "Pulumi.yaml")
            self.pulumi("stack", "init", self.name, "--no-select", folder=Path(folder))


def _without_salt(config: str) -> str:
    """A stack's config without the engine's salt, unless there are secrets in it that depend on the salt."""
    return config if "secure:" in config else re.sub(r"^encryptionsalt:.*\n?", "", config, flags=re.MULTILINE)


def env_file(stack: Stack) -> Path:
    """Where ``make env`` writes the application's environment."""
    return ROOT / f".env.{stack.name}"


def say(text: str) -> None:
    """Tell the user what goes on, beside a command's own output."""
    print(text, file=sys.stderr)
