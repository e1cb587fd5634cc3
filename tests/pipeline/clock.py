"""A clock that a test sets: it runs on from where it was put, or stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SetClock:
    """The time of the house and of both sandboxes.

    Args:
        at: What time it is (aware UTC).
    """

    def __init__(self, at: datetime) -> None:
        self.offset = at - datetime.now(UTC)
        self.stands_at: datetime | None = None

    def __call__(self) -> datetime:
        """The time now."""
        return self.stands_at or datetime.now(UTC) + self.offset

    def pass_time(self, by: timedelta) -> None:
        """Go forward."""
        self.offset += by
        if self.stands_at is not None:
            self.stands_at += by

    def stand_still(self) -> None:
        """Stand still at the time that it is."""
        self.stands_at = self()
