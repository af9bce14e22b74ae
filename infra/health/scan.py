"""How keys are looked for: in steps, never with KEYS."""

import re

SCAN_COUNT = 1000
"""Keys that the server looks at in one step of a SCAN."""


def pattern_of(prefix: str) -> str:
    r"""The glob pattern of the keys that start with a prefix, whatever is in it.

    >>> pattern_of("a[b]*:")
    'a\\\\[b\\\\]\\\\*:*'
    """
    return re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + "*"
