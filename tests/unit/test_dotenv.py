"""The .env file, read back as its readers read it."""

import subprocess
from pathlib import Path

import pytest

from tools.dotenv import render
from tools.errors import ToolError

VARIABLES = {
    "REDIS_URL": "rediss://default:a%2Fb%40c@cache.example:6379",
    "CERTIFICATE": '/home/a b/"$HOME"/`id`\\n#x',
    "SESSION_PREFIX": "mantis:session:",
    "EMPTY": "",
}


def test_a_shell_reads_what_was_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(render(VARIABLES))
    script = "set -a; . ./.env; " + "; ".join(f'printf "%s\\0" "${name}"' for name in VARIABLES)
    shown = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert shown.stdout.split("\0")[:-1] == list(VARIABLES.values())


def test_dotenv_reads_what_was_written(tmp_path: Path) -> None:
    """By its rule for single quotes: what stands between them, as it is."""
    lines = render(VARIABLES).splitlines()
    assert {line.split("=", 1)[0]: line.split("=", 1)[1][1:-1] for line in lines} == VARIABLES
    assert lines == sorted(lines)


@pytest.mark.parametrize("value", ["it's", "two\nlines"])
def test_what_the_readers_disagree_about_is_refused(value: str) -> None:
    with pytest.raises(ToolError, match="NAME holds a quote or a line break"):
        render({"NAME": value})
