"""Writing down how rows ended: outbox, ledger and audit in one transaction, only for the claim that still stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from retail_sync.model.delivery import Outcome

from .workers import Worker

#: After so many tries a row that could always be tried again is put before a person.
TRIES = 8

# Outcomes that belong to this worker's claim, with their rows as they are before anything changes.
_MINE = """
    create temporary table ending on commit drop as
    select outbox.*, given.verdict, given.new_code, given.new_words, given.new_key, given.retry_at,
           ledger.payload as old_payload,
           case when outbox.operation in ('create', 'update') and ledger.object_id is not null then 'update'
                else outbox.operation end as done
      from unnest(%(rows)s::bigint[], %(verdicts)s::text[], %(codes)s::text[], %(words)s::text[], %(keys)s::text[],
                  %(retries)s::timestamptz[])
        as given(given_row, verdict, new_code, new_words, new_key, retry_at)
      join delivery.outbox on outbox.row_id = given.given_row
      left join delivery.ledger
        on ledger.account = outbox.account and ledger.object_id = outbox.object_id and ledger.pair = outbox.pair
       and not ledger.gone
     where outbox.state = 'claimed' and outbox.claim_token = %(token)s
       for update of outbox
"""

# `exists`: the object is there, so the same row becomes an update. `gone`: it is not, so it becomes a create, unless
# it is a contact: somebody took that away, and a person decides whether it comes back.
_CLOSE = """
    update delivery.outbox
       set state = case when ending.verdict in ('delivered', 'rejected', 'unknown') then ending.verdict
                        when ending.verdict = 'gone' and ending.kind = %(contact_kind)s then 'held'
                        when ending.attempt >= %(tries)s then 'held'
                        else 'pending' end,
           operation = case ending.verdict when 'exists' then 'update' when 'gone' then 'create'
                       else outbox.operation end,
           vendor_key = coalesce(ending.new_key, outbox.vendor_key),
           code = ending.new_code,
           words = ending.new_words,
           claim_token = null,
           closed_at = case when ending.verdict in ('delivered', 'rejected') then %(now)s end,
           available_at = case when ending.verdict = 'retry'
                               then coalesce(ending.retry_at, %(now)s + %(backoff)s * (2 ^ least(ending.attempt, 6)))
                               else outbox.available_at end
      from ending
     where outbox.row_id = ending.row_id
"""

_LEDGER = """
    insert into delivery.ledger as kept
        (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at, gone)
    select account, object_id, pair, kind, coalesce(new_key, vendor_key), payload, hash, row_id, %(now)s,
           done = 'delete'
      from ending
     where verdict = 'delivered' and operation <> 'opt_out'
        on conflict (account, object_id, pair) do update
       set vendor_key = excluded.vendor_key, payload = excluded.payload, hash = excluded.hash,
           row_id = excluded.row_id, delivered_at = excluded.delivered_at, gone = excluded.gone
"""

_GONE = """
    update delivery.ledger set gone = true
      from ending
     where ending.verdict = 'gone' and ledger.account = ending.account
       and ledger.object_id = ending.object_id and ledger.pair = ending.pair
"""

_AUDIT = """
    insert into delivery.audit
        (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, old, new, result, code, words)
    select %(now)s, row_id, run_id, account, pair, kind, object_id, coalesce(new_key, vendor_key), done, old_payload,
           case when done = 'create' then birth || payload else payload end, verdict, new_code, new_words
      from ending
"""

# Opt-ins that were acted on: CON-8 asks where, when and by which record each was seen.
_PROOF = """
    insert into consent.proof (account, email, pair, source, record_key, opted_in_at, seen_at, created_at, run_id)
    select ending.account, person.email, ending.pair, evidence ->> 'source', evidence ->> 'record',
           (evidence ->> 'opted_in_at')::timestamptz, (evidence ->> 'seen_at')::timestamptz, %(now)s, ending.run_id
      from ending
      join people.person using (person_id)
     where verdict = 'delivered' and done = 'create' and evidence is not null
        on conflict do nothing
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
        "rows": [outcome.row_id for outcome in outcomes],
        "verdicts": [outcome.verdict for outcome in outcomes],
        "codes": [outcome.code for outcome in outcomes],
        "words": [outcome.words for outcome in outcomes],
        "keys": [outcome.vendor_key for outcome in outcomes],
        "retries": [outcome.retry_at for outcome in outcomes],
    }
    for statement in (_MINE, _CLOSE, _LEDGER, _AUDIT, _PROOF, _GONE):
        connection.execute(statement, parameters)
    rows = connection.execute("select verdict, count(*) from ending group by 1").fetchall()
    connection.execute("drop table ending")
    return Counter(dict(rows))


_RELEASE = """
    update delivery.outbox
       set state = 'pending', claim_token = null, attempt = attempt - 1
     where claim_token = %s and state = 'claimed'
"""


def release(connection: Connection[Any], worker: Worker) -> int:
    """Give back what this worker claimed and did not send; return how many rows that were."""
    return connection.execute(_RELEASE, (worker.token,)).rowcount
