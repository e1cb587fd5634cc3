"""What every event of the world has: the time at which it happened."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something that happened at a time."""

    at: datetime
