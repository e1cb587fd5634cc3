"""The gate before a contact is created: looked up at the destination, and checked against the permanent record.

A creation touches nobody who is there: an address that has become a contact comes back as `exists`, whatever its
status. What that may leave open are contacts that were archived, and those who left under another of their addresses;
for these the gate looks itself. A few addresses are looked up one by one right before they are created. Looking up a
hundred thousand would take far longer than creating them, so for many the contacts are read whole, archived ones
included, and from then on what changed of them, never more than some minutes before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Lock
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Clock, Destination

from . import mirror

#: So many addresses of one batch are looked up one by one.
FEW = 100
#: How old the reading of contacts may be that stands in for a look-up.
CURRENT = timedelta(minutes=5)

Gate = Callable[[Sequence[Delivery]], tuple[list[Outcome], list[Delivery]]]

_ADDRESSES = """
    select distinct email from delivery.outbox join people.address using (person_id) where row_id = any (%s)
"""

_THERE = """
    select vendor_key from consent.mirror where account = %s and vendor_key = any (%s) and status <> 'removed'
"""

# Between plan and load somebody left, here or at the source: the row was rendered as an opt-in, so it is planned again.
_PLAN_AGAIN = """
    with stale as (
        update delivery.outbox
           set state = 'superseded', code = 'consent', words = 'left before it was created',
               closed_at = %(now)s
         where row_id = any (%(rows)s) and evidence is not null
           and (exists (select from people.address
                          join people.person using (person_id)
                          join consent.record on record.account = outbox.account and record.email = address.email
                         where address.person_id = outbox.person_id and record.is_out
                           and consent.bars(record.email, record.status, person.email))
                or exists (select from people.customer
                            where customer.person_id = outbox.person_id and customer.opted_out_at is not null))
     returning outbox.row_id, outbox.pair, outbox.person_id),
    due as (
        insert into road.due (pair, stream, key, reason, due_at)
        select stale.pair, 'customers', customer.key, 'consent', %(now)s
          from stale join people.customer using (person_id)
            on conflict do nothing)
    select row_id from stale
"""

# Written before anything is sent: should no answer come, it is still known that whoever is there next is ours.
_NEW = "update delivery.outbox set was_new = true where row_id = any (%s) and evidence is not null"


def contact_gate(database: Database, destination: Destination, account: str, clock: Clock) -> Gate:
    """Build the gate of a destination account.

    It answers `exists` for contacts that are already there, whatever their status, so that they are updated without
    one; of the others it takes out those who have left since they were planned; and gives back the rest to be created.
    """
    reading = Lock()

    def look_up(rows: Sequence[Delivery]) -> None:
        with database.connection() as connection:
            emails = [email for (email,) in connection.execute(_ADDRESSES, ([row.row_id for row in rows],))]
        found = list(destination.lookup(emails))
        with database.connection() as connection:
            mirror.remember(connection, account, found, clock())

    def read_changes() -> None:
        with reading:
            with database.connection() as connection:
                current = mirror.is_current(connection, account, clock() - CURRENT)
            if not current:
                mirror.refresh(database, destination, account, clock)

    def gate(rows: Sequence[Delivery]) -> tuple[list[Outcome], list[Delivery]]:
        if len(rows) <= FEW:
            look_up(rows)
        else:
            read_changes()
        with database.connection() as connection:
            there = _there(connection, account, rows)
            new = [row for row in rows if row.vendor_key not in there]
            stale = _plan_again(connection, new, clock)
            creatable = [row for row in new if row.row_id not in stale]
            connection.execute(_NEW, ([row.row_id for row in creatable],))
        exists = [Outcome(row_id=row.row_id, verdict="exists") for row in rows if row.vendor_key in there]
        return exists, creatable

    return gate


def _there(connection: Connection[Any], account: str, rows: Sequence[Delivery]) -> set[str]:
    return {key for (key,) in connection.execute(_THERE, (account, [row.vendor_key for row in rows]))}


def _plan_again(connection: Connection[Any], rows: Sequence[Delivery], clock: Clock) -> set[int]:
    born = [row.row_id for row in rows]
    return {row_id for (row_id,) in connection.execute(_PLAN_AGAIN, {"rows": born, "now": clock()})}
