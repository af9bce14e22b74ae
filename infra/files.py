"""Files that only their owner can read."""

import io
import os
import shutil
from pathlib import Path
from typing import IO


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new one, with mode 0600."""
    _replace(path, io.BytesIO(content))


def copy_private(source: Path, path: Path) -> None:
    """Copy a file's content in the same way."""
    with source.open("rb") as content:
        _replace(path, content)


def _replace(path: Path, content: IO[bytes]) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
