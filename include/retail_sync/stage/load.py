"""Loading what a source yields: fetched and encoded here, copied and merged beside it, in chunks."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.crash import crash_point
from retail_sync.db.database import Database
from retail_sync.model.ports import Clock
from retail_sync.model.reading import Page

from . import landing, reads, slots, watermarks
from .landing import Chunk
from .merge import Target, merge, readable, refuse
from .slots import Slot
from .windows import Plan


def load_pages(database: Database, target: Target, plan: Plan, pages: Iterable[Page], clock: Clock) -> reads.Counts:
    """Stage everything that `pages` yields, and advance the watermark if it ends without an error.

    Each chunk is a transaction of its own and may stay when a later one fails: what is read twice is staged once.
    The last chunk, the watermark and the state `complete` are one transaction. Memory stays flat: one chunk is filled
    while another is written.

    Args:
        database: Where to stage.
        target: Account, stream, run and lane. The run must be open.
        plan: What is being read, and whether that moves the watermark.
        pages: The source's pages; whatever they raise passes through.
        clock: The time, for the books.

    Returns:
        What was read, as it also stands in `road.stream_read`.
    """
    with database.connection() as connection:
        reads.begin(connection, target, plan.window, clock())
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="stage") as beside:
        writer = _Writer(database, target, clock, beside)
        for page in pages:
            crash_point("extract.after_page")
            writer.take(page)
        return writer.finish(plan)


def load_slot(database: Database, target: Target, slot: Slot, pages: Iterable[Page], clock: Clock) -> None:
    """Stage one slot of a history. Its last chunk and the note that it has been read are one transaction.

    Args:
        database: Where to stage.
        target: Account, stream, run and lane; the read was begun by `slots.resume`.
        slot: What is being read.
        pages: The source's pages of it.
        clock: The time, for the books.
    """
    with database.connection() as connection:
        slots.begin(connection, target, slot, clock())
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="stage") as beside:
        writer = _Writer(database, target, clock, beside, slot)
        for page in pages:
            crash_point("history.after_page")
            writer.take(page)
        writer.finish_slot(slot)
    crash_point("history.slot_complete")


class _Writer:
    """Fills one chunk while the one before is written."""

    def __init__(
        self,
        database: Database,
        target: Target,
        clock: Clock,
        beside: ThreadPoolExecutor,
        slot: Slot | None = None,
    ) -> None:
        self._database = database
        self._target = target
        self._clock = clock
        self._beside = beside
        self._slot = slot
        self._first_query = slot.number * slots.QUESTIONS if slot else 0
        self._under_way: Future[None] | None = None
        self._queries: dict[str, int] = {}
        self._chunk = Chunk("")
        self._asked_at: datetime | None = None

    def take(self, page: Page) -> None:
        self._asked_at = min(self._asked_at or page.requested_at, page.requested_at)
        if self._chunk.pages and (self._chunk.full or self._chunk.query != page.query):
            self._hand_over()
        if not self._chunk.pages:
            self._chunk.query = page.query
        self._chunk.add(page)

    def finish(self, plan: Plan) -> reads.Counts:
        self._wait()
        with self._database.connection() as connection:
            self._write(connection, self._chunk)
            crash_point("extract.before_watermark")
            if plan.moves_watermark:
                watermarks.advance(connection, self._target, plan, self._asked_at)
            counts = reads.complete(connection, self._target, self._clock())
            crash_point("extract.before_last_commit")
        crash_point("extract.after_last_commit")
        return counts

    def finish_slot(self, slot: Slot) -> None:
        self._wait()
        with self._database.connection() as connection:
            self._write(connection, self._chunk)
            slots.complete(connection, self._target, slot, self._clock())

    def _hand_over(self) -> None:
        self._wait()
        self._under_way = self._beside.submit(self._commit, self._chunk)
        self._chunk = Chunk("")

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()

    def _commit(self, chunk: Chunk) -> None:
        with self._database.connection() as connection:
            self._write(connection, chunk)
            crash_point("extract.before_commit")
        crash_point("extract.after_commit")

    def _write(self, connection: Connection[Any], chunk: Chunk) -> None:
        added = 0
        if chunk.rows:
            landing.copy(connection, chunk)
            crash_point("extract.after_copy")
            query = self._first_query + self._queries.setdefault(chunk.query, len(self._queries))
            added = merge(connection, self._target, query)
        if chunk.readable:
            readable(connection, self._target, chunk.readable)
        if chunk.refused:
            refuse(connection, self._target, chunk, self._clock())
        reads.add(connection, self._target, chunk, added)
        if self._slot is not None:
            slots.add(connection, self._target, self._slot, chunk, added)
