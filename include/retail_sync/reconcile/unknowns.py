"""Settling rows whose answer never came: the object is read back, and what it holds says how the row ended.

What is told once must never be told twice: that it has not arrived is believed only when it can be under way no more.
Of a contact that has gone for good nobody can say what it was told; that ends it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from retail_sync.db.database import Database
from retail_sync.delivery.ending import end_rows
from retail_sync.delivery.fingerprint import fingerprint
from retail_sync.model.delivery import Held, Operation, Outcome
from retail_sync.model.ports import Destination

#: The code of what was settled here.
READ_BACK = "read_back"

_UNKNOWN = """
    select row_id, kind, vendor_key, operation, payload, available_at > %(now)s,
           exists (select from delivery.outbox as needed
                    where needed.account = outbox.account and needed.object_id = any (outbox.needs)
                      and needed.closed_at is null and needed.state in ('pending', 'claimed', 'unknown'))
      from delivery.outbox
     where account = %(account)s and pair = %(pair)s and state = 'unknown' and closed_at is null
       and kind = any (%(kinds)s)
"""


class _Unanswered(NamedTuple):
    row_id: int
    kind: str
    vendor_key: str
    operation: Operation
    payload: dict[str, Any]
    under_way: bool
    contact_moves: bool


def settle(database: Database, destination: Destination, account: str, pair: str, now: datetime) -> dict[str, int]:
    """Read unknown rows back.

    Returns:
        `arrived`; `again`: how many are sent again; `gone`: how many were told to a contact that is not there any more.
    """
    kinds = sorted(destination.capabilities.readable | destination.capabilities.told)
    given = {"now": now, "account": account, "pair": pair, "kinds": kinds}
    with database.connection() as connection:
        rows = [_Unanswered(*row) for row in connection.execute(_UNKNOWN, given)]
    outcomes = list(_judge(destination, rows, now))
    if not outcomes:
        return {"arrived": 0, "again": 0, "gone": 0}
    contact_kind = destination.capabilities.contact_kind
    with database.connection() as connection:
        ended = end_rows(connection, outcomes, token=None, contact_kind=contact_kind, now=now)
    return {"arrived": ended["delivered"], "again": ended["retry"], "gone": ended["rejected"]}


def _judge(destination: Destination, rows: list[_Unanswered], now: datetime) -> Iterator[Outcome]:
    by_kind: dict[str, dict[str, _Unanswered]] = defaultdict(dict)
    for row in rows:
        by_kind[row.kind][row.vendor_key] = row
    for kind, unanswered in by_kind.items():
        told = kind in destination.capabilities.told
        for held in destination.read(kind, list(unanswered)):
            row = unanswered.pop(held.vendor_key)
            if held.payload is not None if told else _has_arrived(row, held):
                yield Outcome(row_id=row.row_id, verdict="delivered", code=READ_BACK)
            elif not (told and row.under_way):
                yield Outcome(row_id=row.row_id, verdict="retry", code=READ_BACK, retry_at=now)
        yield from (_lost(row) for row in unanswered.values() if told and not row.under_way and not row.contact_moves)


def _lost(row: _Unanswered) -> Outcome:
    words = "Its contact is not there any more, so nobody can say whether it was told."
    return Outcome(row_id=row.row_id, verdict="rejected", code="gone", words=words)


def _has_arrived(row: _Unanswered, held: Held) -> bool:
    if row.operation == "delete":
        return held.payload is None
    return held.payload is not None and fingerprint(held.payload) == fingerprint(row.payload)
