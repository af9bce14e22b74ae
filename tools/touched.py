"""``git diff --name-only -z … | python -m tools.touched``: the stacks that a change touches, as a JSON list.

The workflow runs it on a machine's own Python, so it uses the standard library only.
"""

import json
import re
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

PROGRAM = re.compile(r"infra/.*|__main__\.py|Pulumi\.yaml|pyproject\.toml|uv\.lock")
"""What every stack runs, or is run by."""
CONFIG = re.compile(r"Pulumi\.([A-Za-z0-9_.-]+)\.yaml")
"""A stack's config; the name in it is one that a Pulumi stack can have."""
ON_THIS_MACHINE = "dev"
"""The stack that has no state elsewhere, so that there is nothing to compare a change with."""


def touched(changed: Iterable[str], stacks: Collection[str]) -> list[str]:
    """Choose the stacks that changed files may change, in alphabetical order.

    Args:
        changed: paths of the changed files, as git spells them.
        stacks: the stacks to choose from.
    """
    files = list(changed)
    if any(PROGRAM.fullmatch(file) for file in files):
        return sorted(stacks)
    named = {found[1] for file in files if (found := CONFIG.fullmatch(file))}
    return sorted(named.intersection(stacks))


def cloud_stacks(folder: Path) -> list[str]:
    """The stacks that have a config in a folder, but for the one on this machine."""
    names = [found[1] for file in folder.iterdir() if (found := CONFIG.fullmatch(file.name))]
    return [name for name in names if name != ON_THIS_MACHINE]


if __name__ == "__main__":
    print(json.dumps(touched(sys.stdin.read().split("\0"), cloud_stacks(Path()))))
