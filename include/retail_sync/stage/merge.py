"""Merging what has landed: new versions, the current one of each record, and what was read how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.model.reading import Lane
from retail_sync.model.records import Stream

from .canonical import storable
from .landing import Chunk


@dataclass(frozen=True, slots=True)
class Target:
    """Where a load goes, and on whose behalf. `goes_back` is as in `StreamFacts`."""

    account: str
    stream: Stream
    run_id: str
    lane: Lane
    goes_back: bool = False

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The bound parameters that the statements of this room share."""
        return {
            "account": self.account,
            "stream": self.stream,
            "run_id": self.run_id,
            "lane": self.lane,
            "goes_back": self.goes_back,
            **more,
        }


# In the order of keys, so that an index is filled page by page. Queries follow one another: a key that was last seen in
# this same query comes again, in another one it comes anew.
_NOTE_READ = """
    insert into road.key_read as noted (run_id, stream, key, query, times)
    select %(run_id)s, %(stream)s, key, %(query)s, count(*)
      from landing
     group by key
     order by key
        on conflict (run_id, stream, key) do update
       set times = case when noted.query = excluded.query then noted.times + excluded.times
                        else greatest(noted.times, excluded.times) end,
           query = excluded.query
"""

# By source time and then by when its page was asked for; by the latter alone where a source's own time goes back.
_AGE = "case when %(goes_back)s then {0}.request_time else {0}.source_time end, {0}.request_time"

_DROP_OLDER = f"""
    delete from landing
     using landing as newer
     where landing.key = newer.key
       and ({_AGE.format("landing")}, landing.position) < ({_AGE.format("newer")}, newer.position)
"""  # noqa: S608 - of our own parts

_DRAW = """
    insert into stage.change_counter as counter (account, stream, last_seq) values (%(account)s, %(stream)s, 1)
        on conflict (account, stream) do update set last_seq = counter.last_seq + 1
    returning last_seq
"""

# A row that is older than what stands changes nothing.
_MERGE = f"""
    with changed as (
        select landing.*
          from landing
          left join stage.current
            on current.account = %(account)s and current.stream = %(stream)s and current.key = landing.key
         where current.key is null
            or (current.hash <> landing.hash
                and ({_AGE.format("landing")}) >= ({_AGE.format("current")}))
    ), added as (
        insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
        select %(account)s, %(stream)s, key, hash, source_time, request_time, %(change_seq)s, %(lane)s, doc::jsonb
          from changed
         order by key
        returning version_id, key, hash, source_time, request_time
    )
    insert into stage.current
        (account, stream, key, version_id, hash, source_time, request_time, change_seq, lane)
    select %(account)s, %(stream)s, key, version_id, hash, source_time, request_time, %(change_seq)s, %(lane)s
      from added
        on conflict (account, stream, key) do update
       set version_id   = excluded.version_id,
           hash         = excluded.hash,
           source_time  = excluded.source_time,
           request_time = excluded.request_time,
           change_seq   = excluded.change_seq,
           lane         = excluded.lane
"""  # noqa: S608 - of our own parts

# Unchanged, and seen again later: a page that was asked for in between must not undo it any more. What a history came
# upon first is news to the live runs of other pairs as soon as a live run reads it: they count on that one to read.
_CONFIRM = f"""
    update stage.current
       set source_time = landing.source_time, request_time = landing.request_time,
           lane = case when %(lane)s = 'live' then 'live' else current.lane end,
           change_seq = case when %(lane)s = 'live' and current.lane = 'history' then %(change_seq)s
                             else current.change_seq end
      from landing
     where current.account = %(account)s and current.stream = %(stream)s and current.key = landing.key
       and current.hash = landing.hash
       and ({_AGE.format("landing")}) > ({_AGE.format("current")})
"""  # noqa: S608 - of our own parts

_READABLE_AGAIN = """
    delete from stage.refused
     using landing
     where refused.account = %(account)s and refused.stream = %(stream)s and refused.key = landing.key
"""

_READABLE = """
    delete from stage.refused where account = %(account)s and stream = %(stream)s and key = any (%(keys)s::text[])
"""

_REFUSE = """
    insert into stage.refused (account, stream, key, reason, run_id, seen_at)
    select distinct on (key) %(account)s, %(stream)s, key, reason, %(run_id)s, %(seen_at)s
      from unnest(%(keys)s::text[], %(reasons)s::text[]) with ordinality as given (key, reason, position)
     order by key, position desc
        on conflict (account, stream, key) do update
       set reason = excluded.reason, run_id = excluded.run_id, seen_at = excluded.seen_at
"""


def draw(connection: Connection[Any], account: str, stream: Stream) -> int:
    """The number of this transaction's changes: until it ends, no other writer of the account's stream comes in."""
    row = connection.execute(_DRAW, {"account": account, "stream": stream}).fetchone()
    assert row is not None  # noqa: S101 - the statement returns one in any case
    return int(row[0])


def merge(connection: Connection[Any], target: Target, query: int) -> int:
    """Merge `landing` into the versions of the account, within the caller's transaction.

    Args:
        connection: The transaction into which the chunk was copied.
        target: Where the rows go.
        query: The number of the query that brought them, growing within a load.

    Returns:
        How many new versions there are.
    """
    keys = connection.execute(_NOTE_READ, target.parameters(query=query)).rowcount
    return merge_landing(connection, target, keys)


def merge_landing(connection: Connection[Any], target: Target, keys: int) -> int:
    """Merge `landing`, which holds so many keys, without a note of which run has read it; return as `merge` does."""
    parameters = target.parameters(change_seq=draw(connection, target.account, target.stream))
    connection.execute(_DROP_OLDER, parameters)
    added = connection.execute(_MERGE, parameters).rowcount
    if added < keys:
        connection.execute(_CONFIRM, parameters)
    connection.execute(_READABLE_AGAIN, parameters)
    return added


def readable(connection: Connection[Any], target: Target, keys: Sequence[str]) -> None:
    """Forget of vendor objects that they were refused; `merge` does so of what has become a record of the same key."""
    connection.execute(_READABLE, target.parameters(keys=[storable(key) for key in keys]))


def refuse(connection: Connection[Any], target: Target, chunk: Chunk, seen_at: datetime) -> None:
    """Note what could not become canonical, the newest reason for each key."""
    keys = [storable(key) for key, _ in chunk.refused]
    reasons = [storable(reason) for _, reason in chunk.refused]
    connection.execute(_REFUSE, target.parameters(keys=keys, reasons=reasons, seen_at=seen_at))
