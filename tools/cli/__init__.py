"""Finds the Pulumi CLI, or gets it: from PATH, from the cache, by the official installer, by a build."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.cli import build, installer
from tools.errors import ToolError

MODULES = Path(__file__).parent
VERSION = re.search(r"github.com/pulumi/pulumi/pkg/v3 v(\S+)", (MODULES / "go.mod").read_text())[1]  # type: ignore[index]
"""The pinned version of the CLI: go.mod is the one place that names it."""

UNFINISHED = "unfinished-"


@dataclass(frozen=True)
class Cli:
    """A Pulumi CLI with its Python language host beside it."""

    folder: Path
    """The folder to put on PATH."""
    built: bool = False
    """Whether it was built from Go modules: then its language host is an older one."""

    def environment(self, project: Path) -> dict[str, str]:
        """The environment variables that the engine needs."""
        path = [str(self.folder), os.environ["PATH"]]
        if self.built:
            if os.pathsep in str(project):
                raise ToolError(f"the path {project} has a colon, which PATH cannot hold; move the checkout")
            # That language host ignores runtime.options in Pulumi.yaml: it runs the first Python on PATH.
            # It lists the packages with pip, which is why pip is among the project's dependencies.
            path.insert(0, str(project / ".venv" / "bin"))
        return {"PATH": os.pathsep.join(path), "PULUMI_SKIP_UPDATE_CHECK": "true"}


def ensure() -> Cli:
    """The CLI to use. The first time this may take minutes; it then says what it is doing.

    Raises:
        ToolError: there is no CLI and none can be had.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mantisnxt-redis"
    official, modules = cache / f"pulumi-{VERSION}", cache / f"pulumi-{VERSION}-modules-{_lock_hash()}"
    found = _on_path()
    if found and found != modules:  # in a shell that 'make shellenv' prepared, the built one is on PATH
        return Cli(found)
    with _lock(cache / "pulumi.lock", unless=lambda: official.exists() or modules.exists()):
        if official.exists():
            return Cli(official / "bin")
        if not modules.exists():
            try:
                _place(official, lambda folder: installer.install(folder, VERSION))
                return Cli(official / "bin")
            except ToolError as reason:
                print(f"{reason}; building it from Go modules instead.", file=sys.stderr)
                _place(modules, lambda folder: build.build(MODULES, folder, VERSION))
        return Cli(modules, built=True)


def _on_path() -> Path | None:
    """The folder of the CLI on PATH, if it is new enough and its language host is there."""
    pulumi = shutil.which("pulumi")
    if not pulumi or not shutil.which("pulumi-language-python"):
        return None
    try:
        said = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False).stdout
    except OSError:  # it is no program of this kind of machine
        return None
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", said)
    new_enough = found and tuple(map(int, found.groups())) >= tuple(map(int, VERSION.split(".")))
    return Path(pulumi).parent if new_enough else None


def _lock_hash() -> str:
    files = [folder / name for folder in (MODULES, MODULES / "python-host") for name in ("go.mod", "go.sum")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _place(target: Path, make: Callable[[Path], None]) -> None:
    """Make a folder aside and move it into place when it is complete: what is there is always whole."""
    try:
        for killed in target.parent.glob(f"{UNFINISHED}*"):
            shutil.rmtree(killed)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=UNFINISHED) as folder:
            make(Path(folder) / "made")
            (Path(folder) / "made").rename(target)
    except OSError as error:
        raise ToolError(f"the Pulumi CLI could not be put into {target.parent}: {error}") from error


@contextmanager
def _lock(file: Path, *, unless: Callable[[], bool]) -> Iterator[None]:
    """Let one process at a time get the CLI; the others wait for what it makes."""
    if unless():
        yield
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("w")
    except OSError as error:
        raise ToolError(
            f"the cache {file.parent} cannot be written: {error}. Set XDG_CACHE_HOME to another folder."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another process is getting the Pulumi CLI; waiting for it.", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
