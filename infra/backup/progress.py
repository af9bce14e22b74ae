"""Shows what is going on: on a terminal one line with a clock, elsewhere a line for each change."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from infra.backup.provider import Tell


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """Show what is told while the block runs.

    Args:
        console: where to; not the one of the command's result.
    """
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda text: bar.update(task, description=text)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console, self._last = console, ""

    def __call__(self, text: str) -> None:
        if text != self._last:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._last = text
