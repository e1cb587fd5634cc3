"""Reading when the other side wants to be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from retail_sync.http.dates import header_date

#: Numbers from here on are moments since 1970, not spans: nobody asks for a wait of thirty years.
_FIRST_EPOCH = 1_000_000_000


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by the header `Retry-After`: a number of seconds, an HTTP date or seconds since 1970.

    A date is compared with the answer's own `Date`, so that a clock of ours that is wrong does no harm.

    Args:
        headers: The answer's headers.
        now: The time, aware.

    Returns:
        Seconds, 0 for a moment that is past, or None where the header is absent or says nothing that can be read.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    seconds = _number(value)
    if seconds is not None and seconds < _FIRST_EPOCH:
        return max(0.0, seconds)
    moment = datetime.fromtimestamp(seconds, UTC) if seconds is not None else header_date(value)
    if moment is None:
        return None
    return max(0.0, (moment - (header_date(headers.get("Date", "")) or now)).total_seconds())


def _number(value: str) -> float | None:
    """A plain decimal number below the year 9999; not what Python takes for one besides, such as `nan` or `1_0`."""
    if not value.replace(".", "", 1).isdecimal() or not value.isascii():
        return None
    number = float(value)
    return number if number < 253_402_300_800 else None
