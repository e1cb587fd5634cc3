"""Objects that move under another key, and objects that are taken back.

What hangs on an object that moves waits until it stands under its new key, and so does whoever wants the old one. What
stays behind under the old key, and what is of nobody any more, is taken back when everything that hung on it has gone
over: a delete waits until all that it needs is settled, which means delivered and not merely standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from retail_sync.model.delivery import PRIORITY, Delivery, Outcome

# A contact that another pair stands on, too, is not ours to rename: it stays with that one, and ours is a new one.
_GIVEN_UP = """
    with said as (
        select * from json_to_recordset(%(moves)s::json) as move (object_id text, vendor_key text)),
    given_up as (
        update delivery.ledger
           set gone = true
          from said
         where ledger.account = %(account)s and ledger.pair = %(pair)s and ledger.object_id = said.object_id
           and ledger.kind = %(contact_kind)s and ledger.vendor_key <> said.vendor_key and not ledger.gone
           and exists (select from delivery.ledger as other
                        where other.account = ledger.account and other.kind = ledger.kind
                          and other.vendor_key = ledger.vendor_key and other.pair <> ledger.pair and not other.gone)
     returning ledger.object_id)
    update delivery.outbox
       set operation = 'create'
      from given_up
     where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.object_id = given_up.object_id
       and outbox.state = 'pending' and outbox.closed_at is null and outbox.operation = 'update'
"""

_MOVING = """
    update delivery.ledger
       set moving = ledger.vendor_key <> said.vendor_key
      from json_to_recordset(%(moves)s::json) as said (object_id text, vendor_key text)
     where ledger.account = %(account)s and ledger.pair = %(pair)s and ledger.object_id = said.object_id
"""

# By then nothing may be there: whoever comes is looked up again before it is made.
_AWAIT = """
    update delivery.outbox
       set needs = array_append(needs, leaving.object_id), operation = 'create'
      from delivery.ledger as leaving
     where leaving.moving and not leaving.gone and leaving.account = %(account)s and leaving.pair = %(pair)s
       and outbox.account = leaving.account and outbox.pair = leaving.pair and outbox.kind = leaving.kind
       and outbox.vendor_key = leaving.vendor_key and outbox.object_id <> leaving.object_id
       and outbox.state = 'pending' and outbox.closed_at is null and outbox.operation in ('create', 'update')
       and not leaving.object_id = any (outbox.needs)
"""

_HURRY = """
    update delivery.outbox
       set priority = waiting.priority
      from (select outbox.account, outbox.pair, leaving.object_id, min(outbox.priority) as priority
              from delivery.ledger as leaving
              join delivery.outbox
                on outbox.account = leaving.account and outbox.pair = leaving.pair and outbox.kind = leaving.kind
               and outbox.vendor_key = leaving.vendor_key and outbox.object_id <> leaving.object_id
               and outbox.state = 'pending' and outbox.closed_at is null
             where leaving.moving and not leaving.gone and leaving.account = %(account)s and leaving.pair = %(pair)s
             group by 1, 2, 3) as waiting
     where outbox.account = waiting.account and outbox.pair = waiting.pair and outbox.object_id = waiting.object_id
       and outbox.state = 'pending' and outbox.closed_at is null and outbox.priority > waiting.priority
"""

# What has not left gives way; what is under way is waited for. A key that another object stands under is not ours to
# take back: the ledger forgets that we stood there.
_RETIRE = """
    with given as (
        select *
          from json_to_recordset(%(retired)s::json)
            as given (object_id text, person_id bigint, heirs bigint[], heir text)),
    superseded as (
        update delivery.outbox
           set state = 'superseded', closed_at = %(now)s
          from given
         where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.object_id = given.object_id
           and outbox.closed_at is null and outbox.state in ('pending', 'held')
           and outbox.operation in ('create', 'update'))
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, hash, needs, heir, priority,
         run_id, queued_at)
    select %(account)s, %(pair)s, standing.kind, given.object_id, standing.vendor_key, given.person_id, 'state',
           'delete', '{}', '', coalesce(waits.needs, '{}'), given.heir, %(priority)s, %(run_id)s, %(now)s
      from given
     cross join lateral (
           select kind, vendor_key
             from (select kind, vendor_key, 1 as place from delivery.outbox
                    where outbox.object_id = given.object_id and outbox.account = %(account)s
                      and outbox.pair = %(pair)s and closed_at is null and state in ('claimed', 'unknown')
                      and operation in ('create', 'update')
                    union all
                   select kind, vendor_key, 2 from delivery.ledger
                    where ledger.object_id = given.object_id and ledger.account = %(account)s
                      and ledger.pair = %(pair)s and not gone) as found
            order by place
            limit 1) as standing
      left join lateral (
           select array_agg(distinct hanging.object_id) as needs
             from delivery.outbox as hanging
             left join delivery.ledger
               on ledger.object_id = hanging.object_id and ledger.account = hanging.account
              and ledger.pair = hanging.pair
             left join delivery.outbox as before on before.row_id = ledger.row_id
            where hanging.account = %(account)s and hanging.pair = %(pair)s and hanging.closed_at is null
              and hanging.operation <> 'opt_out'
              and (given.object_id = any (before.needs)
                   or standing.kind = %(contact_kind)s and hanging.kind = standing.kind
                      and hanging.person_id = any (given.heirs))) as waits on true
     where not exists (select from delivery.outbox
                        where outbox.object_id = given.object_id and outbox.account = %(account)s
                          and outbox.pair = %(pair)s and closed_at is null and operation = 'delete')
"""

# What hangs on the object goes over first; what is taken back of the same object's surroundings already waits for this.
_LEFT = """
    with left_over as (
        insert into delivery.outbox
            (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, hash, needs, heir,
             priority, run_id, queued_at)
        select ended.account, ended.pair, ended.kind, ended.object_id || '@' || given.moved_from, given.moved_from,
               ended.person_id, 'state', 'delete', '{}', '', array[ended.object_id] || coalesce(waits.needs, '{}'),
               ended.object_id, %(priority)s, ended.run_id, %(now)s
          from json_to_recordset(%(left)s::json) as given (row_id bigint, moved_from text)
          join delivery.outbox as ended on ended.row_id = given.row_id and ended.state = 'delivered'
          left join lateral (
               select array_agg(distinct hanging.object_id) as needs
                 from delivery.outbox as hanging
                where hanging.account = ended.account and hanging.pair = ended.pair and hanging.closed_at is null
                  and hanging.operation in ('create', 'update') and ended.object_id = any (hanging.needs)) as waits
            on true
         where not exists (select from delivery.outbox
                            where outbox.object_id = ended.object_id || '@' || given.moved_from
                              and outbox.account = ended.account and outbox.pair = ended.pair
                              and outbox.closed_at is null)
     returning account, pair, object_id, split_part(object_id, '@', 1) as whole)
    update delivery.outbox
       set needs = array_append(needs, left_over.object_id)
      from left_over
     where outbox.account = left_over.account and outbox.pair = left_over.pair and outbox.closed_at is null
       and outbox.operation = 'delete' and left_over.whole = any (outbox.needs)
"""

# A contact that was renamed is known under its new address from now on, with the status that it had.
_RENAMED = """
    with moved as (
        select ended.account, given.moved_from, ended.vendor_key, person.email
          from json_to_recordset(%(renamed)s::json) as given (row_id bigint, moved_from text)
          join delivery.outbox as ended on ended.row_id = given.row_id and ended.state = 'delivered'
          join people.person using (person_id)
         where ended.kind = %(contact_kind)s),
    former as (
        delete from consent.mirror
         using moved
         where mirror.account = moved.account and mirror.vendor_key = moved.moved_from
     returning mirror.*, moved.email as new_email, moved.vendor_key as new_key)
    insert into consent.mirror (account, email, vendor_key, status, changed_at, reason, fields, seen_at)
    select account, new_email, new_key, status, changed_at, reason, fields, seen_at from former
        on conflict (account, email) do nothing
"""

_OPT_OUTS = """
    update delivery.outbox
       set vendor_key = ended.vendor_key
      from json_to_recordset(%(renamed)s::json) as given (row_id bigint, moved_from text)
      join delivery.outbox as ended on ended.row_id = given.row_id and ended.state = 'delivered'
     where outbox.account = ended.account and outbox.operation = 'opt_out' and outbox.vendor_key = given.moved_from
       and ended.kind = %(contact_kind)s and outbox.kind = ended.kind and outbox.closed_at is null
       and outbox.state in ('pending', 'held')
"""

# What a contact was told goes with it, and so does the question whether it was told.
_TOLD = """
    update delivery.outbox
       set vendor_key = ended.vendor_key || substr(outbox.vendor_key, length(given.moved_from) + 1),
           payload = said.payload
      from json_to_recordset(%(renamed)s::json) as given (row_id bigint, moved_from text)
      join delivery.outbox as ended on ended.row_id = given.row_id and ended.state = 'delivered'
      join delivery.outbox as told
        on told.account = ended.account and told.pair = ended.pair and told.closed_at is null
       and told.state = 'unknown' and ended.object_id = any (told.needs)
       and starts_with(told.vendor_key, given.moved_from || '/')
     cross join lateral (
           select jsonb_object_agg(name, case value when to_jsonb(given.moved_from) then to_jsonb(ended.vendor_key)
                                                    else value end) as payload
             from jsonb_each(told.payload) as part (name, value)) as said
     where outbox.row_id = told.row_id and ended.kind = %(contact_kind)s
"""

# The same key of a contact is the same contact, whichever pair stands on it; other kinds are told apart by pair.
_SHARED = """
    select outbox.row_id
      from delivery.outbox
     where outbox.row_id = any (%(rows)s)
       and (exists (select from delivery.ledger as other
                     where other.account = outbox.account and other.kind = outbox.kind
                       and other.vendor_key = outbox.vendor_key and not other.gone
                       and other.object_id <> outbox.object_id
                       and (other.pair = outbox.pair or other.kind = %(contact_kind)s))
            or exists (select from delivery.outbox as coming
                        where coming.account = outbox.account and coming.kind = outbox.kind
                          and coming.vendor_key = outbox.vendor_key and coming.closed_at is null
                          and coming.operation in ('create', 'update') and coming.object_id <> outbox.object_id
                          and (coming.pair = outbox.pair or coming.kind = %(contact_kind)s)))
"""


class Retired(Struct, frozen=True, kw_only=True):
    """An object that is nobody's any more; `heirs` are the people to whom what hung on it has gone.

    Attributes:
        heir: The object that stands for the same thing of the one heir; None where there are several, or none.
    """

    object_id: str
    person_id: int | None
    heirs: tuple[int, ...] = ()
    heir: str | None = None


def note_moves(connection: Connection[Any], moves: Sequence[tuple[str, str]], parameters: dict[str, Any]) -> None:
    """Note of queued objects, given with the keys under which they are wanted, whether they stand under others."""
    said = [{"object_id": object_id, "vendor_key": vendor_key} for object_id, vendor_key in moves]
    for statement in (_GIVEN_UP, _MOVING):
        connection.execute(statement, parameters | {"moves": msgspec.json.encode(said).decode()})


def await_keys(connection: Connection[Any], parameters: dict[str, Any]) -> None:
    """Let rows that want the key of an object wait where that object is to move away from it."""
    for statement in (_AWAIT, _HURRY):
        connection.execute(statement, parameters)


def retire(
    connection: Connection[Any],
    retired: Iterable[Retired],
    parameters: dict[str, Any],
    priority: int = PRIORITY["retire"],
) -> int:
    """Queue the taking back of objects that stand or are about to; return how many these are.

    Args:
        connection: The transaction, in which all else has been queued.
        retired: The objects, of each person those first on which others of it do not hang.
        parameters: `account`, `pair`, `run_id`, `now` and `contact_kind`.
        priority: How urgent that is.
    """
    parameters = parameters | {"priority": priority}
    count = 0
    # One by one: what hangs on an object may be one that was just queued to be taken back itself.
    for one in retired:
        said = msgspec.json.encode([one]).decode()
        count += connection.execute(_RETIRE, parameters | {"retired": said}).rowcount
    return count


def follow(connection: Connection[Any], outcomes: Sequence[Outcome], contact_kind: str | None, now: datetime) -> None:
    """Do what follows from rows that ended under another key: take back what was left behind, rename in the mirror."""
    moved = [outcome for outcome in outcomes if outcome.verdict == "delivered" and outcome.moved_from]
    parameters = {"priority": PRIORITY["retire"], "contact_kind": contact_kind, "now": now}
    for statement, name, left in (
        (_LEFT, "left", True),
        (_RENAMED, "renamed", False),
        (_OPT_OUTS, "renamed", False),
        (_TOLD, "renamed", False),
    ):
        rows = [{"row_id": one.row_id, "moved_from": one.moved_from} for one in moved if one.left_behind is left]
        if rows:
            connection.execute(statement, parameters | {name: msgspec.json.encode(rows).decode()})


def shared(connection: Connection[Any], rows: Sequence[Delivery], contact_kind: str | None) -> list[Outcome]:
    """Those of these deletes that must not be sent, as ended: something else stands under the same key, or will."""
    found = connection.execute(_SHARED, {"rows": [row.row_id for row in rows], "contact_kind": contact_kind})
    words = "Something else stands under this key."
    return [Outcome(row_id=row_id, verdict="delivered", code="shared", words=words) for (row_id,) in found]
