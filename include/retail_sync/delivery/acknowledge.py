"""Writing down how rows ended: outbox, ledger and audit in one transaction, only for the claim that still stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.model.delivery import Delivery, Outcome

from .workers import Worker

#: After so many tries a row that could always be tried again is put before a person.
TRIES = 8

# `exists`: the object is there, so the same row becomes an update. `gone`: it is not, so it becomes a create, unless
# it is a contact: somebody took that away, and a person decides whether it comes back.
_CLOSE = """
    with given as (
        select row_id, verdict, code as new_code, words as new_words, vendor_key as new_key, retry_at
          from json_to_recordset(%(outcomes)s::json)
            as given (row_id bigint, verdict text, code text, words text, vendor_key text, retry_at timestamptz)),
    closed as (
        update delivery.outbox
           set state = case when given.verdict in ('delivered', 'rejected', 'unknown') then given.verdict
                            when given.verdict = 'gone' and outbox.kind = %(contact_kind)s then 'held'
                            when outbox.attempt >= %(tries)s then 'held'
                            else 'pending' end,
               operation = case given.verdict when 'exists' then 'update' when 'gone' then 'create'
                           else outbox.operation end,
               vendor_key = coalesce(given.new_key, outbox.vendor_key),
               code = case when given.verdict <> 'delivered'
                           then coalesce(nullif(given.new_code, ''), given.verdict) end,
               words = given.new_words,
               claim_token = null,
               closed_at = case when given.verdict in ('delivered', 'rejected') then %(now)s end,
               available_at = case when given.verdict = 'retry'
                                   then coalesce(given.retry_at,
                                                 %(now)s + %(backoff)s * (2 ^ least(outbox.attempt, 6)))
                                   else outbox.available_at end
          from given
         where outbox.row_id = given.row_id and outbox.state = 'claimed' and outbox.claim_token = %(token)s
     returning given.row_id, given.verdict, given.new_code, given.new_words, account, pair, kind, object_id,
               outbox.vendor_key, person_id, payload, birth, evidence, hash, run_id,
               case given.verdict when 'exists' then 'create' when 'gone' then 'update' else operation end
                   as operation),
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
               delivered_at = %(now)s, gone = done = 'delete'
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
               row_id = excluded.row_id, delivered_at = excluded.delivered_at, gone = excluded.gone),
    audited as (
        insert into delivery.audit
            (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, old, new, result, code, words)
        select %(now)s, row_id, run_id, account, pair, kind, object_id, vendor_key, done, old_payload,
               case when done = 'create' then birth || payload else payload end, verdict, new_code, new_words
          from ending),
    -- Opt-ins that were acted on: CON-8 asks where, when and by which record each was seen.
    proven as (
        insert into consent.proof
            (account, email, pair, source, record_key, opted_in_at, seen_at, created_at, run_id)
        select ending.account, person.email, ending.pair, evidence ->> 'source', evidence ->> 'record',
               (evidence ->> 'opted_in_at')::timestamptz, (evidence ->> 'seen_at')::timestamptz, %(now)s, ending.run_id
          from ending
          join people.person using (person_id)
         where verdict = 'delivered' and done = 'create' and evidence is not null
            on conflict do nothing)
    select verdict, array_agg(row_id) from ending group by 1
"""

_GONE = """
    update delivery.ledger set gone = true
      from delivery.outbox
     where outbox.row_id = any (%(gone)s) and ledger.account = outbox.account
       and ledger.object_id = outbox.object_id and ledger.pair = outbox.pair
"""

# A contact that is gone was taken away by somebody: from now on its address counts as one that has left.
_REMOVED = """
    with removed as (
        select distinct outbox.account, person.email
          from delivery.outbox
          join people.person using (person_id)
         where outbox.row_id = any (%(gone)s) and outbox.kind = %(contact_kind)s),
    mirrored as (
        update consent.mirror set status = 'removed', seen_at = %(now)s
          from removed
         where mirror.account = removed.account and mirror.email = removed.email)
    insert into consent.record as kept (account, email, is_out, status, since, origin, updated_at)
    select account, email, true, 'removed', %(now)s, 'destination', %(now)s from removed
        on conflict (account, email) do update
       set is_out = true, status = excluded.status, updated_at = excluded.updated_at
"""


def acknowledge(
    connection: Connection[Any],
    worker: Worker,
    outcomes: Sequence[Outcome],
    *,
    contact_kind: str | None,
    now: datetime,
) -> Counter[str]:
    """Write outcomes down in this transaction; those of rows that somebody else has taken over are left out.

    Returns:
        How many rows ended with each verdict.
    """
    parameters = {
        "token": worker.token,
        "contact_kind": contact_kind,
        "now": now,
        "tries": TRIES,
        "backoff": timedelta(seconds=5),
        "outcomes": msgspec.json.encode(outcomes).decode(),
    }
    ended: dict[str, list[int]] = dict(connection.execute(_CLOSE, parameters).fetchall())
    if gone := ended.get("gone"):
        for statement in (_GONE, _REMOVED):
            connection.execute(statement, {**parameters, "gone": gone})
    return Counter({verdict: len(rows) for verdict, rows in ended.items()})


_RELEASE = """
    update delivery.outbox
       set state = 'pending', claim_token = null, attempt = attempt - 1
     where row_id = any (%s) and claim_token = %s and state = 'claimed'
"""


def release(connection: Connection[Any], worker: Worker, rows: Sequence[Delivery]) -> int:
    """Give back those of these rows that this worker claimed and did not send; return how many rows that were."""
    return connection.execute(_RELEASE, ([row.row_id for row in rows], worker.token)).rowcount
