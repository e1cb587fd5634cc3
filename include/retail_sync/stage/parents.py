"""Records of one stream that lead to further records of another: orders, to returns and to customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.records import Stream

from .merge import Target

_CHUNK = 2_000

# What was placed within the window has its returns within the window too, and the window is read in any case. Beside
# what this run has read stands what changed while the returns themselves could not be read to an end.
_READ = """
    select current.key, version.doc ->> 'number'
      from stage.current
      join stage.version using (version_id)
     where current.account = %(account)s and current.stream = %(follows)s and current.key > %(after)s
       and current.key in (
           select key from road.key_read where run_id = %(run_id)s and stream = %(follows)s
            union
           select changed.key
             from stage.current as changed
            where changed.account = %(account)s and changed.stream = %(follows)s
              and changed.change_seq > (select followed_seq from stage.watermark
                                         where account = %(account)s and stream = %(stream)s))
       and (version.doc ->> 'placed_at')::timestamptz <= %(since)s
     order by current.key
     limit %(chunk)s
"""

# A return is open until its money has gone back too: what is paid for it moves nothing that could be asked for. One
# that a history came upon is read once more, so that other pairs hear of it; see `merge`.
_OPEN = """
    select current.key, version.doc ->> 'order_number'
      from stage.version
      join stage.current using (version_id)
     where version.account = %(account)s and version.stream = 'returns'
       and (version.doc ->> 'status' = 'open' or current.lane = 'history'
            or not coalesce(version.doc -> 'refunds' @> '[{"kind": "refunded", "succeeded": true}]', false))
       and version.doc ->> 'order_number' is not null
       and (version.doc ->> 'created_at')::timestamptz >= %(open_since)s
       and current.key > %(after)s
     order by current.key
     limit %(chunk)s
"""

# Keys that the run's records name and nobody has read. A record that was refused is known to be unreadable.
_NAMED = """
    select distinct version.doc ->> 'customer_key' as key
      from road.key_read
      join stage.current using (stream, key)
      join stage.version using (version_id)
     where key_read.run_id = %(run_id)s and key_read.stream = %(named_by)s and current.account = %(account)s
       and version.doc ->> 'customer_key' > %(after)s
       and not exists (select from stage.current as known
                        where known.account = %(account)s and known.stream = %(stream)s
                          and known.key = version.doc ->> 'customer_key')
     order by 1
     limit %(chunk)s
"""

_LAST_CHANGE = """
    select coalesce((select last_seq from stage.change_counter
                      where account = %(account)s and stream = %(follows)s), 0)
"""


def last_change(connection: Connection[Any], target: Target, follows: Stream) -> int:
    """The newest change of the stream that `target` follows."""
    row = connection.execute(_LAST_CHANGE, target.parameters(follows=follows)).fetchone()
    return int(row[0]) if row else 0


def parents(
    database: Database, target: Target, follows: Stream, since: datetime, open_since: datetime
) -> Iterator[Sequence[str]]:
    """Numbers of the orders whose returns must be read again, in chunks that fit a request.

    They are the orders that the run has read or that changed since returns were last read, unless the window of the
    returns covers them, and those with a return that is open.

    Args:
        database: Where the stage is.
        target: The stream that follows, on behalf of a run.
        follows: The stream that it follows.
        since: Where the window of `target` begins.
        open_since: The creation of the oldest return that may still be open; older ones have aged out.
    """
    parameters = target.parameters(follows=follows, since=since, open_since=open_since, chunk=_CHUNK)
    for statement in (_READ, _OPEN):
        after = ""
        while found := _rows(database, statement, {**parameters, "after": after}):
            after = found[-1][0]
            yield list(dict.fromkeys(number for _, number in found))


def named(database: Database, target: Target, named_by: Stream) -> Iterator[Sequence[str]]:
    """Keys that records of a run name and that nobody has read yet, in chunks that fit a request.

    Args:
        database: Where the stage is.
        target: The stream whose keys they are, on behalf of a run.
        named_by: The stream whose records name them.
    """
    parameters = target.parameters(named_by=named_by, chunk=_CHUNK)
    after = ""
    while keys := _keys(database, {**parameters, "after": after}):
        after = keys[-1]
        yield keys


def _keys(database: Database, parameters: dict[str, Any]) -> list[str]:
    with database.connection() as connection:
        return [key for (key,) in connection.execute(_NAMED, parameters)]


def _rows(database: Database, statement: str, parameters: dict[str, Any]) -> list[tuple[str, str]]:
    with database.connection() as connection:
        return [(key, number) for key, number in connection.execute(statement, parameters)]
