"""Putting off what weighs on a source until its peak hours are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from retail_sync.errors import PeakHoursError
from retail_sync.pairs.peak import Peak
from retail_sync.stage import reads
from retail_sync.stage.merge import Target
from retail_sync.stage.windows import Plan

from .context import Road
from .perform import Report
from .runs import Run

#: What changed in more days than these weighs on any source: the first read of a stream, or one after a long outage.
_MANY_DAYS = timedelta(days=7)


def put_off(road: Road, run: Run, target: Target, plan: Plan) -> Report | None:
    """Put a read off, if it weighs on the source and these are the source's peak hours.

    The run goes on without the stream, whose watermark stays: the first run after the peak reads it from there. What
    was asked for by its window, as a history is, has no watermark to come back to, so that it waits.

    Returns:
        The stream's state and when the peak ends; None where the read may go ahead.

    Raises:
        PeakHoursError: What was asked for by its window has to wait.
    """
    peak = road.pair.source.peak
    until = peak.ends_at(road.clock()) if peak is not None and _is_heavy(road, run, target, plan, peak) else None
    if until is None:
        return None
    with road.database.connection() as connection:
        reads.end(connection, target, "deferred", road.clock())
    why = _why(road, until)
    if not plan.moves_watermark:
        raise PeakHoursError(
            why, record=f"{target.stream} stream", retry_at=until, fix="Nothing: it goes on by itself."
        )
    return {"state": "deferred", "until": until.isoformat(), "why": why}


def _is_heavy(road: Road, run: Run, target: Target, plan: Plan, peak: Peak) -> bool:
    by_nature = plan.whole or run.lane == "history" or road.source.streams[target.stream].heavy
    is_wide = plan.window.until - plan.window.since > _MANY_DAYS
    return by_nature or is_wide or target.stream in peak.heavy


def _why(road: Road, until: datetime) -> str:
    return f"{road.pair.source.system.capitalize()} has its peak hours until {until:%Y-%m-%d %H:%M} UTC"
