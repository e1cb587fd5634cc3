"""Ending rows: outbox, ledger, audit and proof of consent in one transaction, whoever learned how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.consent.strays import Sorted
from retail_sync.model.delivery import Outcome

from .again import plan_again
from .moves import follow
from .taken_back import note_taken_back
from .workers import IN_FLIGHT

#: After so many tries a row that could always be tried again is put before a person.
TRIES = 8

# A contact that is gone waits: somebody took it away, and a person decides whether it comes back. A stray is given its
# key again.
_END = """
    with given as (
        select row_id, verdict, code as new_code, words as new_words, vendor_key as new_key, retry_at, receipt
          from json_to_recordset(%(outcomes)s::json)
            as given (row_id bigint, verdict text, code text, words text, vendor_key text, retry_at timestamptz,
                      receipt text)),
    closed as (
        update delivery.outbox
           set state = case when given.verdict in ('delivered', 'rejected', 'unknown') then given.verdict
                            when given.verdict = 'gone' and outbox.kind = %(contact_kind)s
                                 and not outbox.row_id = any (%(strays)s) then 'held'
                            when given.verdict = 'lacking' then 'held'
                            when outbox.attempt >= %(tries)s then 'held'
                            else 'pending' end,
               vendor_key = coalesce(given.new_key, outbox.vendor_key),
               code = coalesce(nullif(given.new_code, ''), nullif(given.verdict, 'delivered')),
               words = given.new_words,
               claim_token = null,
               errand = case when given.verdict = 'retry' then errand end,
               receipt = case when given.verdict = 'delivered' then nullif(given.receipt, '') end,
               closed_at = case when given.verdict in ('delivered', 'rejected') then %(now)s end,
               available_at = case when given.verdict = 'retry'
                                   then coalesce(given.retry_at,
                                                 %(now)s + %(backoff)s * (2 ^ least(outbox.attempt, 6)))
                                   when given.verdict = 'unknown' then %(now)s + %(in_flight)s
                                   else outbox.available_at end
          from given
         where outbox.row_id = given.row_id and outbox.state = %(state)s
           and outbox.claim_token is not distinct from %(token)s
     returning given.row_id, given.verdict, given.new_code, given.new_words, account, pair, kind, object_id,
               outbox.vendor_key, person_id, operation, payload, birth, evidence, hash, run_id,
               outbox.row, step),
    ending as materialized (
        select closed.*, standing.payload as old_payload, standing.object_id is not null as stands,
               case when operation in ('create', 'update') and standing.object_id is not null then 'update'
                    else operation end as done
          from closed
          left join lateral (
               select object_id, payload from delivery.ledger
                where ledger.account = closed.account and ledger.object_id = closed.object_id
                  and ledger.pair = closed.pair and not ledger.gone
                limit 1) as standing on true),
    changed as (
        update delivery.ledger
           set vendor_key = ending.vendor_key, payload = ending.payload, hash = ending.hash, row_id = ending.row_id,
               delivered_at = %(now)s, gone = done = 'delete', moving = false
          from ending
         where verdict = 'delivered' and operation <> 'opt_out' and stands
           and ledger.account = ending.account and ledger.object_id = ending.object_id and ledger.pair = ending.pair),
    added as (
        insert into delivery.ledger as kept
            (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at, gone)
        select account, object_id, pair, kind, vendor_key, payload, hash, row_id, %(now)s, done = 'delete'
          from ending
         where verdict = 'delivered' and operation <> 'opt_out' and not stands
            on conflict (account, object_id, pair) do update
           set vendor_key = excluded.vendor_key, payload = excluded.payload, hash = excluded.hash,
               row_id = excluded.row_id, delivered_at = excluded.delivered_at, gone = excluded.gone, moving = false),
    audited as (
        insert into delivery.audit
            (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, old, new, result, code, words)
        select %(now)s, row_id, run_id, account, pair, kind, object_id, vendor_key, done, old_payload,
               case when done = 'create' then birth || payload else payload end, verdict, new_code, new_words
          from ending),
    -- A step is told once: what became of it is remembered for good.
    remembered as (
        insert into delivery.step as kept (account, object_id, pair, step, result, hash, row_id, ended_at)
        select account, object_id, pair, step, verdict, hash, row_id, %(now)s
          from ending
         where ending.row = 'step' and verdict in ('delivered', 'rejected') and operation in ('create', 'update')
            on conflict (object_id, account, pair, step) do update
           set result = excluded.result, hash = excluded.hash, row_id = excluded.row_id, ended_at = excluded.ended_at),
    -- Opt-ins that were acted on: CON-8 asks where, when and by which record each was seen. A contact whose
    -- creation was never answered for is there when it is tried again: ours, unless it stands as it was not born.
    proven as (
        insert into consent.proof
            (account, email, pair, source, record_key, opted_in_at, seen_at, created_at, created_as, run_id)
        select ending.account, person.email, ending.pair, evidence ->> 'source', evidence ->> 'record',
               (evidence ->> 'opted_in_at')::timestamptz, (evidence ->> 'seen_at')::timestamptz, %(now)s,
               born.status, ending.run_id
          from ending
          join people.person using (person_id)
         cross join lateral (select coalesce(birth ->> 'status', 'subscribed') as status) as born
         where evidence is not null
           and (verdict = 'delivered' and done = 'create'
                or verdict in ('exists', 'delivered') and not stands
                and exists (select from delivery.outbox as sent
                             where sent.account = ending.account and sent.object_id = ending.object_id
                               and sent.pair = ending.pair and sent.was_new
                               and (sent.row_id = ending.row_id or sent.state = 'superseded'))
                and not exists (select from consent.mirror
                                 where mirror.account = ending.account and mirror.email = person.email
                                   and mirror.status <> born.status)
                and not exists (select from consent.proof
                                 where proof.account = ending.account and proof.email = person.email
                                   and proof.pair = ending.pair))
            on conflict do nothing)
    select verdict, array_agg(row_id), array_agg(row_id) filter (where done = 'delete') from ending group by 1
"""

# `exists`: the object is there, so the same row becomes an update. `gone`: it is not, so it becomes a create.
_TURN = "update delivery.outbox set operation = %(operation)s where row_id = any (%(turned)s)"

# Of consent nothing is said to a contact that is there.
_WORDLESS = "update delivery.outbox set birth = '{}', evidence = null where row_id = any (%(strays)s)"

_GONE = """
    update delivery.ledger set gone = true
      from delivery.outbox
     where outbox.row_id = any (%(gone)s) and ledger.account = outbox.account
       and ledger.object_id = outbox.object_id and ledger.pair = outbox.pair
"""

# A contact that is gone was taken away by somebody: from now on its address counts as one that has left.
_REMOVED = """
    select consent.note_removed(account, array_agg(email), array_agg(vendor_key), 'delivery', %(now)s)
      from (select distinct on (outbox.account, person.email) outbox.account, person.email, outbox.vendor_key
              from delivery.outbox
              join people.person using (person_id)
             where outbox.row_id = any (%(taken)s) and outbox.kind = %(contact_kind)s
             order by outbox.account, person.email) as removed
     group by account
"""


def end_rows(
    connection: Connection[Any],
    outcomes: Sequence[Outcome],
    *,
    token: int | None,
    contact_kind: str | None,
    now: datetime,
    delete_is_final: bool = False,
    missing: Sorted | None = None,
) -> Counter[str]:
    """Write outcomes down in this transaction, of those rows that are still as the caller knew them.

    Args:
        connection: The transaction.
        outcomes: How the rows ended.
        token: The claim that they must be under, or None where they are unanswered and under none.
        contact_kind: The destination's kind of contacts, if it has one.
        now: When.
        delete_is_final: Whether the destination forgets a contact that is taken back.
        missing: What became of contacts that are gone; without it they have all been taken away.

    Returns:
        How many rows ended with each verdict.
    """
    parameters: dict[str, Any] = {
        "state": "unknown" if token is None else "claimed",
        "token": token,
        "contact_kind": contact_kind,
        "now": now,
        "tries": TRIES,
        "backoff": timedelta(seconds=5),
        "in_flight": IN_FLIGHT,
        "strays": list(missing.strays) if missing else [],
        "outcomes": msgspec.json.encode(outcomes).decode(),
    }
    rows = connection.execute(_END, parameters).fetchall()
    ended: dict[str, list[int]] = {verdict: ids for verdict, ids, _ in rows}
    deleted = next((ids for verdict, _, ids in rows if verdict == "delivered"), None)
    for verdict, operation in (("exists", "update"), ("gone", "create")):
        if turned := ended.get(verdict):
            connection.execute(_TURN, {"operation": operation, "turned": turned})
    if gone := ended.get("gone"):
        taken = [row_id for row_id in gone if missing is None or row_id in missing.taken]
        for statement in (_WORDLESS, _GONE, _REMOVED):
            connection.execute(statement, {**parameters, "gone": gone, "taken": taken})
        plan_again(connection, gone, "gone", now)
    follow(connection, outcomes, contact_kind, now)
    if deleted:
        note_taken_back(connection, deleted, contact_kind, now, is_final=delete_is_final)
    return Counter({verdict: len(ids) for verdict, ids in ended.items()})
