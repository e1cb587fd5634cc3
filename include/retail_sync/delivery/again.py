"""Planning again: what waits of an object is withdrawn, and the record behind it is due for the next plan.

That is for objects whose values set something off: what is still right to send of them is for a plan to say, which
knows what has been told. A row of theirs is never turned into another by whoever happens to hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.model.records import STREAMS

# What stands for a source's record ends with that record's key, behind its kind and its account.
_DUE = """
    insert into road.due (pair, stream, key, reason, due_at)
    select distinct outbox.pair, accepted.stream, accepted.key, %(reason)s, %(now)s::timestamptz
      from delivery.outbox
      join people.accepted
        on accepted.pair = outbox.pair and accepted.stream = any (%(streams)s)
       and accepted.key = substring(outbox.object_id from '^[^:]*:[^:]*:(.*)$')
     where outbox.row_id = any (%(rows)s) and outbox.sets_off
        on conflict (pair, stream, key, reason) do update set due_at = excluded.due_at
"""

_WITHDRAW = """
    update delivery.outbox
       set state = 'superseded', closed_at = %(now)s
      from (select distinct account, pair, object_id
              from delivery.outbox
             where row_id = any (%(rows)s) and sets_off) as object
     where outbox.account = object.account and outbox.pair = object.pair and outbox.object_id = object.object_id
       and outbox.state in ('pending', 'held') and outbox.operation in ('create', 'update')
"""

_LATE = """
    with late as (
        update delivery.outbox
           set state = 'expired', closed_at = %(now)s
         where account = %(account)s and closed_at is null and row = 'step' and state in ('pending', 'held')
           and useful_until <= %(now)s
     returning row_id, run_id, account, pair, kind, object_id, vendor_key, operation, payload, hash, step,
               useful_until),
    remembered as (
        insert into delivery.step as kept (account, object_id, pair, step, result, hash, row_id, ended_at)
        select account, object_id, pair, step, 'expired', hash, row_id, %(now)s from late
            on conflict (object_id, account, pair, step) do update
           set result = excluded.result, hash = excluded.hash, row_id = excluded.row_id, ended_at = excluded.ended_at),
    audited as (
        insert into delivery.audit
            (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, new, result, code, words)
        select %(now)s, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, payload, 'expired',
               'late', delivery.expiry(step, useful_until)
          from late)
    select row_id from late
"""


def plan_again(connection: Connection[Any], rows: Sequence[int], reason: str, now: datetime) -> None:
    """Have the next plan look again at the records behind these rows, as far as their values set something off."""
    parameters = {"rows": list(rows), "reason": reason, "streams": list(STREAMS), "now": now}
    for statement in (_DUE, _WITHDRAW):
        connection.execute(statement, parameters)


def expire(connection: Connection[Any], account: str, now: datetime) -> int:
    """End the waiting steps of an account that are past their useful age; return how many there were."""
    rows = [row_id for (row_id,) in connection.execute(_LATE, {"account": account, "now": now})]
    if rows:
        plan_again(connection, rows, "step expired", now)
    return len(rows)
