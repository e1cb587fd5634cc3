"""Times in headers, and what an answer's own `Date` says of our clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: So far a clock may be ahead of another's unheeded: a `Date` has whole seconds, and servers behind one name differ.
_UNHEEDED = timedelta(seconds=30)


def header_date(value: str) -> datetime | None:
    """The moment of an HTTP date (aware), or None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def request_time(headers: Mapping[str, str], ours: datetime) -> datetime:
    """When a request left, by the clock of whoever answered it where ours is ahead of that.

    A request can't have left after its answer was made. Where it seems so, what was read reaches up to the answer's
    `Date` and no further: whoever takes our clock's word for it passes over what is recorded from then on.

    Args:
        headers: The answer's headers; without a `Date` that can be read our clock is believed.
        ours: When the request left, by our clock (aware).
    """
    theirs = header_date(headers.get("Date", ""))
    return ours if theirs is None or ours - theirs <= _UNHEEDED else theirs
