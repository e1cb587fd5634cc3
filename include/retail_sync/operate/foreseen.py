"""What a dry run has found that it would change at the destination, fit to be shown: short, and without addresses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from retail_sync.model.texts import shown

_VALUE_LENGTH = 60
# What an object was last told stands in the ledger; one that is made anew was told nothing.
_FORESEEN = """
    select seen.pair, seen.kind, seen.operation, seen.object_id, seen.vendor_key, seen.waits_for, seen.payload,
           coalesce(told.payload, '{}'), seen.in_all
      from (select found.*, jsonb_array_length(step.report -> 'rows') as in_all
              from road.step,
                   rows from (jsonb_to_recordset(step.report -> 'rows')
                        as (pair text, kind text, operation text, object_id text, vendor_key text, waits_for text,
                            payload jsonb)) with ordinality
                        as found (pair, kind, operation, object_id, vendor_key, waits_for, payload, position)
             where step.run_id = %(run_id)s and step.step = 'plan'
             order by found.position
             limit %(limit)s) as seen
      left join lateral (
               select ledger.payload
                 from delivery.ledger
                where ledger.object_id = seen.object_id and ledger.pair = seen.pair and seen.operation = 'update'
                order by ledger.delivered_at desc
                limit 1) as told on true
     order by seen.position
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A field of an object that is updated: its value in the ledger, None where it has none, and the new one."""

    field: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A row that the next run would send.

    Attributes:
        pair: The pair that queued it: what others have waiting for the same account is sent, too.
        kind: Its kind, such as `order`.
        operation: What would be done.
        object_id: The object, by its name in the ledger.
        vendor_key: The object, by its key at the destination.
        waits_for: `approval`, `history`, or None where it is sent at once.
        changes: What an update changes; empty for whatever is made, deleted or opted out whole.
    """

    pair: str
    kind: str
    operation: str
    object_id: str
    vendor_key: str
    waits_for: str | None
    changes: list[Change]


def foreseen(connection: Connection[Any], run_id: str, limit: int | None = None) -> tuple[list[Foreseen], int]:
    """The rows that a dry run has found, in the order in which they would be sent, and how many there are in all.

    Args:
        connection: To the product's database.
        run_id: The run. Of one that is no dry run, or has not planned, there are none.
        limit: How many are wanted at most; None for all.
    """
    found = connection.execute(_FORESEEN, {"run_id": run_id, "limit": limit}).fetchall()
    return [_foreseen(row) for row in found], found[0][-1] if found else 0


def _foreseen(row: tuple[Any, ...]) -> Foreseen:
    pair, kind, operation, object_id, vendor_key, waits_for, wanted, told, _ = row
    changes = [
        Change(field, _text(told[field]) if field in told else None, _text(value))
        for field, value in wanted.items()
        if operation == "update" and told.get(field) != value
    ]
    return Foreseen(pair, kind, operation, shown(object_id), shown(vendor_key), waits_for, changes)


def _text(value: Any) -> str:
    return shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _VALUE_LENGTH)
