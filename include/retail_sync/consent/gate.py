"""The gate before a contact is created: looked up at the destination, and checked against the permanent record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Clock, Destination

from . import mirror

_ADDRESSES = """
    select outbox.row_id, person.email
      from delivery.outbox
      join people.person using (person_id)
     where row_id = any (%s)
"""

# Between plan and load somebody left: the row was rendered as an opt-in, so it is planned again without one.
_PLAN_AGAIN = """
    with stale as (
        update delivery.outbox
           set state = 'superseded', code = 'consent', words = 'left before it was created',
               closed_at = %(now)s
          from people.person, consent.record
         where outbox.row_id = any (%(rows)s) and outbox.evidence is not null
           and person.person_id = outbox.person_id
           and record.account = outbox.account and record.email = person.email and record.is_out
     returning outbox.row_id, outbox.pair, outbox.person_id),
    due as (
        insert into road.due (pair, stream, key, reason, due_at)
        select stale.pair, 'customers', customer.key, 'consent', %(now)s
          from stale join people.customer using (person_id)
            on conflict do nothing)
    select row_id from stale
"""


def contact_gate(
    database: Database, destination: Destination, account: str, clock: Clock
) -> Callable[[Sequence[Delivery]], tuple[list[Outcome], list[Delivery]]]:
    """Build the gate of a destination account.

    It answers `exists` for contacts that are already there, whatever their status, so that they are updated without
    one; it takes out those that have left since they were planned; and gives back the rest to be created.
    """

    def gate(rows: Sequence[Delivery]) -> tuple[list[Outcome], list[Delivery]]:
        with database.connection() as connection:
            addresses = dict(connection.execute(_ADDRESSES, ([row.row_id for row in rows],)).fetchall())
        found = {contact.vendor_key: contact for contact in destination.lookup(list(addresses.values()))}
        with database.connection() as connection:
            mirror.remember(connection, account, found.values(), clock())
            stale = _plan_again(connection, rows, clock)
        exists = [Outcome(row_id=row.row_id, verdict="exists") for row in rows if row.vendor_key in found]
        fresh = [row for row in rows if row.vendor_key not in found and row.row_id not in stale]
        return [outcome for outcome in exists if outcome.row_id not in stale], fresh

    return gate


def _plan_again(connection: Connection[Any], rows: Sequence[Delivery], clock: Clock) -> set[int]:
    born = [row.row_id for row in rows]
    return {row_id for (row_id,) in connection.execute(_PLAN_AGAIN, {"rows": born, "now": clock()})}
