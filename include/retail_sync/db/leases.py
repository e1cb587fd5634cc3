"""Leases: long work is done by one worker at a time, and a worker that lost its turn is told so.

A lease is a row with an expiry and a token that grows with every holder. Expiry lets a dead worker's turn end; the
token lets whatever the late worker still writes be refused. Time is the database's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from retail_sync.db.database import Database
from retail_sync.errors import FencedError, LeaseTakenError

_TAKE = """
    insert into ops.lease as held (name, holder, token, expires_at)
    values (%(name)s, %(holder)s, 1, clock_timestamp() + %(ttl)s)
    on conflict (name) do update
       set holder = excluded.holder,
           token = held.token + 1,
           expires_at = excluded.expires_at
     where held.expires_at <= clock_timestamp()
        or (%(take_over)s and held.holder = excluded.holder)
    returning token
"""
_RENEW = """
    update ops.lease
       set expires_at = clock_timestamp() + %(ttl)s
     where name = %(name)s and token = %(token)s
    returning token
"""
_RELEASE = """
    update ops.lease
       set expires_at = clock_timestamp()
     where name = %(name)s and token = %(token)s
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A turn at some work.

    Attributes:
        database: Where the row is.
        name: What the turn is for.
        token: Larger than that of every earlier holder.
        ttl: How long the turn lasts from each renewal.
    """

    database: Database
    name: str
    token: int
    ttl: timedelta

    def renew(self) -> None:
        """Start the time to live anew. Good work renews at every batch.

        Raises:
            FencedError: Somebody else has taken the turn.
        """
        with self.database.connection(autocommit=True) as connection:
            renewed = connection.execute(_RENEW, self._row()).fetchone()
        if renewed is None:
            raise self._lost()

    def confirm(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Make sure, inside the caller's transaction, that the turn is ours and stays ours until the transaction ends.

        Raises:
            FencedError: Somebody else has taken the turn.
        """
        query = "select 1 from ops.lease where name = %(name)s and token = %(token)s for share"
        if connection.execute(query, self._row()).fetchone() is None:
            raise self._lost()

    def release(self) -> None:
        """End the turn. Does nothing if it is no longer ours."""
        with self.database.connection(autocommit=True) as connection:
            connection.execute(_RELEASE, self._row())

    def _row(self) -> dict[str, Any]:
        return {"name": self.name, "token": self.token, "ttl": self.ttl}

    def _lost(self) -> FencedError:
        return FencedError(
            "this worker was silent for longer than its lease and another has taken the work over",
            fix="Nothing is lost: what it had not yet acknowledged is done by the other.",
            record=f"lease {self.name}",
        )


@contextmanager
def lease(database: Database, name: str, holder: str, ttl: timedelta, *, take_over: bool = False) -> Iterator[Lease]:
    """Hold a lease while a block runs.

    Args:
        database: Where leases are kept.
        name: What the turn is for, such as `load/centra_to_mailchimp/0`.
        holder: Who takes it, for people to read.
        ttl: How long the turn lasts without a renewal.
        take_over: Take it at once from a holder of the same name. Right only where that can be none but our own dead
            predecessor, such as the earlier try of one task.

    Raises:
        LeaseTakenError: Another holder has it; `retry_at` says when its turn ends unless renewed.
    """
    with database.connection(autocommit=True) as connection:
        wanted = {"name": name, "holder": holder, "ttl": ttl, "take_over": take_over}
        row = connection.execute(_TAKE, wanted).fetchone()
        if row is None:
            raise _taken(connection, name)
    held = Lease(database, name, row[0], ttl)
    try:
        yield held
    finally:
        held.release()


def _taken(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> LeaseTakenError:
    row = connection.execute("select holder, expires_at from ops.lease where name = %s", [name]).fetchone()
    holder: str
    expires_at: datetime
    holder, expires_at = row or ("somebody", None)
    return LeaseTakenError(
        f"{holder} is at work on it",
        retry_at=expires_at,
        fix="It is tried again when that is done.",
        record=f"lease {name}",
    )
