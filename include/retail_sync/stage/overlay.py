"""Other contents in the place of records' current versions: what people correct, and what the house works out anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from retail_sync.model.records import Stream

from .merge import draw

# It keeps the times of what it stands for, so that what the source says next comes after it. It is of the live lane:
# somebody waits for it. A correction that is in force stays so.
_PUT = """
    with given as (
        select * from unnest(%(keys)s::text[], %(versions)s::bigint[], %(hashes)s::bytea[], %(docs)s::text[])
            as given (key, version_id, hash, doc)
    ), added as (
        insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
        select account, stream, key, given.hash, source_time, request_time, %(change_seq)s, 'live', given.doc::jsonb
          from given
          join stage.current using (key, version_id)
         where current.account = %(account)s and current.stream = %(stream)s
        returning version_id, key, hash
    ), corrected as (
        update stage.correction
           set version_id = added.version_id
          from added join given using (key)
         where correction.account = %(account)s and correction.stream = %(stream)s and correction.key = added.key
           and correction.version_id = given.version_id
    )
    update stage.current
       set version_id = added.version_id, hash = added.hash, change_seq = %(change_seq)s, lane = 'live'
      from added
     where current.account = %(account)s and current.stream = %(stream)s and current.key = added.key
    returning current.key, current.version_id
"""


@dataclass(frozen=True, slots=True)
class Content:
    """A record's new content.

    Attributes:
        version_id: The version in whose place it comes; where that is no longer the current one, nothing is done.
        hash: The hash of what the source says, which is not that of `doc` where a person has corrected it.
        doc: The record as JSON.
    """

    key: str
    version_id: int
    hash: bytes
    doc: bytes


def put(connection: Connection[Any], account: str, stream: Stream, contents: Sequence[Content]) -> dict[str, int]:
    """Make versions of these contents and let them be the current ones.

    Returns:
        The new version of each record that was still at the version named.
    """
    parameters = {
        "account": account,
        "stream": stream,
        "change_seq": draw(connection, account, stream),
        "keys": [content.key for content in contents],
        "versions": [content.version_id for content in contents],
        "hashes": [content.hash for content in contents],
        "docs": [content.doc.decode() for content in contents],
    }
    return dict(connection.execute(_PUT, parameters).fetchall())
