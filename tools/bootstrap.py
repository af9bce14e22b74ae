"""Gets uv and the locked Python environment, then hands over to ``python -m tools``.

Runs on the machine's own Python, so it uses the standard library only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UV_VERSION = "0.13.9"
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Install what is missing and run the command that was asked for."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this Python is not the project's own yet)
        sys.exit(
            f"error: {sys.executable} is Python {sys.version.split()[0]}; 3.11 or newer is needed. "
            "Install one and name it: make PYTHON=python3.11 …"
        )
    uv = shutil.which("uv") or str(fetch_uv())
    environment = {**os.environ, "UV": uv, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    python = ROOT / ".venv" / "bin" / "python"
    quiet = ["--quiet"] if python.exists() else []
    sync = [uv, "sync", "--locked", "--python", sys.executable, "--project", str(ROOT), *quiet]
    if subprocess.run(sync, env=environment).returncode != 0:
        sys.exit(
            "error: uv could not install the Python packages of uv.lock; its own message is above. "
            "Check the network, the proxy and the disk, then run the command again."
        )
    os.chdir(ROOT)
    os.execve(python, [str(python), "-m", "tools", *sys.argv[1:]], environment)  # noqa: S606


def fetch_uv() -> Path:
    """Install uv from PyPI into the user's cache, once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mantisnxt-redis"
    uv = cache / f"uv-{UV_VERSION}"
    if uv.exists():
        return uv
    print(f"Installing uv {UV_VERSION} from PyPI", file=sys.stderr)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        pip = [f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}"]
        for command in ([sys.executable, "-m", "venv", folder], pip):
            if subprocess.run(command).returncode != 0:
                sys.exit(
                    "error: uv could not be installed from PyPI; the message of "
                    f"'{' '.join(command[:3])}' is above. Check the network, or install uv yourself "
                    "(on Debian, venv is in the package python3-venv), then run the command again."
                )
        Path(folder, "bin", "uv").replace(uv)
    return uv


if __name__ == "__main__":
    main()
