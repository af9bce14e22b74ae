"""What is known about a metric."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


class NotAvailable(Exception):  # noqa: N818  (no error: a provider may keep a figure to itself)
    """A figure cannot be had; the message says why."""


@dataclass(frozen=True)
class Value:
    """A figure, or why there is none."""

    figure: float | None
    note: str = ""
    """How the figure came about, where that matters; without a figure, why there is none."""
    estimate: bool = False


def known(figure: Callable[[], float | Value]) -> Value:
    """The value that a function returns, or why it cannot."""
    try:
        found = figure()
    except NotAvailable as reason:
        return Value(None, str(reason))
    return found if isinstance(found, Value) else Value(found)


async def known_later(value: Awaitable[Value]) -> Value:
    """The value that comes, or why it does not."""
    try:
        return await value
    except NotAvailable as reason:
        return Value(None, str(reason))
