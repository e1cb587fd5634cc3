"""Freezing the work set of a run: every key that it must look at, pinned to a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.model.reading import Lane
from retail_sync.model.records import Stream

from .batches import TABLES, Terms, fill


@dataclass(frozen=True, slots=True)
class Sealing:
    """What is sealed, for whom.

    Attributes:
        streams: The streams of the run.
        recheck: Why every accepted key is looked at without being due on the books, or None. Only a dry run needs it:
            it may leave nothing behind.
        at: The moment up to which due keys count (aware UTC): when the run was opened, as plan consumes them.
    """

    run_id: str
    pair: str
    dag: str
    lane: Lane
    account: str
    streams: tuple[Stream, ...]
    recheck: str | None
    at: datetime

    def parameters(self, stream: Stream) -> dict[str, Any]:
        """The bound parameters of the statements below."""
        return {
            "run_id": self.run_id,
            "pair": self.pair,
            "dag": self.dag,
            "lane": self.lane,
            "account": self.account,
            "stream": stream,
            "recheck": self.recheck,
            "at": self.at,
        }


_CLEAR = tuple(f"delete from {table} where run_id = %s" for table in ("road.work", "road.work_bound", *TABLES))  # noqa: S608

_BOUND = """
    insert into road.work_bound (run_id, stream, change_seq)
    select %(run_id)s, %(stream)s,
           coalesce((select last_seq from stage.change_counter
                      where account = %(account)s and stream = %(stream)s), 0)
"""

# A pair that has never planned this stream takes all that is staged, whichever lane brought it. Due keys wait for the
# live lane: history goes behind everything else, and who released a record wants it now.
_WORK = """
    with cursor as (
        select max(change_seq) as change_seq
          from stage.cursor
         where pair = %(pair)s and dag = %(dag)s and lane = %(lane)s
           and account = %(account)s and stream = %(stream)s
    ), wanted as (
        select key, 'changed' as reason
          from stage.current, cursor
         where current.account = %(account)s and current.stream = %(stream)s
           and current.change_seq > coalesce(cursor.change_seq, 0)
           and (current.lane = %(lane)s or (%(lane)s = 'live' and cursor.change_seq is null))
        union all
        select key, 'due: ' || reason
          from road.due
         where pair = %(pair)s and stream = %(stream)s and due_at <= %(at)s and %(lane)s = 'live'
        union all
        select key, 'due: ' || %(recheck)s
          from people.accepted
         where pair = %(pair)s and stream = %(stream)s and %(recheck)s::text is not null
        union all
        select key, 'due: ' || %(recheck)s
          from quality.quarantine
         where pair = %(pair)s and stream = %(stream)s and released_at is null and %(recheck)s::text is not null
        union all
        select key, 'read'
          from road.key_read
         where run_id = %(run_id)s and stream = %(stream)s
    )
    insert into road.work (run_id, stream, key, version_id, change_seq, reason)
    select %(run_id)s, %(stream)s, key, current.version_id, current.change_seq, wanted.reason
      from (select key, min(reason) as reason from wanted group by key) as wanted
      join stage.current using (key)
     where current.account = %(account)s and current.stream = %(stream)s
"""


def seal(connection: Connection[Any], sealing: Sealing, terms: Terms) -> Mapping[Stream, int]:
    """Fill `road.work`, `road.work_bound` and the run's rows of `quality.batch_*`, all of one snapshot.

    Args:
        connection: A transaction in which nothing has been done yet.
        sealing: The run.
        terms: What the pair and its destination say of records.

    Returns:
        How many keys each stream's work set holds.
    """
    # What commits meanwhile is of the next run: counter, cursors and versions must tell of the same moment.
    connection.execute("set transaction isolation level repeatable read")
    for statement in _CLEAR:
        connection.execute(statement, [sealing.run_id])
    sealed: dict[Stream, int] = {}
    for stream in sealing.streams:
        connection.execute(_BOUND, sealing.parameters(stream))
        sealed[stream] = connection.execute(_WORK, sealing.parameters(stream)).rowcount
        fill(connection, sealing.run_id, stream, terms)
    connection.execute("update road.run set sealed = true where run_id = %s", [sealing.run_id])
    return sealed


def analyze_stage(connection: Connection[Any]) -> None:
    """Give the planner figures of what was just staged. Outside of a transaction."""
    connection.execute("analyze stage.current, stage.version, road.key_read")


def analyze_work(connection: Connection[Any], streams: Iterable[Stream]) -> None:
    """Give the planner figures of what was just sealed. Outside of a transaction."""
    tables = ["road.work", *(f"quality.batch_{stream}" for stream in streams)]
    connection.execute(f"analyze {', '.join(tables)}")
