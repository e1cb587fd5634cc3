"""Consent to be shown to people: how it stands with an address, and the proof of every opt-in that was acted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from retail_sync.db.database import Database
from retail_sync.model.email import normalise

_PROOFS = """
    select proof.email, proof.created_at, proof.created_as, proof.source, proof.record_key, proof.opted_in_at,
           proof.seen_at, case when mirror.opt_in_own then mirror.opt_in_at end as confirmed_at,
           case when mirror.opt_in_own then mirror.opt_in_ip end as confirmed_from, mirror.status
      from consent.proof
      left join consent.mirror using (account, email)
     where proof.pair = %s
     order by proof.created_at, proof.email
"""

_TURNS = """
    select at, account as "where",
           case when is_out then 'left: ' || status || ' since '
                || to_char(since at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
                || coalesce(' (' || reason || ')', '')
                when own_yes_at is null then status
                else 'came back by itself at ' || to_char(own_yes_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
                || ' UTC' end as what
      from consent.history
     where email = %(email)s
     union all
    select seen_at, account, 'the contact is ' || status || coalesce(
               '; subscribed ' || case when opt_in_own then 'by its own hand' else 'by somebody else' end || ' at '
               || to_char(opt_in_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
               || coalesce(' from ' || opt_in_ip, '') || coalesce(' via ' || opt_in_via, ''), '')
      from consent.mirror
     where email = %(email)s
     union all
    select created_at, account, 'created as ' || created_as || ' on the word of customer ' || record_key || ' of '
           || source || ', seen at ' || to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
      from consent.proof
     where email = %(email)s
     union all
    select coalesce(customer.opted_out_at, customer.first_yes_at, customer.last_no_at, customer.updated_at),
           customer.pair, 'customer ' || customer.key || case when customer.opted_in then ' says yes to marketing'
                                               when customer.opted_in is null then ' says nothing of marketing'
                                               else ' says no to marketing' end
      from people.address
      join people.customer using (person_id)
     where address.email = %(email)s
     union all
    select audit.at, audit.account, 'opt-out of ' || replace(audit.kind, '_', ' ') || ': ' || audit.result
      from people.address
      join delivery.outbox using (person_id)
      join delivery.audit using (row_id)
     where address.email = %(email)s and outbox.operation = 'opt_out'
     order by 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where, when and by which record an opt-in was seen on whose word a contact was created.

    Attributes:
        created_as: The contact's first status: subscribed, or pending where it had to confirm.
        opted_in_at: When the customer said yes, where the source tells.
        seen_at: When the record was first read as saying yes.
        confirmed_at: When the contact said yes at the destination with its own hand, if it did; `confirmed_from` where.
        status: What the destination says of the contact now.
    """

    email: str
    created_at: datetime
    created_as: str
    source: str
    record_key: str
    opted_in_at: datetime | None
    seen_at: datetime
    confirmed_at: datetime | None
    confirmed_from: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that is known of an address's consent."""

    at: datetime
    where: str
    what: str


def proofs(database: Database, pair: str) -> list[Proof]:
    """The proof of every contact that a pair has created as subscribed, the oldest first."""
    with database.connection() as connection, connection.cursor(row_factory=class_row(Proof)) as cursor:
        return cursor.execute(_PROOFS, (pair,)).fetchall()


def status(database: Database, address: str) -> list[Turn]:
    """Everything that is known of an address's consent, in the order of time; empty where nothing is."""
    with database.connection() as connection, connection.cursor(row_factory=class_row(Turn)) as cursor:
        return cursor.execute(_TURNS, {"email": normalise(address)}).fetchall()
