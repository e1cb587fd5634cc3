"""Staging records that were brought and not asked for: carts and browse events, from a webhook or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from retail_sync.db.database import Database
from retail_sync.model.reading import Page
from retail_sync.model.records import Record, Stream

from . import landing
from .landing import Chunk
from .merge import Target, merge_landing


def bring(database: Database, account: str, stream: Stream, records: Sequence[Record], at: datetime) -> int:
    """Stage records in one transaction; the next live run takes them up.

    Args:
        database: Where to stage.
        account: The source account that they are of.
        stream: The stream that they are of.
        records: They, in the order in which they came. One that is older than what stands changes nothing.
        at: When they came (aware UTC).

    Returns:
        How many of them are new or have changed.
    """
    if not records:
        return 0
    chunk = Chunk("")
    chunk.add(Page(records=records, requested_at=at))
    with database.connection() as connection:
        landing.copy(connection, chunk)
        return merge_landing(connection, Target(account, stream, "", "live"), chunk.rows)
