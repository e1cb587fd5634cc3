"""Times as OrderWise's SQL server writes them: local, and without a zone.

One hour comes twice in autumn, and nothing tells which of the two a time is of. What is read of it is the earlier one,
always the same; what is asked for reaches over both, so that nothing is lost.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class LocalTime:
    """The clock of one server.

    Args:
        timezone: The name of its zone.
    """

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def utc(self, written: datetime) -> datetime:
        """A time as aware UTC: the earlier one, where it came twice."""
        return (written if written.tzinfo else written.replace(tzinfo=self._zone)).astimezone(UTC)

    def readings(self, written: datetime) -> tuple[datetime, datetime]:
        """Both times, as aware UTC, that a written one may stand for: mostly they are the same."""
        late = written if written.tzinfo else written.replace(tzinfo=self._zone, fold=1)
        early = self.utc(written)
        return early, max(early, late.astimezone(UTC))

    def change(self, written: datetime) -> datetime:
        """A time of change as aware UTC; within the hour that comes twice, the beginning of that hour.

        Of two changes in there the later may bear the earlier time. Brought to one time they are equal, and what was
        read later is the newer one.
        """
        repeated = self._repeated(written) if written.tzinfo is None else None
        return repeated[0].replace(tzinfo=self._zone).astimezone(UTC) if repeated else self.utc(written)

    def span(self, since: datetime, until: datetime) -> tuple[str, str]:
        """The local times that between them hold everything of `(since, until]`, as SQL Server reads them."""
        first, last = (moment.astimezone(self._zone) for moment in (since, until))
        start, end = first.replace(tzinfo=None, fold=0), last.replace(tzinfo=None, fold=0)
        around = self._repeated(start)
        if around and not first.fold:
            start = around[0] - timedelta(milliseconds=1)
        around = self._repeated(end)
        if around and last.fold:
            end = around[1]
        return start.isoformat(timespec="milliseconds"), end.isoformat(timespec="milliseconds")

    def _repeated(self, written: datetime) -> tuple[datetime, datetime] | None:
        """First and last moment of the hour that came twice, if a time lies within one."""
        early, late = self.readings(written)
        if early == late:
            return None
        length = int((late - early).total_seconds())
        after = late.astimezone(self._zone).utcoffset()
        seconds = bisect_left(
            range(length), True, key=lambda second: self._offset(early + timedelta(seconds=second + 1)) == after
        )
        turn = (early + timedelta(seconds=seconds + 1)).replace(microsecond=0)
        first = turn.astimezone(self._zone).replace(tzinfo=None, fold=0)
        return first, first + timedelta(seconds=length)

    def _offset(self, moment: datetime) -> timedelta | None:
        return moment.astimezone(self._zone).utcoffset()
