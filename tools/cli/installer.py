"""Pulumi's official installer."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

from tools.errors import ToolError

TIMEOUT = 20.0
"""Seconds to wait for the installer's server: a firewall that swallows packets must not hold us up."""


def install(folder: Path, version: str) -> None:
    """Install the CLI and its language hosts into ``folder/bin``.

    Raises:
        ToolError: the installer cannot be reached or fails.
    """
    # Both are imported here: they take half a second, and only the first run needs them.
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    print(f"Installing the Pulumi CLI v{version} with Pulumi's installer", file=sys.stderr)
    former = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        PulumiCommand.install(root=str(folder), version=VersionInfo.parse(version))
    except URLError as error:
        raise ToolError(f"Pulumi's installer cannot be reached ({error.reason})") from error
    except subprocess.CalledProcessError as error:
        said = error.output.decode(errors="replace").strip().splitlines()
        raise ToolError(f"Pulumi's installer failed ({said[-1] if said else error})") from error
    finally:
        socket.setdefaulttimeout(former)
