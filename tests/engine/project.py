"""A copy of the project in which a test may do what a user does: edit the config, run the commands."""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import redis
import yaml

from tests.servers import free_port, wait_until_written

CHECKOUT = Path(__file__).resolve().parents[2]

QUICK = {
    "sitecustomize.py": "import gc\ngc.disable()\n",
    # Which packages are installed is asked for the plugins' sake, and these are there.
    "pip/__main__.py": "print('[]')\n",
}
"""Files at the front of Python's path that make each command faster by a second or more."""


def quicken(folder: Path) -> None:
    """Write the files that make commands faster; the folder goes into PYTHONPATH."""
    for path, content in QUICK.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def copy_checkout(folder: Path) -> None:
    """Copy what git knows or would add, and link the virtual environment."""
    for name in git(CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")


class Project:
    """A checkout of its own: the files that git knows or would add, and the same virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server_folder = folder / ".local" / "dev" / "redis"
        self.output = ""
        copy_checkout(folder)
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        self._quick = folder.with_name(f"{folder.name} quick")
        quicken(self._quick)
        self.local: dict[str, Any] = {"port": free_port()}
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Change the ``local`` block of the dev stack's config; what is not named stays as it is."""
        self.local |= changes
        self.write_config({"provider": "local", "local": self.local})

    def write_config(self, config: dict[str, Any]) -> None:
        """Write the dev stack's config as it is given."""
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))

    def make(self, command: str, *arguments: str, code: int = 0) -> str:
        """Do what ``make COMMAND ARGS=…`` does after its set-up; return what it printed."""
        return self._run(self.command(command, *arguments), code)

    @staticmethod
    def command(command: str, *arguments: str) -> list[str]:
        """What the Makefile runs for a command."""
        return [sys.executable, "-m", "tools", command, "--stack", "dev", *arguments]

    def pulumi(self, *arguments: str, code: int = 0) -> str:
        """Run the engine by hand, in the shell that ``make shellenv`` prepares."""
        return self._run(["sh", "-c", f'{self._shellenv}\nexec pulumi "$@"', "sh", *arguments], code)

    def up(self, *, code: int = 0) -> str:
        """Run ``pulumi up`` by hand: quicker than ``make up``, which checks the server, too."""
        return self.pulumi("up", "--yes", "--skip-preview", code=code)

    @cached_property
    def _shellenv(self) -> str:
        return self.make("shellenv")

    def stack_output(self, name: str) -> Any:
        """One of the stack's outputs, secrets in plain text."""
        said = self.output
        value = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets"))[name]
        self.output = said  # what was asked for on purpose does not count as said
        return value

    def client(self) -> redis.Redis:
        """A client made from the stack's REDIS_URL, as the application would make it."""
        options = {"ssl_ca_certs": str(self.server_folder / "ca.pem")} if self.local.get("tls") else {}
        return redis.Redis.from_url(self.stack_output("REDIS_URL"), decode_responses=True, **options)

    def server(self) -> psutil.Process:
        """The one server process that runs from this checkout."""
        [process] = self.servers()
        return process

    def servers(self) -> list[psutil.Process]:
        """Every process that works in a folder of this checkout's servers."""
        return [
            process
            for process in psutil.process_iter(["cwd"])
            if (process.info["cwd"] or "").startswith(str(self.folder / ".local"))
        ]

    def kill_server(self) -> None:
        """End the server as a crash or a power cut would."""
        wait_until_written(self.client())
        process = self.server()
        process.kill()
        psutil.wait_procs([process])

    def locks(self) -> list[Path]:
        """The engine's locks on the state."""
        return list((self.folder / ".local" / "state").glob(".pulumi/locks/**/*.json"))

    def changed_files(self) -> list[str]:
        """What ``git status`` shows, but for the config that the test itself wrote."""
        lines = git(self.folder, "status", "--porcelain").splitlines()
        return [line for line in lines if not line.startswith("A ") and not line.endswith(" Pulumi.dev.yaml")]

    def files(self) -> list[Path]:
        """Every file that the project's commands have made."""
        return [path for path in (self.folder / ".local").rglob("*") if path.is_file()]

    def _run(self, command: list[str], code: int) -> str:
        environment = {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(self._quick)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # to compile the SDK anew costs seconds
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        self.output += text
        assert done.returncode == code, text
        assert "Traceback" not in text, text
        return text
