"""The mirror: every object that the destination holds, page by page into Postgres, as a hash of what we own of it.

Sales that no destination gives back stand there as the ledger has them: so totals have one place to look.
"""

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
from retail_sync.model.proof import Proof

from .audit import Audit, begin_kind, note_kind

_CHUNK = 5_000

_CLEAR = "delete from reconcile.mirror where pair = %(pair)s and kind = %(kind)s"

_LEDGER = """
    select vendor_key, payload from delivery.ledger
     where account = %(account)s and pair = %(pair)s and kind = %(kind)s and not gone
"""

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
    return _keep_all(database, destination.read_all(kind), audit, kind, "read_back", clock=clock, kept=kept)


def take_from_ledger(
    database: Database, destination: Destination, audit: Audit, *, clock: Clock, kept: Callable[[], None]
) -> int:
    """Put the pair's sales into the mirror as the ledger has them; return how many there are.

    Args:
        database: Where both are.
        destination: Tells what a payload counts for.
        audit: For whom.
        clock: The time.
        kept: Called after every chunk.
    """
    kind = destination.capabilities.sale_kind
    with database.connection() as reading, reading.cursor(name="sales") as cursor:
        cursor.itersize = _CHUNK
        cursor.execute(_LEDGER, audit.parameters(kind=kind))
        sales = (
            Held(kind=kind, vendor_key=vendor_key, payload=payload, sale=destination.sale(payload))
            for vendor_key, payload in cursor
        )
        return _keep_all(database, sales, audit, kind, "ledger", clock=clock, kept=kept)


def _keep_all(
    database: Database,
    held: Iterator[Held],
    audit: Audit,
    kind: str,
    proof: Proof,
    *,
    clock: Clock,
    kept: Callable[[], None],
) -> int:
    with database.connection() as connection:
        begin_kind(connection, audit, kind, proof, clock())
        connection.execute(_CLEAR, audit.parameters(kind=kind))
    count = 0
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
