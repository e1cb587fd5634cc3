"""Rows that wait for something which failed, a need or an earlier step: held under its cause, and freed without it."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

# What waits for a person's approval is no failure: what needs it waits in silence.
_HOLD = """
    update delivery.outbox
       set state = 'held', code = 'needs',
           words = 'waits for ' || cause.object_id || ', which was ' || cause.state
      from (select waiting.row_id, min(failed.object_id) as object_id, min(failed.state) as state
              from delivery.outbox as waiting
             cross join lateral unnest(waiting.needs) as need
              join lateral (
                   select object_id, state, code from delivery.outbox
                    where outbox.account = waiting.account and outbox.object_id = need
                      and state <> 'superseded'
                    order by row_id desc limit 1) as failed
                on failed.state in ('rejected', 'held', 'unknown') and failed.code is distinct from 'brake'
             where waiting.account = %(account)s and waiting.state = 'pending' and waiting.closed_at is null
               and (waiting.operation = 'delete'
                    or not exists (select from delivery.ledger
                                    where ledger.account = waiting.account and ledger.object_id = need
                                      and not ledger.gone and not ledger.moving))
             group by 1) as cause
     where outbox.row_id = cause.row_id
"""

# A step that was refused blocks its object until it is sent another way, which takes a change of what it says.
_HOLD_BEHIND_STEPS = """
    update delivery.outbox
       set state = 'held', code = 'step',
           words = 'waits for its step ' || refused.step || ', which was refused' || coalesce(': ' || failed.words, '')
      from delivery.step as refused
      left join delivery.outbox as failed on failed.row_id = refused.row_id
     where outbox.account = %(account)s and outbox.state = 'pending' and outbox.closed_at is null
       and outbox.operation <> 'opt_out' and refused.account = outbox.account and refused.pair = outbox.pair
       and refused.object_id = outbox.object_id and refused.result = 'rejected'
"""

_FREE = """
    update delivery.outbox
       set state = 'pending', code = null, words = null
     where account = %(account)s and state = 'held' and code = 'needs' and closed_at is null
       and case when operation = 'delete' then delivery.is_settled(account, needs)
                else not exists (select from unnest(needs) as need
                                  where not exists (select from delivery.ledger
                                                     where ledger.account = outbox.account and ledger.object_id = need
                                                       and not ledger.gone and not ledger.moving)) end
"""


def hold_dependents(connection: Connection[Any], account: str) -> int:
    """Hold what waits for a failed row, and what waits for that; return how many rows are newly held."""
    held = connection.execute(_HOLD_BEHIND_STEPS, {"account": account}).rowcount
    while count := connection.execute(_HOLD, {"account": account}).rowcount:
        held += count
    return held


def free_dependents(connection: Connection[Any], account: str) -> int:
    """Free held rows whose needs stand by now; return how many there were."""
    return connection.execute(_FREE, {"account": account}).rowcount
