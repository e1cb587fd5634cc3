"""Days and times: Fulfil gives some days without a time, and the time at which a row was written beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from retail_sync.vendors.fulfil.decoding import utc

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def on_day(day: date | None, seen: datetime, zone: ZoneInfo) -> datetime:
    """When something happened that has a day, and was written down at a time: as near to that time as the day allows.

    A row that was written on the day itself gives the time; one that was imported, or edited later, gives the last
    second of the day, and one that was made before it the first.

    Args:
        day: The day, in the merchant's time zone; none where only the writing is known.
        seen: When it was written (UTC).
        zone: The merchant's time zone.

    Returns:
        Aware UTC.
    """
    seen = utc(seen)
    if day is None:
        return seen
    first = datetime.combine(day, time(), zone).astimezone(UTC)
    last = datetime.combine(day + _DAY, time(), zone).astimezone(UTC) - _SECOND
    return min(max(seen, first), last)
