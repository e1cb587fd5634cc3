"""Turns at reading: one load of an account's stream at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg

from retail_sync.db.database import Database
from retail_sync.errors import LeaseTakenError

_LOCK = "select pg_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended(%s, 0))"


@contextmanager
def turn(database: Database, account: str, stream: str, patience: timedelta = timedelta(seconds=30)) -> Iterator[None]:
    """Hold the turn at reading a stream of an account while a block runs.

    It spares the source a second reader and is not what keeps versions in order: that is the merge itself. So it may be
    a lock of the session, which is free again the moment a reader dies, however long its pages take.

    Args:
        database: Where the lock is taken.
        account: The source account.
        stream: The stream.
        patience: How long to wait for another reader to end.

    Raises:
        LeaseTakenError: Another reader is still at it.
    """
    name = f"stage/{account}/{stream}"
    milliseconds = max(1, int(patience / timedelta(milliseconds=1)))
    with database.connection(autocommit=True, options={"lock_timeout": str(milliseconds)}) as connection:
        try:
            connection.execute(_LOCK, [name])
        except psycopg.errors.LockNotAvailable:
            raise LeaseTakenError(
                "another run is reading it", record=f"{account} {stream}", fix="It is tried again when that is done."
            ) from None
        try:
            yield
        finally:
            _free(connection, name)


def _free(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    try:
        connection.execute(_UNLOCK, [name])
    except psycopg.Error:
        # A session that has broken has lost its locks with it.
        connection.close()
