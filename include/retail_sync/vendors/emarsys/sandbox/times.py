"""The vendor's own time zone, in which it reads and writes times that name none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

VIENNA = ZoneInfo("Europe/Vienna")
_DAY = timedelta(days=1)


def written(at: datetime) -> str:
    """A time as the API writes it: local, whole seconds, no zone."""
    return at.astimezone(VIENNA).strftime("%Y-%m-%d %H:%M:%S")


def second(text: str) -> datetime:
    """A time as the API reads it.

    Raises:
        ValueError: It is none.
    """
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=VIENNA).astimezone(UTC)


def day(text: str, *, last: bool) -> datetime:
    """The first moment of a day, or of the one behind it.

    Raises:
        ValueError: It is none.
    """
    begins = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=VIENNA)
    return (begins + (_DAY if last else timedelta())).astimezone(UTC)
