"""``bootstrap.py COMMAND …``: gets uv and the locked Python environment, then runs a command in it.

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
    """Install what is missing and become the command that was asked for."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this Python is not the project's own yet)
        sys.exit(
            f"error: {sys.executable} is Python {sys.version.split()[0]}; 3.11 or newer is needed. "
            "Install one and name it: make PYTHON=python3.11 …"
        )
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    os.environ.pop("VIRTUAL_ENV", None)
    if not shutil.which("uv"):
        # Pulumi's own language host looks for uv on PATH, too.
        os.environ["PATH"] += os.pathsep + str(fetch_uv())
    programs = ROOT / ".venv" / "bin"
    sync = ["uv", "sync", "--locked", "--project", str(ROOT)]
    # An environment that is there keeps its Python.
    sync += ["--quiet"] if (programs / "python").exists() else ["--python", sys.executable]
    if subprocess.run(sync).returncode != 0:
        sys.exit(
            "error: uv could not install the Python packages of uv.lock; its own message is above. "
            "Check the network, the proxy and the disk, then run the command again."
        )
    os.chdir(ROOT)
    # By its full path: a Python finds its virtual environment by what it was started as.
    program = str(programs / sys.argv[1])
    os.execv(program, [program, *sys.argv[2:]])  # noqa: S606


def fetch_uv() -> Path:
    """Install uv from PyPI into the user's cache, once; return the folder it is in."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mantisnxt-redis"
    target = cache / "uv" / UV_VERSION
    if (target / "uv").exists():
        return target
    print(f"Installing uv {UV_VERSION} from PyPI", file=sys.stderr)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            pip = [f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
            for command in ([sys.executable, "-m", "venv", folder], [*pip, f"uv=={UV_VERSION}"]):
                if subprocess.run(command).returncode != 0:
                    sys.exit(
                        "error: uv could not be installed from PyPI; see above. Check the network and disk, "
                        "or install uv yourself (on Debian, venv is in the package python3-venv): "
                        "https://docs.astral.sh/uv/"
                    )
            Path(folder, "bin", "uv").replace(target / "uv")
    except OSError as error:
        sys.exit(f"error: uv could not be put into {target}: {error}. Choose another XDG_CACHE_HOME.")
    return target


if __name__ == "__main__":
    main()
