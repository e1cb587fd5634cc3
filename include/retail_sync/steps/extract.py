"""Reading one stream of the source into the stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import psycopg

from retail_sync.errors import UnreachableError
from retail_sync.model.ports import Source
from retail_sync.model.reading import Page, Window
from retail_sync.model.records import Stream
from retail_sync.pairs.config import StreamConfig
from retail_sync.stage import reads, slots, watermarks, windows
from retail_sync.stage.load import load_pages, load_slot
from retail_sync.stage.merge import Target
from retail_sync.stage.parents import last_change, named, parents
from retail_sync.stage.turns import turn
from retail_sync.stage.withdrawn import missing, withdraw

from .context import Road
from .peak import put_off
from .perform import Report
from .runs import Run, read_run

_CHUNK = 1_000


def extract(road: Road, run_id: str, stream: Stream, *, patience: timedelta = timedelta(seconds=30)) -> Report:
    """Read what a run has to read of a stream: its window, then what belongs to other records that it read.

    A run that is tried again reads the window that it read before. A stream that another run has just read is not due.

    Args:
        road: What to work on.
        run_id: The run.
        stream: The stream; one that is not of the run is skipped.
        patience: How long to wait for another run that is reading it.

    Returns:
        The state of the stream, its window and what was read.

    Raises:
        LeaseTakenError: Another run is still reading it.
        PeakHoursError: It has to wait until the source's peak hours are over; see `put_off`.
    """
    run = read_run(road.database, run_id)
    if stream not in run.streams:
        return {"state": "skipped"}
    facts = road.source.streams.get(stream)
    target = Target(road.pair.source.account, stream, run_id, run.lane, facts is not None and facts.goes_back)
    if facts is None:
        return _not_due(road, target) | {"state": "not_offered"}
    with turn(road.database, target.account, stream, patience):
        plan = _plan(road, run, target)
        if plan is None:
            return _not_due(road, target)
        if (report := put_off(road, run, target, plan)) is not None:
            return report
        in_slots = run.lane == "history" and not facts.whole and facts.named_by is None
        return (_read_by_slots if in_slots else _read)(road, run, target, plan)


def _plan(road: Road, run: Run, target: Target) -> windows.Plan | None:
    facts = road.source.streams[target.stream]
    with road.database.connection() as connection:
        before = reads.window_of(connection, run.run_id, target.stream)
        watermark = watermarks.read(connection, target.account, target.stream)
        whole_at = watermarks.whole_at(connection, target.account, target.stream)
        by_another = watermarks.reader(connection, target.account, target.stream) not in {None, run.pair}
        followed = last_change(connection, target, facts.follows) if facts.follows else 0
    scheduled = run.window_until is None
    whole = scheduled and facts.whole and run.dag == "catalogue"
    config = road.pair.streams.get(target.stream, StreamConfig())
    if before is not None:
        plan: windows.Plan | None = windows.Plan(before, moves_watermark=scheduled, whole=whole)
    elif whole:
        plan = windows.whole(facts, config, whole_at, run.opened_at, by_another=by_another)
    elif scheduled:
        plan = windows.live(facts, config, watermark, run.opened_at, by_another=by_another)
    else:
        plan = windows.requested(facts, run.window_since, run.window_until or run.opened_at, run.window_by)
    return plan and replace(plan, followed_seq=followed, lag=windows.lag_of(facts, config))


def _not_due(road: Road, target: Target) -> Report:
    with road.database.connection() as connection:
        reads.end(connection, target, "not_due", road.clock())
    return {"state": "not_due"}


def _read(road: Road, run: Run, target: Target, plan: windows.Plan) -> Report:
    if plan.whole:
        return _read_whole(road, target, plan)
    named_by = road.source.streams[target.stream].named_by
    pages = (
        _named(road, target, named_by)
        if run.lane == "history" and named_by is not None
        else _pages(road, run, target, plan.window)
    )
    with _noted_failure(road, target):
        counts = load_pages(road.database, target, plan, pages, road.clock)
    return _report(plan.window, counts)


def _read_whole(road: Road, target: Target, plan: windows.Plan) -> Report:
    """Read all of a stream. What did not come is asked for by key, since it may have moved from page to page."""
    asked: dict[str, datetime] = {}
    with _noted_failure(road, target):
        counts = load_pages(road.database, target, plan, _all_pages(road, target, plan.window, asked), road.clock)
        withdrawn = withdraw(road.database, target, asked)
    return {**_report(plan.window, counts), "withdrawn": withdrawn}


def _all_pages(road: Road, target: Target, window: Window, asked: dict[str, datetime]) -> Iterator[Page]:
    """All pages, then those of what was missing on them. `asked` tells when the source was asked for which of that."""
    seen: set[str] = set()
    for page in _asked(road.source, target.stream, window, (), 0):
        seen.update(record.key for record in page.records)
        seen.update(key for key, _ in page.refused)
        yield page
    absent = missing(road.database, target, seen)
    for number, start in enumerate(range(0, len(absent), _CHUNK), 1):
        keys = absent[start : start + _CHUNK]
        # A source that can't be asked for keys gives no page.
        for page in _asked(road.source, target.stream, None, keys, number):
            for key in keys:
                asked.setdefault(key, page.requested_at)
            yield page


def _read_by_slots(road: Road, run: Run, target: Target, plan: windows.Plan) -> Report:
    """Read a history slot by slot. A slot that was read to its end is not read again by another try of the run.

    A peak that begins meanwhile puts off the slots that are left.
    """
    window, follows = plan.window, road.source.streams[target.stream].follows
    parts = slots.cut(window, road.pair.history.slot, follows=follows is not None)
    with road.database.connection() as connection:
        left = slots.resume(connection, target, window, parts, road.clock())
    for slot in left:
        put_off(road, run, target, plan)
        pages = (
            _followed(road, run, target, window)
            if slot.follows
            else _asked(road.source, target.stream, slot.window, (), 0)
        )
        with _noted_failure(road, target):
            load_slot(road.database, target, slot, pages, road.clock)
    with _noted_failure(road, target), road.database.connection() as connection:
        counts = reads.complete(connection, target, road.clock())
    return {**_report(window, counts), "slots": len(parts), "slots_read": len(left)}


def _report(window: Window, counts: reads.Counts) -> Report:
    return {"state": "complete", "window": [window.since.isoformat(), window.until.isoformat()], **asdict(counts)}


@contextmanager
def _noted_failure(road: Road, target: Target) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(psycopg.Error, UnreachableError), road.database.connection() as connection:
            reads.end(connection, target, "failed", road.clock())
        raise


def _pages(road: Road, run: Run, target: Target, window: Window) -> Iterator[Page]:
    """The pages of the window, then those of the parents."""
    yield from _asked(road.source, target.stream, window, (), 0)
    yield from _followed(road, run, target, window)


def _followed(road: Road, run: Run, target: Target, window: Window) -> Iterator[Page]:
    """The pages of the parents, a chunk of parents at a time."""
    follows = road.source.streams[target.stream].follows
    if follows is None:
        return
    open_since = run.opened_at - road.pair.segments.return_ages_out
    chunks = parents(road.database, target, follows, window.since, open_since)
    for number, chunk in enumerate(chunks, 1):
        yield from _asked(road.source, target.stream, None, chunk, number)


def _named(road: Road, target: Target, named_by: Stream) -> Iterator[Page]:
    """The pages of the records that this run's records of another stream name and nobody has read yet."""
    for number, keys in enumerate(named(road.database, target, named_by)):
        yield from _asked(road.source, target.stream, None, keys, number)


def _asked(
    source: Source, stream: Stream, window: Window | None, numbers: Sequence[str], question: int
) -> Iterator[Page]:
    for page in source.extract(stream, window, numbers):
        yield replace(page, query=f"{question} {page.query}")
