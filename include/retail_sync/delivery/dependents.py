"""Rows that wait for something which failed: held under its cause, and freed when the cause is gone."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

_HOLD = """
    update delivery.outbox
       set state = 'held', code = 'needs',
           words = 'waits for ' || cause.object_id || ', which was ' || cause.state
      from (select waiting.row_id, min(failed.object_id) as object_id, min(failed.state) as state
              from delivery.outbox as waiting
             cross join lateral unnest(waiting.needs) as need
              join lateral (
                   select object_id, state from delivery.outbox
                    where outbox.account = waiting.account and outbox.object_id = need
                      and state <> 'superseded'
                    order by row_id desc limit 1) as failed on failed.state in ('rejected', 'held', 'unknown')
             where waiting.account = %(account)s and waiting.state = 'pending' and waiting.closed_at is null
               and not exists (select from delivery.ledger
                                where ledger.account = waiting.account and ledger.object_id = need
                                  and not ledger.gone)
             group by 1) as cause
     where outbox.row_id = cause.row_id
"""

_FREE = """
    update delivery.outbox
       set state = 'pending', code = null, words = null
     where account = %(account)s and state = 'held' and code = 'needs' and closed_at is null
       and not exists (select from unnest(needs) as need
                        where not exists (select from delivery.ledger
                                           where ledger.account = outbox.account and ledger.object_id = need
                                             and not ledger.gone))
"""


def hold_dependents(connection: Connection[Any], account: str) -> int:
    """Hold what waits for a failed row, and what waits for that; return how many rows are newly held."""
    held = 0
    while count := connection.execute(_HOLD, {"account": account}).rowcount:
        held += count
    return held


def free_dependents(connection: Connection[Any], account: str) -> int:
    """Free held rows whose needs stand by now; return how many there were."""
    return connection.execute(_FREE, {"account": account}).rowcount
