"""From what is wanted to what is queued: only differences become outbox rows.

What is wanted of an object is compared with its newest unfinished row, held and unknown ones included, else with the
ledger. So a re-run, a clear, a backfill and a full refresh are the same code, and none sends what already stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace
from psycopg import Connection, Cursor

from retail_sync.model.delivery import PRIORITY

from .moves import await_keys, note_moves
from .rows import Bearer, Row, arranged, prepared

T = TypeVar("T")
#: Objects that are compared at once.
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Queueing:
    """Where rows go and why: the destination's account, the pair, the run, the priority, and the kind of contacts."""

    account: str
    pair: str
    run_id: str
    now: datetime
    priority: int
    contact_kind: str | None


class _Key(Struct, frozen=True):
    """As much of a row as decides whether it differs from what stands; `hash` is in hexadecimal."""

    position: int
    kind: str
    object_id: str
    vendor_key: str
    hash: str
    birth: Raw
    decided: bool


# What stands: the newest row that is not finished, else the ledger. A rejected row keeps the same payload away. Both
# are looked up by index, since the ledger holds all that was ever sent and a run wants little of it. What leaves of a
# sequence was decided before.
_DIFFERENCES = """
    select wanted.position, coalesce(ledger.moving or ledger.vendor_key <> wanted.vendor_key, false),
           case when ledger.object_id is not null and not ledger.gone then 'update'
                when wanted.kind = %(contact_kind)s and mirror.vendor_key is not null then 'update'
                else 'create' end as operation
      from json_to_recordset(%(wanted)s::json)
        as wanted (position integer, kind text, object_id text, vendor_key text, hash text, birth jsonb,
                   decided boolean)
      left join lateral (
           select state, hash, operation, birth from delivery.outbox
            where outbox.account = %(account)s and outbox.object_id = wanted.object_id and outbox.pair = %(pair)s
              and operation <> 'opt_out' and state <> 'superseded'
            order by row_id desc limit 1) as newest on true
      left join lateral (
           select object_id, hash, gone, vendor_key, moving from delivery.ledger
            where ledger.account = %(account)s and ledger.object_id = wanted.object_id and ledger.pair = %(pair)s
            limit 1) as ledger on true
      left join consent.mirror
        on wanted.kind = %(contact_kind)s and mirror.account = %(account)s
       and mirror.vendor_key = wanted.vendor_key and mirror.status <> 'removed'
     where wanted.decided
        or case when newest.state in ('pending', 'claimed', 'held', 'unknown', 'rejected')
                then newest.hash is distinct from decode(wanted.hash, 'hex')
                     or newest.state = 'pending' and newest.operation = 'create' and newest.birth <> wanted.birth
                else ledger.gone or ledger.hash is distinct from decode(wanted.hash, 'hex') end
     order by wanted.position
"""

# Steps that have not left give way to what was decided of their object: the same steps, rendered anew, are among it.
_SUPERSEDE = """
    update delivery.outbox
       set state = 'superseded', closed_at = %(now)s
      from json_to_recordset(%(changes)s::json) as change (object_id text, step text, decided boolean, late boolean)
     where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.object_id = change.object_id
       and state in ('pending', 'held') and closed_at is null and operation <> 'opt_out'
       and case when change.late then outbox.row = 'step' and outbox.step = change.step
                else outbox.row = 'state' or change.decided end
"""

# A step that was refused is queued anew, and one that has expired is only written down.
_QUEUE = """
    with change as (
        select *, case row when 'step' then %(step_priority)s else %(priority)s end as priority
          from json_to_recordset(%(changes)s::json)
            as change (kind text, object_id text, vendor_key text, person_id bigint, row text, step text,
                       useful_until timestamptz, sets_off boolean, late boolean, operation text, payload jsonb,
                       birth jsonb, evidence jsonb, hash text, needs text[])),
    queued as (
        insert into delivery.outbox
            (account, pair, kind, object_id, vendor_key, person_id, row, step, useful_until, sets_off, operation,
             payload, birth, evidence, hash, needs, priority, run_id, state, queued_at, closed_at)
        select %(account)s, %(pair)s, kind, object_id, vendor_key, person_id, row, step, useful_until, sets_off,
               operation, payload, birth, evidence, decode(hash, 'hex'), needs, priority, %(run_id)s,
               case when late then 'expired' else 'pending' end, %(now)s, case when late then %(now)s end
          from change
     returning row_id, kind, object_id, vendor_key, row, step, useful_until, operation, payload, hash, state),
    renewed as (
        delete from delivery.step
         using queued
         where step.object_id = queued.object_id and step.account = %(account)s and step.pair = %(pair)s
           and step.step = queued.step and queued.row = 'step' and queued.state = 'pending'),
    expired as (
        insert into delivery.step (account, object_id, pair, step, result, hash, row_id, ended_at)
        select %(account)s, object_id, %(pair)s, step, 'expired', hash, row_id, %(now)s
          from queued
         where state = 'expired')
    insert into delivery.audit
        (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, new, result, code, words)
    select %(now)s, row_id, %(run_id)s, %(account)s, %(pair)s, kind, object_id, vendor_key, operation, payload,
           'expired', 'late', delivery.expiry(step, useful_until)
      from queued
     where state = 'expired'
"""

# What must stand first inherits the priority of what waits for it, and so does what that needs.
_INHERIT = """
    with recursive needed (object_id, priority) as (
        select object_id, priority
          from json_to_recordset(%(needs)s::json) as need (object_id text, priority integer)
         union
        select need, needed.priority
          from needed
          join delivery.outbox
            on outbox.account = %(account)s and outbox.object_id = needed.object_id and outbox.state = 'pending'
           and outbox.closed_at is null
         cross join lateral unnest(outbox.needs) as need)
    update delivery.outbox
       set priority = urgent.priority
      from (select object_id, min(priority) as priority from needed group by 1) as urgent
     where outbox.account = %(account)s and outbox.object_id = urgent.object_id
       and outbox.state = 'pending' and outbox.closed_at is null and outbox.priority > urgent.priority
"""


def queue_differences(
    connection: Connection[Any], bearers: Iterable[Bearer], queueing: Queueing
) -> dict[str, dict[str, int]]:
    """Queue what differs from what stands, in its order, and supersede older rows of the same objects.

    Args:
        connection: The transaction. What makes the bearers may read from it, too.
        bearers: What is wanted; rows of one object follow one another.
        queueing: Where rows go and why.

    Returns:
        How many rows were queued, by kind and operation; `expired` are steps that are past their useful age.
    """
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_object = groupby(bearers, key=lambda bearer: bearer.wanted.object_id)
    for objects in _read_ahead(prepared(list(same)) for _, same in by_object):
        rows = arranged(connection, objects, queueing.account, queueing.pair, queueing.now)
        for change in _queue(connection, rows, queueing):
            counts[change.kind]["expired" if change.late else change.operation] += 1
    if counts:
        await_keys(connection, asdict(queueing))
    return {kind: dict(operations) for kind, operations in counts.items()}


def _read_ahead(rows: Iterator[T]) -> Iterator[list[T]]:
    """Rows in chunks, each made while the one before it is used: Postgres and what renders work at the same time."""
    with ThreadPoolExecutor(1, thread_name_prefix="wanted") as pool:
        coming = pool.submit(lambda: list(islice(rows, _CHUNK)))
        while chunk := coming.result():
            coming = pool.submit(lambda: list(islice(rows, _CHUNK)))
            yield chunk


def _queue(connection: Connection[Any], rows: Sequence[Row], queueing: Queueing) -> list[Row]:
    """Queue those of these rows that differ, and return them. The documents of the others never travel."""
    parameters = asdict(queueing) | {"step_priority": min(queueing.priority, PRIORITY["step"])}
    keys = [
        _Key(place, row.kind, row.object_id, row.vendor_key, row.hash, row.birth, row.decided)
        for place, row in enumerate(rows)
    ]
    wanted = msgspec.json.encode(keys).decode()
    differing = _execute(connection, _DIFFERENCES, parameters | {"wanted": wanted}).fetchall()
    changes = [replace(rows[position], operation=operation) for position, _, operation in differing]
    if changes:
        parameters["changes"] = msgspec.json.encode(changes).decode()
        for statement in (_SUPERSEDE, _QUEUE):
            _execute(connection, statement, parameters)
        if moves := [
            (rows[position].object_id, rows[position].vendor_key) for position, moves, _ in differing if moves
        ]:
            note_moves(connection, moves, parameters)
        _execute(connection, _INHERIT, parameters | {"needs": _needs(changes, parameters)})
    return changes


def _needs(changes: Sequence[Row], parameters: dict[str, Any]) -> str:
    """What has to stand first, with the priority of the most urgent that needs it."""
    urgency: dict[str, int] = {}
    for change in changes:
        priority = parameters["step_priority" if change.row == "step" else "priority"]
        for need in () if change.late else change.needs:
            urgency[need] = min(priority, urgency.get(need, priority))
    needs = [{"object_id": object_id, "priority": priority} for object_id, priority in urgency.items()]
    return msgspec.json.encode(needs).decode()


def _execute(connection: Connection[Any], statement: str, parameters: dict[str, Any]) -> Cursor[Any]:
    """Execute, planned anew each time: the outbox may have been empty a moment ago."""
    return connection.execute(statement, parameters, prepare=False)
