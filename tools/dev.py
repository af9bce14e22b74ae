"""The stack ``dev``: its state is a file of this checkout, and whatever became of it, ``make up`` goes on."""

import json
import re
import secrets
import shlex
import shutil
import socket
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import yaml

from infra.files import write_private
from infra.providers.local.server import Server
from infra.settings import Provider
from tools.errors import ToolError
from tools.stack import ROOT, Stack, say

LOCAL = ROOT / ".local"
"""All that the dev stack keeps: its state, its passphrase, its server. Ignored by git."""
STATE, PASSPHRASE = LOCAL / "state", LOCAL / "passphrase"


class DevStack(Stack):
    """The stack of this machine: a state in a local file, encrypted with a passphrase that is made once."""

    # It would win over the file with the passphrase.
    unset = ("PULUMI_CONFIG_PASSPHRASE",)
    confirmed = ("--yes", "--skip-preview")

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables, beside the user's own, under which the engine runs this stack."""
        return {
            **super().environment,
            "PULUMI_BACKEND_URL": STATE.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(PASSPHRASE),
            "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
            # The engine would download the plugins of all installed packages; the local provider needs none.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": str(self._is_local()).lower(),
        }

    def operate(self, operation: str, *options: str) -> None:
        """Run an operation on the stack, which is made when it is not there."""
        STATE.mkdir(parents=True, exist_ok=True)
        LOCAL.chmod(0o700)
        config = self._copy_config()
        if self._exists():
            self._require_passphrase()
            self._release_dead_lock(config)
        else:
            self._init()
        self.pulumi(operation, "--config-file", str(config), *options)

    def destroy(self) -> None:
        """Destroy the server without a question, and all that the stack has kept."""
        if self._exists():
            self.operate("destroy", *self.confirmed)
        self._forget()
        say(f"Nothing is left of stack {self.name}.")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text.

        Raises:
            ToolError: the stack has no Redis yet.
        """
        if not self._exists():
            raise ToolError(f"there is no Redis in stack {self.name} yet: run make up")
        self._require_passphrase()
        return super().outputs()

    def _exists(self) -> bool:
        return any(STATE.glob(f".pulumi/stacks/*/{self.name}.json"))

    def _init(self) -> None:
        """Make the passphrase and the stack."""
        if not PASSPHRASE.exists():
            write_private(PASSPHRASE, secrets.token_urlsafe(36).encode())
        with tempfile.TemporaryDirectory(dir=LOCAL) as folder:
            # Not in the project: there it would write the encryption salt into the committed config file.
            shutil.copyfile(ROOT / "Pulumi.yaml", Path(folder) / "Pulumi.yaml")
            self.pulumi("stack", "init", self.name, "--no-select", folder=Path(folder))

    def _require_passphrase(self) -> None:
        if not PASSPHRASE.exists():
            raise ToolError(
                f"{PASSPHRASE} is gone, and the secrets in the state need it. Put it back; or remove the "
                f"state: rm -r {shlex.quote(str(STATE))} ; make up then takes the server over with its data"
            )

    def _copy_config(self) -> Path:
        """Copy the stack's config for the engine, which writes the encryption salt into what it reads.

        The salt belongs to this checkout's passphrase and is in the state: the committed file must stay as it
        is. There, a salt that the engine left when it was run by hand counts only if secrets depend on it.
        """
        self._read_config()
        copy = LOCAL / self.config.name
        write_private(copy, _without_salt(self.config.read_text()).encode())
        return copy

    def _read_config(self) -> dict[str, Any]:
        try:
            content = yaml.safe_load(self.config.read_text())
        except FileNotFoundError as error:
            raise ToolError(
                f"{self.config} is missing. Put it back: git checkout {self.config.name}"
            ) from error
        except yaml.YAMLError as error:
            raise ToolError(f"{self.config} is no valid YAML: {error}") from error
        config = content.get("config") if isinstance(content, dict) else None
        return config if isinstance(config, dict) else {}

    def _is_local(self) -> bool:
        config = self._read_config()
        return any(key.split(":")[-1] == "provider" and config[key] == Provider.LOCAL for key in config)

    def _release_dead_lock(self, config: Path) -> None:
        """Take over from a run that was killed.

        A create that it did not finish is cleared, too: the server's create takes over what it finds.
        """
        locks = [json.loads(lock.read_text()) for lock in STATE.glob(f".pulumi/locks/**/{self.name}/*.json")]
        dead = [
            lock["hostname"] == socket.gethostname() and not psutil.pid_exists(lock["pid"]) for lock in locks
        ]
        if dead and all(dead):
            say("An earlier run was killed. Releasing its lock.")
            self.pulumi("cancel", "--yes", self.name)
            refresh = ("--yes", "--skip-preview", "--clear-pending-creates")
            self.pulumi("refresh", "--config-file", str(config), *refresh)

    def _forget(self) -> None:
        """Remove what is left after the destruction, a server whose state was lost, too.

        The passphrase stays as long as there are secrets in the config that only it can open.
        """
        Server(LOCAL / self.name / "redis").remove()
        text = self.config.read_text() if self.config.exists() else ""
        if text != _without_salt(text):
            self.config.write_text(_without_salt(text))
        shutil.rmtree(STATE, ignore_errors=True)
        for file in (LOCAL / self.config.name, self.env_file):
            file.unlink(missing_ok=True)
        if "secure:" not in text:
            PASSPHRASE.unlink(missing_ok=True)
        for folder in (LOCAL / self.name, LOCAL):
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()


def _without_salt(config: str) -> str:
    """A stack's config without the engine's salt, unless there are secrets in it that depend on the salt."""
    return config if "secure:" in config else re.sub(r"^encryptionsalt:.*\n?", "", config, flags=re.MULTILINE)
