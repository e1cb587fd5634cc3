"""The slots of a history: a long window read day by day, so that a read that broke off goes on at that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from retail_sync.model.reading import Window

from . import reads
from .landing import Chunk
from .merge import Target

#: A window is cut into so many slots at most: one that begins before there was a shop has thousands of empty days.
_MOST = 400
#: Numbers of the questions within one slot; a slot counts its own from its number times this.
QUESTIONS = 1_000

_MAKE = """
    insert into road.slot (run_id, stream, number, since, until)
    select %(run_id)s, %(stream)s, number, since, until
      from unnest(%(numbers)s::integer[], %(since)s::timestamptz[], %(until)s::timestamptz[])
        as given (number, since, until)
"""

_UNFINISHED = """
    select number, since, until from road.slot
     where run_id = %(run_id)s and stream = %(stream)s and state <> 'complete'
     order by number
"""

_BROKEN_OFF = """
    select from road.slot join road.stream_read using (run_id, stream)
     where run_id = %(run_id)s and stream = %(stream)s and stream_read.state <> 'complete'
     limit 1
"""

_FORGET = "delete from road.slot where run_id = %(run_id)s and stream = %(stream)s"

# What an earlier try counted of this slot is forgotten; of the slots before it, it stays.
_BEGIN = (
    """
    delete from road.key_read
     where run_id = %(run_id)s and stream = %(stream)s
       and query >= %(number)s::integer * %(questions)s and query < (%(number)s::integer + 1) * %(questions)s
    """,
    """
    update road.slot
       set state = 'reading', started_at = %(at)s, finished_at = null, pages = 0, extracted = 0, refused = 0,
           new_versions = 0
     where run_id = %(run_id)s and stream = %(stream)s and number = %(number)s
    """,
    """
    update road.stream_read
       set state = 'reading', finished_at = null, pages = done.pages, extracted = done.extracted,
           refused = done.refused, new_versions = done.new_versions
      from (select coalesce(sum(pages), 0) as pages, coalesce(sum(extracted), 0) as extracted,
                   coalesce(sum(refused), 0) as refused, coalesce(sum(new_versions), 0) as new_versions
              from road.slot
             where run_id = %(run_id)s and stream = %(stream)s and state = 'complete') as done
     where run_id = %(run_id)s and stream = %(stream)s
    """,
)

_ADD = """
    update road.slot
       set pages = pages + %(pages)s, extracted = extracted + %(rows)s, refused = refused + %(refused)s,
           new_versions = new_versions + %(added)s
     where run_id = %(run_id)s and stream = %(stream)s and number = %(number)s
"""

_COMPLETE = """
    update road.slot set state = 'complete', finished_at = %(at)s
     where run_id = %(run_id)s and stream = %(stream)s and number = %(number)s
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a window; numbers grow with time."""

    number: int
    window: Window

    @property
    def follows(self) -> bool:
        """Whether it is for what belongs to records of another stream."""
        return self.window.since == self.window.until


def cut(window: Window, length: timedelta, *, follows: bool) -> list[Slot]:
    """A window in slots of that length, the last one shorter; of greater length where there would be too many.

    Args:
        window: What is read.
        length: How much of it at once.
        follows: Whether a last slot, of no length, is for what belongs to records of another stream.
    """
    length = max(length, (window.until - window.since) / _MOST)
    slots: list[Slot] = []
    since = window.since
    while since < window.until:
        until = min(since + length, window.until)
        slots.append(Slot(len(slots), Window(since, until, window.by)))
        since = until
    end = [Slot(len(slots), Window(window.until, window.until, window.by))] if follows else []
    return slots + end


def resume(
    connection: Connection[Any], target: Target, window: Window, slots: Sequence[Slot], at: datetime
) -> list[Slot]:
    """The slots that are still to be read. A read that had come to its end, or never begun, begins anew with all.

    Args:
        connection: The transaction.
        target: The stream, on behalf of a run.
        window: The whole of what is read.
        slots: Its slots.
        at: The time (aware UTC).
    """
    parameters = target.parameters()
    if connection.execute(_BROKEN_OFF, parameters).fetchone() is None:
        connection.execute(_FORGET, parameters)
        reads.begin(connection, target, window, at)
        _make(connection, target, slots)
    left = connection.execute(_UNFINISHED, parameters)
    return [Slot(number, Window(since, until, window.by)) for number, since, until in left]


def begin(connection: Connection[Any], target: Target, slot: Slot, at: datetime) -> None:
    """Note that a slot is being read."""
    for statement in _BEGIN:
        connection.execute(statement, target.parameters(number=slot.number, questions=QUESTIONS, at=at))


def add(connection: Connection[Any], target: Target, slot: Slot, chunk: Chunk, added: int) -> None:
    """Count a chunk of a slot, in the transaction that merges it."""
    figures = {"pages": chunk.pages, "rows": chunk.rows, "refused": len(chunk.refused), "added": added}
    connection.execute(_ADD, target.parameters(number=slot.number, **figures))


def complete(connection: Connection[Any], target: Target, slot: Slot, at: datetime) -> None:
    """Note that a slot came to its end, in the transaction of its last merge."""
    connection.execute(_COMPLETE, target.parameters(number=slot.number, at=at))


def _make(connection: Connection[Any], target: Target, slots: Sequence[Slot]) -> None:
    connection.execute(
        _MAKE,
        target.parameters(
            numbers=[slot.number for slot in slots],
            since=[slot.window.since for slot in slots],
            until=[slot.window.until for slot in slots],
        ),
    )
