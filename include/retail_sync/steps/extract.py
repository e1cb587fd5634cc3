"""Reading one stream of the source into the stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta

import psycopg

from retail_sync.errors import UnreachableError
from retail_sync.model.ports import Page, Source, Window
from retail_sync.model.records import Stream
from retail_sync.pairs.config import StreamConfig
from retail_sync.stage import reads, watermarks, windows
from retail_sync.stage.load import load_pages
from retail_sync.stage.merge import Target
from retail_sync.stage.parents import last_change, parents
from retail_sync.stage.turns import turn

from .context import Road
from .perform import Report
from .runs import Run, read_run


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
    """
    run = read_run(road.database, run_id)
    if stream not in run.streams:
        return {"state": "skipped"}
    target = Target(road.pair.source.account, stream, run_id, run.lane)
    with turn(road.database, target.account, stream, patience):
        plan = _plan(road, run, target)
        if plan is None:
            return _not_due(road, target)
        return _read(road, run, target, plan)


def _plan(road: Road, run: Run, target: Target) -> windows.Plan | None:
    facts = road.source.streams[target.stream]
    with road.database.connection() as connection:
        before = reads.window_of(connection, run.run_id, target.stream)
        watermark = watermarks.read(connection, target.account, target.stream)
        followed = last_change(connection, target, facts.follows) if facts.follows else 0
    scheduled = run.window_until is None
    if before is not None:
        plan: windows.Plan | None = windows.Plan(before, moves_watermark=scheduled)
    elif scheduled:
        config = road.pair.streams.get(target.stream, StreamConfig())
        plan = windows.live(facts, config, watermark, run.opened_at)
    else:
        plan = windows.requested(facts, run.window_since, run.window_until or run.opened_at, run.window_by)
    return plan and replace(plan, followed_seq=followed)


def _not_due(road: Road, target: Target) -> Report:
    with road.database.connection() as connection:
        reads.end(connection, target, "not_due", road.clock())
    return {"state": "not_due"}


def _read(road: Road, run: Run, target: Target, plan: windows.Plan) -> Report:
    pages = _pages(road, run, target, plan.window)
    try:
        counts = load_pages(road.database, target, plan, pages, road.clock)
    except BaseException:
        with suppress(psycopg.Error, UnreachableError), road.database.connection() as connection:
            reads.end(connection, target, "failed", road.clock())
        raise
    window = [plan.window.since.isoformat(), plan.window.until.isoformat()]
    return {"state": "complete", "window": window, **asdict(counts)}


def _pages(road: Road, run: Run, target: Target, window: Window) -> Iterator[Page]:
    """The pages of the window, then those of the parents, a chunk of parents at a time."""
    source, stream = road.source, target.stream
    follows = source.streams[stream].follows
    yield from _asked(source, stream, window, (), 0)
    if follows is None:
        return
    open_since = run.opened_at - road.pair.segments.return_ages_out
    chunks = parents(road.database, target, follows, window.since, open_since)
    for number, chunk in enumerate(chunks, 1):
        yield from _asked(source, stream, None, chunk, number)


def _asked(
    source: Source, stream: Stream, window: Window | None, numbers: Sequence[str], question: int
) -> Iterator[Page]:
    for page in source.extract(stream, window, numbers):
        yield replace(page, query=f"{question} {page.query}")
