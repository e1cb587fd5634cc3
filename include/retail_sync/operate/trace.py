"""The whole way of a record, by e-mail address or order number: read, judged, sent, answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.email import normalise

# Whose objects are meant: all of a person's where an address was asked for (`key` is null), else those of one order.
_SUBJECT = """
    create temporary table asked on commit drop as
    select pair, person_id, email, null::text as key from people.person where email = %(email)s
     union
    select pair, person_id, person.email, value.key
      from people.order_value as value join people.person using (pair, person_id)
     where value.number = %(number)s
"""

# Records that were accepted, and of those that were not the ones that are set aside or that no run has planned yet:
# only these have to be looked into for the address or the number.
_RECORDS = """
    create temporary table asked_record on commit drop as
    with cursors as (
        select account, stream, min(change_seq) as change_seq from stage.cursor group by 1, 2
    ), known as (
        select customer.version_id
          from asked join people.customer using (pair, person_id) where asked.key is null
         union
        select value.version_id
          from asked join people.order_value as value using (pair, person_id)
         where asked.key is null or asked.key = value.key
         union
        select back.version_id
          from asked
          join people.order_value as value using (pair, person_id)
          join people.return_of as back on back.pair = value.pair and back.order_number = value.number
         where asked.key is null or asked.key = value.key
    ), candidate as (
        select version_id from quality.quarantine where stream in ('orders', 'customers')
         union
        select current.version_id
          from stage.current left join cursors using (account, stream)
         where stream in ('orders', 'customers') and current.change_seq > coalesce(cursors.change_seq, 0)
    )
    select distinct account, stream, key, doc ->> 'number' as number
      from stage.version
     where version_id in (select version_id from known)
        or (version_id in (select version_id from candidate)
            and (people.email_of(doc) = %(email)s or (stream = 'orders' and doc ->> 'number' = %(number)s)))
"""

_ROWS = """
    create temporary table asked_row on commit drop as
    select outbox.row_id, outbox.account, outbox.object_id, outbox.pair,
           exceptions.record_name(outbox.pair, run_source.account, outbox.kind, outbox.object_id, outbox.person_id)
               as record
      from asked
      join delivery.outbox using (pair, person_id)
     cross join lateral (select coalesce(min(account), '') as account from asked_record) as run_source
     where asked.key is null or object_id like '%%:' || asked.key
"""

_STEPS = {
    "read": """
        select version.staged_at, account, exceptions.source_name(stream, key, number),
               'as it was at ' || to_char(version.source_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
          from asked_record
          join stage.version using (account, stream, key)
    """,
    "judged": """
        select coalesce(step.started_at, run.opened_at), run.pair, exceptions.source_name(stream, key, number),
               rule || ': ' || effect || coalesce(' (' || detail || ')', '')
          from asked_record
          join quality.verdict using (stream, key)
          join road.run using (run_id)
          left join road.step on step.run_id = run.run_id and step.step = 'validate'
    """,
    "planned": """
        select coalesce(step.started_at, run.opened_at), accepted.pair, exceptions.source_name(stream, key, number),
               case when excluded then 'kept out of the destination' else 'accepted' end
          from asked_record
          join people.accepted using (stream, key)
          join road.run using (run_id, pair)
          left join road.step on step.run_id = run.run_id and step.step = 'plan'
    """,
    "queued": """
        select outbox.queued_at, outbox.pair, record,
               operation || ' of the ' || replace(kind, '_', ' ') || ', now ' || state
                   || coalesce(': ' || nullif(words, ''), '')
          from asked_row
          join delivery.outbox using (row_id)
         order by row_id
    """,
    "answered": """
        select audit.at, audit.pair, record,
               operation || ' of the ' || replace(kind, '_', ' ') || ': ' || result
                   || coalesce(' ' || nullif(words, ''), '')
                   || coalesce(' (changed: ' || changed.names || ')', '')
          from (select account, object_id, pair, min(record) as record from asked_row group by 1, 2, 3) as object
          join delivery.audit using (account, object_id, pair)
          left join lateral (
               select string_agg(name, ', ' order by name) as names
                 from jsonb_object_keys(audit.old || audit.new) as name
                where audit.old -> name is distinct from audit.new -> name) as changed on true
         order by audit_id
    """,
    "consent": """
        select customer.updated_at, customer.pair, 'customer ' || customer.key,
               case when opted_in then 'says yes to marketing' when opted_in is null then 'says nothing of marketing'
                    else 'says no to marketing' end
          from asked
          join people.customer using (pair, person_id)
         union all
        select record.updated_at, record.account, 'contact', status || case when is_out
               then ', left at ' || to_char(since at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' else '' end
          from consent.record
         where email = %(email)s or email in (select email from asked)
         union all
        select proof.created_at, proof.account, 'contact', 'created as subscribed: customer ' || record_key || ' of '
               || source || ' said yes, seen at ' || to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
          from consent.proof
         where email = %(email)s or email in (select email from asked)
    """,
    "exception": """
        select opened_at, pair, record,
               cause || ' Owner: ' || owner || '. ' || next_step || coalesce(
                   ' Closed at ' || to_char(closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.', '')
          from exceptions.entry
         where record in (select record from asked_row
                           union
                          select exceptions.source_name(stream, key, number) from asked_record)
    """,
}


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that happened to a record.

    Attributes:
        step: `read`, `judged`, `planned`, `queued`, `answered`, `consent` or `exception`.
        where: The pair, or the account for what pairs share.
        subject: The record as people call it, such as `order 10231`. Never an address.
    """

    at: datetime
    step: str
    where: str
    subject: str
    what: str


def trace(database: Database, asked: str) -> list[Trace]:
    """Everything that is known of an address or an order number, in the order of time; empty where nothing is.

    Nothing of it shows an address or any other content of a record.
    """
    email = normalise(asked) if "@" in asked else None
    parameters = {"email": email, "number": None if email else asked.strip()}
    with database.connection() as connection:
        for statement in (_SUBJECT, _RECORDS, _ROWS):
            connection.execute(statement, parameters)
        found = list(_found(connection, parameters))
    return sorted(found, key=lambda item: item.at)


def _found(connection: Connection[Any], parameters: dict[str, Any]) -> Iterator[Trace]:
    for step, statement in _STEPS.items():
        for at, where, subject, what in connection.execute(statement, parameters):
            yield Trace(at, step, where, subject, what)
