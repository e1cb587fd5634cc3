"""The mirror: every object that the destination holds, page by page into Postgres, as a hash of what we own of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from psycopg import Connection

from retail_sync.db.crash import crash_point
from retail_sync.db.database import Database
from retail_sync.delivery.fingerprint import fingerprint
from retail_sync.model.delivery import Held
from retail_sync.model.ports import Clock, Destination

from .audit import Audit, begin_kind, note_kind

_CHUNK = 5_000

_CLEAR = "delete from reconcile.mirror where pair = %(pair)s and kind = %(kind)s"

_LANDING = """
    create temporary table held (
        vendor_key text, hash bytea, sold_at timestamptz, currency text, total numeric) on commit drop
"""
_COPY = "copy held (vendor_key, hash, sold_at, currency, total) from stdin"

# An object that changes its place while it is read may come twice.
_KEEP = """
    insert into reconcile.mirror (pair, kind, vendor_key, hash, sold_at, currency, total)
    select distinct on (vendor_key) %(pair)s, %(kind)s, vendor_key, hash, sold_at, currency, total
      from held
     order by vendor_key
        on conflict (pair, kind, vendor_key) do update
       set hash = excluded.hash, sold_at = excluded.sold_at, currency = excluded.currency, total = excluded.total
"""


def read_kind(
    database: Database,
    destination: Destination,
    audit: Audit,
    kind: str,
    *,
    clock: Clock,
    kept: Callable[[], None] = lambda: None,
) -> int:
    """Read a kind whole into the mirror, in chunks that are each a transaction; return how many objects came.

    A reading that breaks off leaves a mirror that is not whole and says so; the next one begins it anew.

    Args:
        database: Where the mirror is.
        destination: What is read.
        audit: For whom.
        kind: What of it.
        clock: The time.
        kept: Called after every chunk.

    Raises:
        IncompleteReadError: Not everything came.
        WaitError: The destination is not to be had.
    """
    with database.connection() as connection:
        begin_kind(connection, audit, kind, clock())
        connection.execute(_CLEAR, audit.parameters(kind=kind))
    count = 0
    held = destination.read_all(kind)
    while chunk := [_row(one) for one in islice(held, _CHUNK)]:
        with database.connection() as connection:
            _keep(connection, audit, kind, chunk)
        count += len(chunk)
        crash_point("audit.chunk_kept")
        kept()
    with database.connection() as connection:
        note_kind(connection, audit, kind, "read", clock())
    return count


def _row(held: Held) -> tuple[Any, ...]:
    sale = held.sale
    money = (sale.sold_at, sale.currency, sale.total) if sale else (None, None, None)
    return (held.vendor_key, fingerprint(held.payload or {}), *money)


def _keep(connection: Connection[Any], audit: Audit, kind: str, rows: Sequence[tuple[Any, ...]]) -> None:
    connection.execute(_LANDING)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(_KEEP, audit.parameters(kind=kind))


def chunks(items: Iterator[Held], size: int) -> Iterator[list[Held]]:
    """Items in lists of that size at most."""
    while chunk := list(islice(items, size)):
        yield chunk
