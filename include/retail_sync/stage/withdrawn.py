"""Records that the source no longer has, as reading all of a stream shows: they stay known, as ones that are gone."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime

from retail_sync.db.database import Database

from .merge import Target, draw

_KNOWN = """
    select key
      from stage.current join stage.version using (account, stream, key, version_id)
     where account = %(account)s and stream = %(stream)s and coalesce((doc ->> 'active')::boolean, true)
     order by key
"""

# It keeps its source time, and is as new as the page that it was not on: should it come back, that is news again.
_WITHDRAW = """
    with gone as (
        select current.account, current.stream, current.key, current.source_time,
               version.doc || '{"active": false}' as doc
          from stage.current
          join stage.version using (account, stream, key, version_id)
         where current.account = %(account)s and current.stream = %(stream)s and current.key = any (%(keys)s)
           and current.request_time < %(at)s and coalesce((version.doc ->> 'active')::boolean, true)
           and not exists (select from road.key_read
                            where key_read.run_id = %(run_id)s and key_read.stream = %(stream)s
                              and key_read.key = current.key)
    ), added as (
        insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
        select account, stream, key, sha256(convert_to(doc::text, 'UTF8')), source_time, %(at)s, %(change_seq)s,
               'live', doc
          from gone
     returning version_id, key, hash, request_time)
    update stage.current
       set version_id = added.version_id, hash = added.hash, request_time = added.request_time,
           change_seq = %(change_seq)s, lane = 'live'
      from added
     where current.account = %(account)s and current.stream = %(stream)s and current.key = added.key
"""


def missing(database: Database, target: Target, seen: Container[str]) -> list[str]:
    """Keys of records that are known as being there and were not seen."""
    with database.connection() as connection:
        known = connection.execute(_KNOWN, target.parameters()).fetchall()
    return [key for (key,) in known if key not in seen]


def withdraw(database: Database, target: Target, asked: Mapping[str, datetime]) -> int:
    """Note of records that their run has read no more that they are gone; return how many these are.

    Args:
        database: Where the stage is.
        target: The stream, on behalf of the run.
        asked: Records that were asked for by key, and when (aware UTC): what another run has read since then stays.
    """
    if not asked:
        return 0
    with database.connection() as connection:
        change_seq = draw(connection, target.account, target.stream)
        parameters = target.parameters(keys=list(asked), at=min(asked.values()), change_seq=change_seq)
        return connection.execute(_WITHDRAW, parameters).rowcount
