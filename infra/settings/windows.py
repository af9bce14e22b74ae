"""Daily and weekly time windows in UTC, as AWS writes them."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = len(DAYS) * DAY
SHORTEST_WINDOW = 60
"""Minutes; AWS's limit for both kinds of window (API reference, CreateReplicationGroup)."""

Span = tuple[int, int]
"""Where a window begins, in minutes from Monday or from midnight, and how many minutes it lasts."""

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(f"{_TIME}-{_TIME}")
_WEEKLY = re.compile(rf"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}")


def daily_span(window: str) -> Span | None:
    """Read ``hh:mm-hh:mm``; a window may pass midnight. None where it is written in another way.

    >>> daily_span("23:30-01:00")
    (1410, 90)
    """
    found = _DAILY.fullmatch(window)
    if not found:
        return None
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start = hour * 60 + minute
    return start, (end_hour * 60 + end_minute - start) % DAY


def weekly_span(window: str) -> Span | None:
    """Read ``ddd:hh:mm-ddd:hh:mm``; a window may pass Sunday. None where it is written in another way.

    >>> weekly_span("sun:23:00-mon:00:30")
    (10020, 90)
    """
    found = _WEEKLY.fullmatch(window)
    if not found:
        return None
    day, hour, minute, end_day, end_hour, end_minute = found.groups()
    start = DAYS.index(day) * DAY + int(hour) * 60 + int(minute)
    end = DAYS.index(end_day) * DAY + int(end_hour) * 60 + int(end_minute)
    return start, (end - start) % WEEK


def overlap(weekly: str, daily: str) -> bool:
    """Whether the daily window touches the weekly one on any day of the week.

    >>> overlap("sun:05:00-sun:06:00", "04:30-05:30")
    True
    """
    once, each = weekly_span(weekly), daily_span(daily)
    if once is None or each is None:
        return False
    return any(_meet(once, (day * DAY + each[0], each[1])) for day in range(len(DAYS)))


def _meet(one: Span, other: Span) -> bool:
    return (other[0] - one[0]) % WEEK < one[1] or (one[0] - other[0]) % WEEK < other[1]


def _daily(window: str) -> str:
    return _long_enough(window, daily_span(window), "03:00-04:00")


def _weekly(window: str) -> str:
    return _long_enough(window, weekly_span(window), "sun:05:00-sun:06:00")


def _long_enough(window: str, span: Span | None, example: str) -> str:
    if span is None:
        raise PydanticCustomError(
            "window", "not a time window; write it like {example}", {"example": example}
        )
    if span[1] < SHORTEST_WINDOW:
        raise PydanticCustomError(
            "window",
            "lasts {minutes} minutes; AWS needs at least {least}",
            {"minutes": span[1], "least": SHORTEST_WINDOW},
        )
    return window


DailyWindow = Annotated[str, AfterValidator(_daily)]
WeeklyWindow = Annotated[str, AfterValidator(_weekly)]
