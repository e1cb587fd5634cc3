"""Opt-outs on their way out: queued once, before everything else, whichever side they go to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from retail_sync.model.delivery import PRIORITY, Wanted

# Two runs that queue at the same time would each queue what the other has.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.opt_outs.' || %s, 0))"

_QUEUE = """
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, hash, priority, run_id,
         queued_at)
    select %(account)s, %(pair)s, kind, object_id, vendor_key, person_id, 'state', 'opt_out', payload,
           substring(sha256(convert_to(payload::text, 'UTF8')) for 16), %(priority)s, %(run_id)s, %(now)s
      from jsonb_to_recordset(%(rows)s::jsonb)
        as given (kind text, object_id text, vendor_key text, person_id bigint, payload jsonb)
"""


class OptOut(NamedTuple):
    """An opt-out as its vendor wants it, and whose it is; None for a contact that is nobody the pair knows."""

    wanted: Wanted
    person_id: int | None


def lock(connection: Connection[Any], pair: str) -> None:
    """Be the only one who queues opt-outs of this pair, until the transaction ends."""
    connection.execute(_LOCK, (pair,))


def queue(connection: Connection[Any], account: str, parameters: dict[str, Any], opt_outs: Iterable[OptOut]) -> int:
    """Queue opt-outs for an account; return how many.

    Args:
        connection: The transaction.
        account: Where they go.
        parameters: `pair`, `run_id` and `now`.
        opt_outs: What is wanted.
    """
    rows = [
        {
            "kind": wanted.kind,
            "object_id": wanted.object_id,
            "vendor_key": wanted.vendor_key,
            "person_id": person_id,
            "payload": wanted.payload,
        }
        for wanted, person_id in opt_outs
    ]
    if not rows:
        return 0
    given = {"account": account, "rows": msgspec.json.encode(rows).decode(), "priority": PRIORITY["consent"]}
    return connection.execute(_QUEUE, parameters | given).rowcount
