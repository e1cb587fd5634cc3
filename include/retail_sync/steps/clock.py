"""The time of the house."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from retail_sync.errors import ConfigurationError

_OFFSET = "RETAIL_SYNC_CLOCK_OFFSET"


def system_clock() -> datetime:
    """The time now, aware and in UTC, moved by `RETAIL_SYNC_CLOCK_OFFSET` seconds (negative is the past).

    Raises:
        ConfigurationError: The offset is no number.
    """
    offset = os.environ.get(_OFFSET) or "0"
    try:
        return datetime.now(UTC) + timedelta(seconds=float(offset))
    except ValueError:
        raise ConfigurationError(f"{_OFFSET} is no number of seconds", fix="Set it to one, or unset it.") from None
