"""Runs actionlint on the workflows; it is built from a pinned Go module, once for each user."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.cli import build
from tools.errors import ToolError
from tools.stack import ROOT

MODULE = Path(__file__).parent
VERSION = re.search(r"github.com/rhysd/actionlint v(\S+)", (MODULE / "go.mod").read_text())[1]  # type: ignore[index]
"""The pinned version: go.mod is the one place that names it."""


def lint(folder: Path = ROOT / ".github" / "workflows") -> int:
    """Check every workflow in a folder; return actionlint's exit code, 0 when there is nothing to say.

    Raises:
        ToolError: actionlint is not there and cannot be built.
    """
    # Named one by one: to find them by itself, actionlint would need the checkout to be git's.
    files = sorted(map(str, folder.glob("*.yml")))
    return subprocess.run([_program(), *files], check=False).returncode


def _program() -> Path:
    lock = hashlib.sha256((MODULE / "go.sum").read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mantisnxt-redis"
    program = cache / f"actionlint-{VERSION}-{lock}"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        print(f"Building actionlint {VERSION}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch) / "actionlint"
            _build(made, Path(scratch))
            made.replace(program)  # of two at once, the last one wins, and both are whole
    return program


def _build(program: Path, scratch: Path) -> None:
    go, environment = build.find_go(MODULE, scratch)
    done = subprocess.run(
        [*go, "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", str(program), "tool"],
        cwd=MODULE,
        env={**environment, "CGO_ENABLED": "0", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join(done.stderr.splitlines()[-12:])
        raise ToolError(
            "actionlint, which checks the workflows, could not be built. Check the network, the proxy and "
            f"the free disk space (1 GB), then run the command again.\n'go build' ended with:\n{last}"
        )
