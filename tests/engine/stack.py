"""A stack of this project under the real CLI, with the cloud plugins stood in for."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.engine.cloud.memory import Cloud
from tests.engine.cloud.server import serve
from tests.engine.project import copy_checkout, quicken
from tools import cli

PASSPHRASE = "correct horse battery"
SECRETS = (PASSPHRASE,)

QUIET = ("same", "read", "refresh")
"""Steps that change nothing."""


@dataclass(frozen=True)
class Done:
    """What a command of the engine did."""

    code: int
    text: str
    steps: list[tuple[str, str]]
    """Operation and resource name of each step that is a change, in order."""
    diffs: dict[str, set[str]]
    """For each resource name, the properties that its update or replacement is about."""

    def names(self, operation: str) -> set[str]:
        return {name for step, name in self.steps if step == operation}


class CloudStack:
    """A copy of the checkout with one stack in a backend of its own.

    Args:
        folder: where the copy goes.
        cloud: the account behind the plugins.
        providers: what PULUMI_DEBUG_PROVIDERS has to be.
        name: the stack's name.
    """

    def __init__(self, folder: Path, cloud: Cloud, providers: str, name: str) -> None:
        self.folder, self.cloud, self.name = folder / "checkout", cloud, name
        self.said = ""
        self.secrets: set[str] = set(SECRETS)
        """What must not be readable anywhere."""
        self.upgraded: Mapping[str, Any] = {}
        """What a test has changed for good."""
        self.first: tuple[Done, Done]
        """The first preview and the first update, when there was nothing."""
        copy_checkout(self.folder)
        (folder / "state").mkdir(parents=True)
        quicken(folder / "quick")
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")},
            **cli.ensure().environment(self.folder),
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DEBUG_COMMANDS": "true",  # shows --event-log
            "PULUMI_DEBUG_PROVIDERS": providers,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_ERROR_OUTPUT_STRING": "true",
            "PULUMI_STACK": name,
            "PYTHONPATH": str(folder / "quick"),
            "COLUMNS": "200",
        }
        # To compile the SDKs anew costs each command seconds.
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._state = folder / "state"
        self._config_file.unlink(missing_ok=True)
        self.pulumi("stack", "init", name)
        self._salt = yaml.safe_load(self._config_file.read_text())

    @property
    def _config_file(self) -> Path:
        return self.folder / f"Pulumi.{self.name}.yaml"

    def configure(self, config: dict[str, Any]) -> None:
        """Write the stack's config as it is given."""
        self._config_file.write_text(yaml.safe_dump({**self._salt, "config": config}))

    def preview(self, *options: str, code: int | None = 0) -> Done:
        return self._operate("preview", "--diff", *options, code=code)

    def up(self, *options: str, code: int | None = 0) -> Done:
        """Update without a preview before it, which would double the time."""
        return self._operate("up", "--yes", "--skip-preview", *options, code=code)

    def refused(self, operation: str, *options: str) -> str:
        """Run an operation as a user does, with the preview, in which it stops; returns what is printed."""
        return self._operate(operation, "--yes", *options, code=1).text

    def refresh(self, *options: str, code: int | None = 0) -> Done:
        return self._operate("refresh", "--yes", "--skip-preview", *options, code=code)

    def destroy(self, *options: str, code: int | None = 0) -> Done:
        return self._operate("destroy", "--yes", "--skip-preview", *options, code=code)

    def pulumi(self, *arguments: str, code: int | None = 0) -> str:
        """Run any command of the engine; what it prints is kept, for a search for secrets."""
        return self._run(*arguments, code=code).stdout

    def adopt(self) -> None:
        """Import what exists and the state does not know, as a user would who was told to look for it."""
        state = self.resources()
        known = {(resource["type"], resource.get("id")) for resource in state}
        components = {
            _types(resource["urn"]): resource["urn"] for resource in state if not resource["custom"]
        }
        lost = [
            thing
            for thing in self.cloud.things
            if thing.package != "random" and (thing.token, thing.id) not in known
        ]
        if not lost:
            return
        plan = {
            "nameTable": {_name(urn): urn for urn in components.values()},
            "resources": [
                {
                    "type": thing.token, "name": thing.name, "id": thing.id,
                    "parent": _name(components[_types(thing.maker).rpartition("$")[0]]),
                }
                for thing in lost
            ],
        }  # fmt: skip
        file = self.folder.parent / "import.json"
        file.write_text(json.dumps(plan))
        self.pulumi("import", "--file", str(file), "--yes", "--skip-preview", "--generate-code=false")

    def _run(self, *arguments: str, code: int | None) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [self.program, *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        self.said += done.stdout
        assert code in (None, done.returncode), done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        assert "Warning: " not in done.stdout, done.stdout
        return done

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, as the backend keeps them: what is secret is not readable."""
        [file] = self._state.glob(f".pulumi/stacks/**/{self.name}.json")
        deployment = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        return list(deployment.get("resources", []))

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text."""
        said = self.said
        outputs = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets"))
        self.said = said  # what was asked for on purpose does not count as said
        return dict(outputs)

    def written(self) -> str:
        """Everything that the engine wrote and printed, where no secret may be."""
        files = [path for path in self._state.rglob("*") if path.is_file()]
        return "\n".join([self.said, *(path.read_text(errors="replace") for path in files)])

    @cached_property
    def program(self) -> str:
        found = shutil.which("pulumi", path=self.environment["PATH"])
        assert found
        return found

    def _operate(self, operation: str, *options: str, code: int | None) -> Done:
        log = self.folder.parent / "events.json"
        log.unlink(missing_ok=True)
        done = self._run(operation, "--event-log", str(log), *options, code=code)
        logged = log.read_text() if log.exists() else ""
        self.said += logged
        events = [json.loads(line) for line in logged.splitlines()]
        # Only after a refresh is it known what differs.
        kind = "resOutputsEvent" if operation == "refresh" else "resourcePreEvent"
        found = [event[kind]["metadata"] for event in events if kind in event]
        steps = [step for step in found if step["op"] not in QUIET and not step["type"].startswith("pulumi:")]
        return Done(
            done.returncode,
            done.stdout,
            [(step["op"], _name(step["urn"])) for step in steps],
            {
                name: {key for step in steps if _name(step["urn"]) == name for key in step.get("diffs") or ()}
                for name in {_name(step["urn"]) for step in steps}
            },
        )


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _types(urn: str) -> str:
    """The types of a resource and of the components that it is in."""
    return urn.split("::")[2]


@contextmanager
def cloud_stack(folder: Path, name: str, credentials: Mapping[str, str]) -> Iterator[CloudStack]:
    """A stack with an empty account.

    Args:
        folder: where everything goes.
        name: the stack's name.
        credentials: the variables that the plugins read.
    """
    cloud = Cloud()
    with serve(cloud, credentials) as providers:
        stack = CloudStack(folder, cloud, providers, name)
        stack.environment |= credentials
        stack.secrets |= set(credentials.values())
        yield stack
