"""The table as a picture, for a document."""

import io
import re
from collections.abc import Sequence

from rich.console import Console

from infra.health.metrics.judge import Finding
from infra.health.metrics.reading import Reading
from infra.health.metrics.report import print_reading

COLUMNS = 100
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""An image inside a page may not load fonts: what names them is left out."""


def as_svg(reading: Reading, findings: Sequence[Finding], stack: str | None) -> str:
    """Draw what the terminal shows, in a window of its own."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    print_reading(reading, findings, console, wrap=True)
    return FONTS.sub("", console.export_svg(title=f"make metrics STACK={stack or ''}"))
