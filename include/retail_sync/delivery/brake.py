"""The brake (DAG-8): rows of a plan that is far from the usual are held until a person approves or rejects them.

It holds rows, never a run; never an opt-out, and never what everything else stands on. What was held keeps its place: a
newer wish supersedes it, and a step that is past its useful age when it is approved is not sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from retail_sync.errors import ConfigurationError
from retail_sync.pairs.brake import Brake

Decision = Literal["approved", "rejected"]
#: The code of rows that wait for approval.
CODE = "brake"
#: A median of fewer plans than this says nothing.
_ENOUGH = 5

_PLANNED = """
    select count(*) from delivery.outbox
     where run_id = %(run_id)s and pair = %(pair)s and account = %(account)s and state = 'pending'
       and closed_at is null and operation <> 'opt_out' and not object_id = any (%(spared)s)
"""

# Plans that sent nothing are the most usual of all and say nothing about size.
_USUAL = """
    select coalesce((select count(*) from delivery.ledger
                      where account = %(account)s and pair = %(pair)s and not gone), 0),
           percentile_cont(0.5) within group (order by rows),
           count(*)
      from (select rows from delivery.planned
             where pair = %(pair)s and run_id <> %(run_id)s and rows > 0
             order by planned_at desc
             limit 50) as past
"""

_NOTE = """
    insert into delivery.planned (run_id, pair, planned_at, rows)
    values (%(run_id)s, %(pair)s, %(now)s, %(rows)s)
        on conflict (run_id) do update set rows = greatest(planned.rows, excluded.rows)
"""

# A plan that was approved stays so when its run is cleared.
_IS_APPROVED = "select 1 from delivery.brake where run_id = %(run_id)s and decision = 'approved'"

_HOLD = """
    update delivery.outbox
       set state = 'held', code = %(code)s, words = %(why)s
     where run_id = %(run_id)s and pair = %(pair)s and account = %(account)s and state = 'pending'
       and closed_at is null and operation <> 'opt_out' and not object_id = any (%(spared)s)
"""

_REMEMBER = """
    insert into delivery.brake (run_id, pair, account, rows, why, held_at)
    values (%(run_id)s, %(pair)s, %(account)s, %(rows)s, %(why)s, %(now)s)
        on conflict (run_id) do update
       set rows = excluded.rows, why = excluded.why, held_at = excluded.held_at, decision = null, decided_at = null,
           decided_by = null
"""

_DECIDE = """
    update delivery.brake
       set decision = %(decision)s, decided_at = %(now)s, decided_by = %(by)s
     where run_id = %(run_id)s and pair = %(pair)s and decision is null
 returning account
"""

_RELEASE = """
    update delivery.outbox
       set state = 'pending', code = null, words = null
     where run_id = %(run_id)s and pair = %(pair)s and state = 'held' and code = %(code)s
"""

# What a person has rejected stays away like what a vendor has: until it says something else.
_DROP = """
    with dropped as (
        update delivery.outbox
           set state = 'rejected', closed_at = %(now)s, words = 'rejected by ' || %(by)s
         where run_id = %(run_id)s and pair = %(pair)s and state = 'held' and code = %(code)s
     returning row_id, run_id, account, pair, kind, object_id, vendor_key, operation, payload, hash, row, step, code,
               words),
    remembered as (
        insert into delivery.step (account, object_id, pair, step, result, hash, row_id, ended_at)
        select account, object_id, pair, step, 'rejected', hash, row_id, %(now)s from dropped where row = 'step'
            on conflict do nothing)
    insert into delivery.audit
        (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, new, result, code, words)
    select %(now)s, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, payload, 'dropped', code,
           words
      from dropped
"""

_OUTLINE = """
    select kind, operation, count(*) from delivery.outbox
     where run_id = %(run_id)s and pair = %(pair)s and state = 'held' and code = %(code)s
     group by 1, 2
     order by 3 desc, 1, 2
"""

#: What `notice` asks: the plans that wait for approval, and what each would send.
WAITING = """
    insert into wrong
    select 'brake.held', 'run ' || brake.run_id,
           brake.why || ' It would send ' || string_agg(waiting.rows || ' x ' || waiting.what, ', '
                                                        order by waiting.rows desc, waiting.what) || '.',
           'operations',
           'See with `retail-sync plan ' || brake.pair || '` whether that is meant. Then `retail-sync approve '
               || brake.pair || ' ' || brake.run_id || ' --because WHY`, or `reject` with the same words to drop it.'
      from delivery.brake
     cross join lateral (
           select count(*) as rows, replace(kind, '_', ' ') || ' ' || operation as what
             from delivery.outbox
            where outbox.run_id = brake.run_id and outbox.pair = brake.pair and outbox.state = 'held'
              and outbox.code = 'brake'
            group by kind, operation) as waiting
     where brake.pair = %(pair)s and brake.decision is null
     group by brake.run_id, brake.pair, brake.why
"""


class Planned(Struct, frozen=True):
    """A plan that has just been queued.

    Attributes:
        run_id: Of which run.
        account: Where to.
        now: When (aware UTC).
        is_live: Whether the pair's first load is over.
        spared: Objects that are never held, since anything else stands on them: fields, a store.
    """

    run_id: str
    pair: str
    account: str
    now: datetime
    is_live: bool
    spared: tuple[str, ...] = ()


def hold_unusual(connection: Connection[Any], brake: Brake, planned: Planned) -> str | None:
    """Hold what a plan has queued, if it is far from the usual; in plan's transaction.

    Returns:
        Why it is held, or None where it is not.
    """
    parameters: dict[str, Any] = {
        "run_id": planned.run_id,
        "pair": planned.pair,
        "account": planned.account,
        "now": planned.now,
        "code": CODE,
        "spared": list(planned.spared),
    }
    (rows,) = _one(connection, _PLANNED, parameters)
    parameters["rows"] = rows
    why = _why(connection, brake, planned, parameters) if rows else None
    connection.execute(_NOTE, parameters)
    if why is not None:
        for statement in (_HOLD, _REMEMBER):
            connection.execute(statement, {**parameters, "why": why})
    return why


def _why(connection: Connection[Any], brake: Brake, planned: Planned, parameters: dict[str, Any]) -> str | None:
    rows = parameters["rows"]
    if connection.execute(_IS_APPROVED, parameters).fetchone():
        return None
    if not planned.is_live:
        return f"The first load of {rows:,} rows waits for approval." if brake.first_load else None
    if rows <= brake.rows:
        return None
    standing, median, past = _one(connection, _USUAL, parameters)
    if rows > brake.share * standing:
        return f"The run would change {rows:,} objects where {standing:,} stand."
    if past >= _ENOUGH and rows > brake.times * median:
        return f"The run would change {rows:,} objects where {median:,.0f} are usual."
    return None


def decide(
    connection: Connection[Any], pair: str, run_id: str, decision: Decision, *, by: str, now: datetime
) -> dict[str, int]:
    """Release what a plan has held, or drop it: then it stays away until its records say something else.

    Args:
        connection: The transaction.
        pair: The pair.
        run_id: The run whose plan was held.
        decision: What was decided.
        by: Who decided.
        now: When (aware UTC).

    Returns:
        By kind and operation, how many rows that was.

    Raises:
        ConfigurationError: Nothing of that run waits for a decision.
    """
    parameters = {"pair": pair, "run_id": run_id, "decision": decision, "by": by, "now": now, "code": CODE}
    outline = {f"{kind} {operation}": count for kind, operation, count in connection.execute(_OUTLINE, parameters)}
    if connection.execute(_DECIDE, parameters).fetchone() is None:
        raise ConfigurationError(
            "nothing of that run waits for approval", record=f"run {run_id}", fix="See `retail-sync exceptions`."
        )
    connection.execute(_RELEASE if decision == "approved" else _DROP, parameters)
    return outline


def _one(connection: Connection[Any], statement: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(statement, parameters).fetchone()
    assert row is not None  # noqa: S101 - an aggregate without groups has one row
    return row
