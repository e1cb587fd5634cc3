"""Settling rows whose answer never came: the object is read back, and what it holds says how the row ended."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.delivery.queue import fingerprint
from retail_sync.model.ports import Destination

_UNKNOWN = """
    select row_id, kind, vendor_key, payload from delivery.outbox
     where account = %s and pair = %s and state = 'unknown' and closed_at is null and kind = any (%s)
"""

_SETTLE = """
    with settled as (
        update delivery.outbox
           set state = 'delivered', closed_at = %(now)s, code = 'read_back'
         where row_id = any (%(arrived)s) and state = 'unknown'
     returning *)
    insert into delivery.ledger as kept
        (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at)
    select account, object_id, pair, kind, vendor_key, payload, hash, row_id, %(now)s from settled
        on conflict (account, object_id, pair) do update
       set vendor_key = excluded.vendor_key, payload = excluded.payload, hash = excluded.hash,
           row_id = excluded.row_id, delivered_at = excluded.delivered_at, gone = false
"""

_AGAIN = (
    "update delivery.outbox set state = 'pending', code = 'read_back' where row_id = any (%s) and state = 'unknown'"
)


def settle(database: Database, destination: Destination, account: str, pair: str, now: datetime) -> dict[str, int]:
    """Read unknown rows back; return how many had arrived and how many are sent again."""
    readable = sorted(destination.capabilities.readable)
    with database.connection() as connection:
        rows = connection.execute(_UNKNOWN, (account, pair, readable)).fetchall()
    if not rows:
        return {"arrived": 0, "again": 0}
    arrived, again = _judge(destination, rows)
    with database.connection() as connection:
        _write(connection, arrived, again, now)
    return {"arrived": len(arrived), "again": len(again)}


def _judge(destination: Destination, rows: list[tuple[Any, ...]]) -> tuple[list[int], list[int]]:
    by_kind: dict[str, dict[str, tuple[int, dict[str, Any]]]] = defaultdict(dict)
    for row_id, kind, vendor_key, payload in rows:
        by_kind[kind][vendor_key] = (row_id, payload)
    arrived: list[int] = []
    again: list[int] = []
    for kind, wanted in by_kind.items():
        for held in destination.read(kind, list(wanted)):
            row_id, payload = wanted[held.vendor_key]
            same = held.payload is not None and fingerprint(held.payload) == fingerprint(payload)
            (arrived if same else again).append(row_id)
    return arrived, again


def _write(connection: Connection[Any], arrived: list[int], again: list[int], now: datetime) -> None:
    connection.execute(_SETTLE, {"arrived": arrived, "now": now})
    connection.execute(_AGAIN, (again,))
