"""The books of what a run read of each stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection

from retail_sync.model.reading import By, Window

from .landing import Chunk
from .merge import Target

State = Literal["reading", "complete", "not_due", "deferred", "failed"]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was read of a stream.

    Attributes:
        duplicates: How many records came again within one query.
        refused: How many vendor objects could not become canonical.
        new_versions: How many records were new or had changed.
    """

    pages: int
    extracted: int
    duplicates: int
    refused: int
    new_versions: int


_BEGIN = """
    insert into road.stream_read (run_id, stream, state, window_since, window_until, window_by, started_at)
    values (%(run_id)s, %(stream)s, 'reading', %(since)s, %(until)s, %(by)s, %(at)s)
        on conflict (run_id, stream) do update
       set state        = 'reading',
           window_since = excluded.window_since,
           window_until = excluded.window_until,
           window_by    = excluded.window_by,
           started_at   = excluded.started_at,
           finished_at  = null,
           pages = 0, extracted = 0, duplicates = 0, refused = 0, new_versions = 0
"""

_ADD = """
    update road.stream_read
       set pages        = pages + %(pages)s,
           extracted    = extracted + %(rows)s,
           refused      = refused + %(refused)s,
           new_versions = new_versions + %(added)s
     where run_id = %(run_id)s and stream = %(stream)s
"""

_COMPLETE = """
    update road.stream_read
       set state = 'complete',
           finished_at = %(at)s,
           duplicates = (select coalesce(sum(times - 1), 0)
                           from road.key_read
                          where run_id = %(run_id)s and stream = %(stream)s and times > 1)
     where run_id = %(run_id)s and stream = %(stream)s
    returning pages, extracted, duplicates, refused, new_versions
"""

_END = """
    insert into road.stream_read (run_id, stream, state, started_at, finished_at)
    values (%(run_id)s, %(stream)s, %(state)s, %(at)s, %(at)s)
        on conflict (run_id, stream) do update set state = excluded.state, finished_at = excluded.finished_at
"""


def begin(connection: Connection[Any], target: Target, window: Window, at: datetime) -> None:
    """Note that a read begins. What an earlier try of the same run counted is forgotten."""
    connection.execute(
        "delete from road.key_read where run_id = %(run_id)s and stream = %(stream)s", target.parameters()
    )
    connection.execute(_BEGIN, target.parameters(since=window.since, until=window.until, by=window.by, at=at))


def add(connection: Connection[Any], target: Target, chunk: Chunk, added: int) -> None:
    """Count a chunk, in the transaction that merges it."""
    connection.execute(
        _ADD, target.parameters(pages=chunk.pages, rows=chunk.rows, refused=len(chunk.refused), added=added)
    )


def complete(connection: Connection[Any], target: Target, at: datetime) -> Counts:
    """Note that the read came to its end, in the transaction that advances the watermark."""
    row = connection.execute(_COMPLETE, target.parameters(at=at)).fetchone()
    assert row is not None  # noqa: S101 - `begin` made it
    return Counts(*(int(figure) for figure in row))


def end(connection: Connection[Any], target: Target, state: State, at: datetime) -> None:
    """Note how a read ended that did not complete."""
    connection.execute(_END, target.parameters(state=state, at=at))


def window_of(connection: Connection[Any], run_id: str, stream: str) -> Window | None:
    """The window that an earlier try of this run read, so that a clear keeps it; None where there was none."""
    row = connection.execute(
        """
        select window_since, window_until, window_by from road.stream_read
         where run_id = %s and stream = %s and window_since is not null
        """,
        [run_id, stream],
    ).fetchone()
    if row is None:
        return None
    since, until, by = row
    return Window(since, until, _by(by))


def _by(text: str) -> By:
    return "created" if text == "created" else "changed"
