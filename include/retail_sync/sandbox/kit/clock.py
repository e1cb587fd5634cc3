"""The sandbox's time: real, shifted, or standing still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """What the sandbox takes for now. Assignments are atomic, so it needs no lock."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return self._fixed if self._fixed is not None else datetime.now(UTC) + self._offset

    def stand(self, at: datetime) -> None:
        """Stand still at a time.

        Raises:
            ValueError: The time has no zone.
        """
        if at.tzinfo is None:
            raise ValueError("the time has no zone")
        self._fixed = at.astimezone(UTC)

    def shift(self, seconds: float) -> None:
        """Run so many seconds ahead of the real time (behind it when negative)."""
        self._fixed, self._offset = None, timedelta(seconds=seconds)
