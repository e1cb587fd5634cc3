"""Peak hours of a source in the pair file: when what weighs on it must not be asked."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from retail_sync.model.records import Stream

from .part import Part
from .schedules import Timezone

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
Hours = Annotated[str, StringConstraints(pattern=rf"^{_CLOCK}-{_CLOCK}$")]
_A_DAY = timedelta(days=1)
#: Spans may follow on each other; more than these in a row leave no quiet hour in a week.
_MOST_SPANS = 64


class Peak(Part):
    """Hours in which only light reads are done. What waits is read by the first run after them.

    Pairs of one account must say the same, since they share what is read.
    """

    hours: list[Hours] = Field(min_length=1, description="Spans such as `08:00-18:00`; one may go over midnight.")
    days: list[Day] = Field(list(_DAYS[:5]), description="Days on which a span begins.")
    timezone: Timezone = "UTC"
    heavy: list[Stream] = Field(
        default_factory=list,
        description="Streams that wait beside those that weigh on this system anyway, reads of over a week, histories.",
    )

    def ends_at(self, at: datetime) -> datetime | None:
        """When the peak hours end in which a time lies, in the time's own zone; None in quiet hours."""
        end = at
        for _ in range(_MOST_SPANS):
            later = max((span_end for begin, span_end in self._spans(end) if begin <= end < span_end), default=None)
            if later is None:
                break
            end = later
        return end.astimezone(at.tzinfo) if end > at else None

    def _spans(self, at: datetime) -> list[tuple[datetime, datetime]]:
        """The spans that begin on the day of a time, or on the day before it."""
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        spans = []
        for day in (today - _A_DAY, today):
            if _DAYS[day.weekday()] not in self.days:
                continue
            for hours in self.hours:
                begin, end = (time.fromisoformat(clock) for clock in hours.split("-"))
                last = day if begin < end else day + _A_DAY
                spans.append((datetime.combine(day, begin, zone), datetime.combine(last, end, zone)))
        return spans
