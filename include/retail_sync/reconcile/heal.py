"""Judging suspects and putting right what may be: in one transaction under plan's lock, so that nothing comes between.

The ledger is corrected to what is really there, and the row that puts the object right is queued: it goes out like any
other, and the audit log keeps what was found as its old value. An object whose values set something off is not sent
again but planned again: plan knows what has been told. A contact that was taken away is never put back; one that has
only lost our key, and stands under its address, is given it again without a word of consent.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import Connection

from .audit import Audit

_PLAN_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.plan.' || %(pair)s, 0))"

# Rows that end meanwhile end before this or after it: what they change of the ledger is locked first.
_LOCK = """
    select from delivery.ledger
     where account = %(account)s and pair = %(pair)s
       and object_id in (select object_id from reconcile.suspect where pair = %(pair)s and kind = %(kind)s)
     order by object_id
       for update
"""

_ACQUIT = """
    delete from reconcile.suspect
     where pair = %(pair)s and kind = %(kind)s
       and case when object_id is null
                then seen is null
                     or exists (select from delivery.ledger
                                 where ledger.account = %(account)s and ledger.kind = suspect.kind
                                   and ledger.vendor_key = suspect.vendor_key and not ledger.gone)
                     or exists (select from delivery.outbox
                                 where outbox.account = %(account)s and outbox.kind = suspect.kind
                                   and outbox.vendor_key = suspect.vendor_key and outbox.closed_at is null
                                   and outbox.state in ('pending', 'claimed', 'unknown', 'held'))
                else not is_read
                     or not exists (select from delivery.ledger
                                     where ledger.account = %(account)s and ledger.pair = suspect.pair
                                       and ledger.object_id = suspect.object_id and ledger.row_id = suspect.row_id
                                       and not ledger.gone and ledger.hash is distinct from suspect.hash)
                     or exists (select from delivery.outbox
                                 where outbox.account = %(account)s and outbox.pair = suspect.pair
                                   and outbox.object_id = suspect.object_id
                                   and outbox.state in ('pending', 'claimed', 'unknown')) end
"""

# Why an object is left as it is; the first reason that holds.
_FIND = """
    create temporary table found on commit drop as
    with known as (
        select suspect.*, sent.person_id, sent.needs, sent.birth, coalesce(sent.sets_off, true) as sets_off,
               suspect.kind = %(contact_kind)s and suspect.seen is null and suspect.object_id is not null
                   and not exists (select from people.person
                                    where person.person_id = sent.person_id
                                      and person.email = any (%(strays)s)) as is_taken,
               case when suspect.object_id is null then 'extra'
                    when suspect.seen is null then 'missing'
                    else 'different' end as verdict,
               (select newest.state from delivery.outbox as newest
                 where newest.account = %(account)s and newest.pair = suspect.pair
                   and newest.object_id = suspect.object_id and newest.state <> 'superseded'
                 order by newest.row_id desc limit 1) as newest
          from reconcile.suspect
          left join delivery.outbox as sent on sent.row_id = suspect.row_id
         where suspect.pair = %(pair)s and suspect.kind = %(kind)s
    )
    select known.*,
           case when verdict = 'extra' then 'extra'
                when is_taken
                then case when count(*) filter (where is_taken) over () > %(at_most)s then 'many' else 'contact' end
                when kind <> %(contact_kind)s and exists (select from reconcile.finding as away
                              where away.run_id = %(run_id)s and away.kind = %(contact_kind)s
                                and away.verdict = 'missing' and away.healing is null
                                and away.person_id = known.person_id)
                     or verdict = 'missing' and newest = 'held'
                        and exists (select from people.person
                                      join consent.mirror
                                        on mirror.account = %(account)s and mirror.email = person.email
                                     where person.person_id = known.person_id and mirror.status = 'removed')
                then 'behind'
                when verdict = 'missing' and %(is_container)s then 'container'
                when newest in ('held', 'rejected') then 'troubled'
                when not %(heals)s then 'off'
                when count(*) over () > %(at_most)s then 'many'
                when sets_off and exists (select from reconcile.finding as before join delivery.ledger
                                              on ledger.account = %(account)s and ledger.pair = before.pair
                                             and ledger.object_id = before.object_id
                                           where before.pair = known.pair and before.kind = known.kind
                                             and before.vendor_key = known.vendor_key
                                             and before.run_id <> %(run_id)s and before.barred = 'planned'
                                             and ledger.delivered_at < before.seen_at) then 'stuck'
                when sets_off then 'planned' end as barred
      from known
"""

_HEAL = """
    create temporary table healing on commit drop as
    with queued as (
        insert into delivery.outbox
            (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, birth, hash, needs,
             priority, run_id, queued_at)
        select ledger.account, ledger.pair, ledger.kind, ledger.object_id, ledger.vendor_key, found.person_id, 'state',
               case found.verdict when 'missing' then 'create' else 'update' end, ledger.payload,
               case when found.kind = %(contact_kind)s then '{}' else coalesce(found.birth, '{}') end, ledger.hash,
               coalesce(found.needs, '{}'), %(priority)s, %(run_id)s, %(now)s
          from found
          join delivery.ledger
            on ledger.account = %(account)s and ledger.pair = found.pair and ledger.object_id = found.object_id
         where found.barred is null
         order by ledger.row_id
     returning row_id, object_id)
    select object_id, row_id from queued
"""

_CORRECT = """
    update delivery.ledger
       set payload = coalesce(found.seen, ledger.payload), hash = coalesce(found.hash, ledger.hash),
           gone = found.seen is null
      from found
     where (found.barred is null or found.barred = 'planned')
       and ledger.account = %(account)s and ledger.pair = found.pair and ledger.object_id = found.object_id
"""

# What stands for a source's record ends with that record's key, behind its kind and its account.
_DUE = """
    insert into road.due (pair, stream, key, reason, due_at)
    select distinct found.pair, accepted.stream, accepted.key, 'audit', %(now)s::timestamptz
      from found
      join people.accepted
        on accepted.pair = found.pair and accepted.key = substring(found.object_id from '^[^:]*:[^:]*:(.*)$')
     where found.barred = 'planned'
        on conflict (pair, stream, key, reason) do update set due_at = excluded.due_at
"""

# A run that is cleared keeps what its earlier try has put right.
_KEEP = """
    insert into reconcile.finding as kept
        (run_id, pair, kind, vendor_key, verdict, fields, seen_at, object_id, person_id, healing, barred)
    select %(run_id)s, found.pair, found.kind, found.vendor_key, found.verdict, found.fields, %(now)s, found.object_id,
           found.person_id, healing.row_id, found.barred
      from found left join healing using (object_id)
        on conflict (run_id, kind, vendor_key, verdict) do update
       set fields = excluded.fields, seen_at = excluded.seen_at, healing = coalesce(excluded.healing, kept.healing),
           barred = excluded.barred
"""

# Somebody took these contacts away: from now on their addresses count as ones that have left.
_REMOVED = """
    select consent.note_removed(%(account)s, array_agg(email), array_agg(vendor_key), 'audit', %(now)s)
      from (select distinct on (person.email) person.email, found.vendor_key
              from found join people.person using (person_id)
             where found.kind = %(contact_kind)s and found.barred = 'contact'
             order by person.email) as removed
    having count(*) > 0
"""

_COUNTS = "select verdict, count(*) from found group by verdict"
_WOULD = "select count(*) from found where barred is null or barred = 'planned'"
_DRY = "update found set barred = 'dry_run' where barred is null or barred = 'planned'"


def judge(
    connection: Connection[Any],
    audit: Audit,
    kind: str,
    now: datetime,
    *,
    is_container: bool,
    dry_run: bool,
    strays: Collection[str] = (),
) -> dict[str, int]:
    """Judge the suspects of a kind, queue what puts them right, and keep what was found.

    Args:
        connection: The transaction.
        audit: The audit.
        kind: The kind.
        now: The time (aware UTC).
        is_container: Whether objects of other kinds stand within those of this kind.
        dry_run: Whether nothing is put right, though it is said what would be.
        strays: Addresses of contacts that are missing under our key and are there all the same.

    Returns:
        `missing`, `extra`, `different`: how many; `healed`: how many of these are put right, or would be.
    """
    parameters = audit.parameters(kind=kind, now=now, is_container=is_container, strays=list(strays))
    for statement in (_PLAN_LOCK, _LOCK, _ACQUIT, _FIND):
        connection.execute(statement, parameters)
    would = connection.execute(_WOULD).fetchone()
    if dry_run:
        connection.execute(_DRY)
    for statement in (_HEAL, _CORRECT, _DUE, _KEEP):
        connection.execute(statement, parameters)
    if not dry_run:
        connection.execute(_REMOVED, parameters)
    counts = {"missing": 0, "extra": 0, "different": 0, "healed": int(would[0]) if would else 0}
    counts |= dict(connection.execute(_COUNTS).fetchall())
    return counts
