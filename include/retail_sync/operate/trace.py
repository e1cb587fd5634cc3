"""The whole way of a record, by address, order, product or parcel: read, judged, sent, answered, found, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.email import normalise

from .changes import changes
from .traced_records import find

_UTC = "to_char({} at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"
_NAME = "exceptions.source_name(stream, key, number)"

# By step: when, where, which record, what; of a write also what stood there before and after it.
_STEPS = {
    "linked": """
        select person.created_at, person.pair, 'person ' || person_id,
               'addresses: ' || addresses.number || ', customer records: ' || customers.number || ', orders: '
                   || orders.number
          from (select distinct pair, person_id from asked) as whom
          join people.person using (pair, person_id)
         cross join lateral (select count(*) as number from people.address
                              where address.person_id = whom.person_id) as addresses
         cross join lateral (select count(*) as number from people.customer
                              where customer.person_id = whom.person_id) as customers
         cross join lateral (select count(*) as number from people.order_value as value
                              where value.person_id = whom.person_id) as orders
    """,
    "facts": """
        select coalesce(run.closed_at, run.opened_at), person.pair, 'person ' || person_id,
               'lifetime value ' || (facts ->> 'lifetime_value') || ' ' || (facts ->> 'currency') || ' from '
                   || (facts ->> 'order_count') || ' orders, buyer ' || (facts ->> 'buyer_state')
          from (select distinct pair, person_id from asked where key is null) as whom
          join people.person using (pair, person_id)
          join people.fact using (person_id)
          join road.run using (run_id)
    """,
    "read": f"""
        select version.staged_at, account, {_NAME},
               'as it was at ' || to_char(version.source_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
                   || case when version.version_id = current.version_id then '' else ', since replaced' end
                   || case version.lane when 'history' then ', by a history' else '' end
          from asked_record
          join stage.version using (account, stream, key)
          join stage.current using (account, stream, key)
    """,  # noqa: S608 - constants
    "seen": f"""
        select run.opened_at, account, {_NAME},
               'read by run ' || run_id || case when times > 1 then ', ' || times || ' times' else '' end
          from asked_record
         cross join lateral (
               select run.run_id, run.opened_at, key_read.times
                 from road.key_read join road.run using (run_id)
                where key_read.stream = asked_record.stream and key_read.key = asked_record.key
                order by run.opened_at desc
                limit 5) as run
    """,  # noqa: S608 - constants
    "judged": f"""
        select coalesce(step.started_at, run.opened_at), run.pair, {_NAME},
               rule || ': ' || effect || coalesce(' (' || detail || ')', '')
          from asked_record
          join quality.verdict using (stream, key)
          join road.run using (run_id)
          left join road.step on step.run_id = run.run_id and step.step = 'validate'
    """,  # noqa: S608 - constants
    "set aside": f"""
        select aside.opened_at, aside.pair, {_NAME},
               'under rule ' || rule || case when released_at is null then ', still'
                                             else ', released by ' || coalesce(released_by, 'itself') || ' at '
                                                  || {_UTC.format("released_at")} end
          from asked_record
          join quality.quarantine as aside using (account, stream, key)
    """,  # noqa: S608 - constants
    "planned": f"""
        select coalesce(step.started_at, run.opened_at), accepted.pair, {_NAME},
               case when excluded then 'kept out of the destination' else 'accepted' end
          from asked_record
          join people.accepted using (stream, key)
          join road.run using (run_id, pair)
          left join road.step on step.run_id = run.run_id and step.step = 'plan'
    """,  # noqa: S608 - constants
    "queued": """
        select outbox.queued_at, outbox.pair, record,
               operation || ' of the ' || replace(kind, '_', ' ') || coalesce(' (step ' || nullif(step, '') || ')', '')
                   || ', now ' || state || coalesce(': ' || nullif(words, ''), '')
          from asked_object
          join delivery.outbox using (account, pair, kind, object_id)
         order by row_id
    """,
    "answered": """
        select audit.at, audit.pair, record,
               audit.operation || ' of the ' || replace(audit.kind, '_', ' ')
                   || coalesce(' (step ' || nullif(outbox.step, '') || ')', '') || ': ' || result
                   || coalesce(' ' || nullif(audit.words, ''), ''),
               audit.old, audit.new
          from asked_object
          join delivery.audit using (account, pair, kind, object_id)
          left join delivery.outbox on outbox.row_id = audit.row_id
         order by audit_id
    """,
    "found": """
        select finding.seen_at, finding.pair, record,
               finding.verdict || ' at the destination'
                   || coalesce(': ' || nullif(array_to_string(finding.fields, ', '), ''), '')
                   || case when finding.healing is not null then ', put right'
                           when finding.barred = 'planned' then ', planned again' else '' end
          from asked_object
          join delivery.ledger using (account, pair, kind, object_id)
          join reconcile.finding
            on finding.pair = ledger.pair and finding.kind = ledger.kind and finding.vendor_key = ledger.vendor_key
    """,
    "consent": f"""
        select customer.updated_at, customer.pair, 'customer ' || customer.key,
               case when opted_in then 'says yes to marketing' when opted_in is null then 'says nothing of marketing'
                    else 'says no to marketing' end
          from asked
          join people.customer using (pair, person_id)
         union all
        select history.at, history.account, 'contact', status || case when is_out
               then ', left at ' || {_UTC.format("since")} else '' end
          from consent.history join asked_email using (email)
         union all
        select proof.created_at, proof.account, 'contact', 'created as subscribed: customer ' || record_key || ' of '
               || source || ' said yes, seen at ' || {_UTC.format("seen_at")}
          from consent.proof join asked_email using (email)
    """,  # noqa: S608 - constants
    "decided": f"""
        select at, pair, record, what || ' by ' || who || ': ' || because
          from ops.act
         where record in (select record from asked_object
                           union
                          select {_NAME} from asked_record)
         union
        select act.at, act.pair, asked_object.record, 'plan of run ' || outbox.run_id || ': ' || act.what || ' by '
               || act.who || ': ' || act.because
          from asked_object
          join delivery.outbox using (account, pair, kind, object_id)
          join ops.act
            on act.pair = outbox.pair and act.record = 'run ' || outbox.run_id and act.what in ('approve', 'reject')
         union
        select change.at, change.pair, 'contact',
               'alias ' || action || ' by ' || said_by || coalesce(': ' || because, '')
          from people.alias_change as change
         where change.said_by is not null
           and exists (select from asked_email where email in (change.alias, change.stands_for))
    """,  # noqa: S608 - constants
    "exception": f"""
        select opened_at, pair, record,
               cause || ' Owner: ' || owner || '. ' || next_step
                   || coalesce(' Escalated to ' || escalated_to || ' at ' || {_UTC.format("escalated_at")} || '.', '')
                   || coalesce(' Closed at ' || {_UTC.format("closed_at")} || ', ' || closed_by || '.', '')
          from exceptions.entry
         where record in (select record from asked_object
                           union
                          select {_NAME} from asked_record)
    """,  # noqa: S608 - constants
}

#: What belongs together, in the order in which it is shown.
SECTIONS = {
    "Person": ("linked", "facts"),
    "Read and judged": ("read", "seen", "judged", "set aside", "planned"),
    "Sent": ("queued", "answered"),
    "Consent": ("consent",),
    "Found at the destination": ("found",),
    "Exceptions and decisions": ("exception", "decided"),
}


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that happened to a record.

    Attributes:
        step: One of those of `SECTIONS`, such as `read`, `judged`, `queued`, `answered`.
        where: The pair, or the account for what pairs share.
        subject: The record as people call it, such as `order 10231`. Never an address.
    """

    at: datetime
    step: str
    where: str
    subject: str
    what: str


def trace(database: Database, asked: str) -> list[Trace]:
    """Everything that is known of what was asked for, in the order of time; empty where nothing is.

    Nothing of it shows an address or what else tells who somebody is; of what was changed, figures show.

    Args:
        database: The product's database.
        asked: An address, an order's number, a product's key, number or SKU, or a parcel's number.
    """
    text = asked.strip()
    email = normalise(asked) if "@" in asked else None
    with database.connection() as connection:
        find(connection, email, text)
        found = list(_found(connection))
    return sorted(found, key=lambda item: item.at)


def _found(connection: Connection[Any]) -> Iterator[Trace]:
    for step, statement in _STEPS.items():
        for at, where, subject, what, *documents in connection.execute(statement):
            yield Trace(at, step, where, subject, what + _told(*documents))


def _told(*documents: Any) -> str:
    """What changed from one document to the next, if there are two."""
    found = list(changes(*documents)) if documents and all(documents) else []
    return f" (changed: {'; '.join(found)})" if found else ""
