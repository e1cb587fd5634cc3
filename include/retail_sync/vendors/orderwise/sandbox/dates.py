"""Times as this server writes them: its own local time, to the millisecond, without a zone."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

#: What SQL Server takes for a `datetime`: a date, perhaps a time, at most three decimals and no zone.
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?")
_LOOKS_LIKE_ONE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Calendar:
    """Local times of a server.

    Args:
        timezone: The name of its zone.
    """

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def local(self, at: datetime) -> str:
        """An aware time as the server writes it. An hour that comes twice in autumn is written alike both times."""
        return text(at.astimezone(self._zone).replace(tzinfo=None))


def text(at: datetime) -> str:
    """A naive time as the server writes it, such as `2018-11-06T11:14:05.087`."""
    return at.isoformat(timespec="milliseconds")


def looks_like_time(value: str) -> bool:
    """Whether a text begins as a date does."""
    return _LOOKS_LIKE_ONE.match(value) is not None


def read(value: str) -> str:
    """A date or time that a caller gives, as the server writes it.

    Raises:
        ValueError: SQL Server would not take it for a `datetime`, because of a zone or of microseconds for instance.
    """
    if not _DATETIME.fullmatch(value):
        raise ValueError(f"no datetime: {value}")
    return text(datetime.fromisoformat(value))


def day(value: str) -> str:
    """The day of a birth or the like, as the server writes it."""
    return text(datetime.combine(date.fromisoformat(value), datetime.min.time()))
