"""Addresses that a destination refuses for good: they count as ones that left, until their contact comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

_NOTE = """
    select consent.leave(%(account)s, array_agg(distinct email), status, 'delivery', %(now)s)
      from delivery.outbox
      join people.person using (person_id)
      join unnest(%(codes)s::text[], %(statuses)s::text[]) as barred (code, status) using (code)
     where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.state = 'rejected'
       and not exists (select from consent.record
                        where record.account = outbox.account and record.email = person.email and record.is_out)
       and not exists (select from consent.mirror
                        where mirror.account = outbox.account and mirror.email = person.email
                          and mirror.status in ('subscribed', 'pending', 'transactional'))
     group by status
"""

# What was refused for the sake of an address, or held since its contact was gone, is wanted anew once it is a contact
# again.
_REVIVE = """
    with back as (
        update delivery.outbox
           set state = 'superseded', closed_at = %(now)s
          from consent.mirror
         where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.operation <> 'opt_out'
           and (outbox.state = 'rejected' and outbox.code = any (%(codes)s)
                or outbox.state = 'held' and outbox.code = 'gone')
           and mirror.account = outbox.account and mirror.vendor_key = outbox.vendor_key
           and mirror.status in ('subscribed', 'pending', 'transactional')
     returning outbox.pair, outbox.person_id)
    insert into road.due (pair, stream, key, reason, due_at)
    select back.pair, known.stream, known.key, 'consent', %(now)s
      from back
     cross join lateral (
           select 'customers' as stream, key from people.customer where customer.person_id = back.person_id
            union all
           select 'orders', key from people.order_value where order_value.person_id = back.person_id) as known
        on conflict do nothing
"""


def note(connection: Connection[Any], pair: str, account: str, codes: Mapping[str, str], now: datetime) -> None:
    """Write into the permanent record who was refused for good, and plan those again who have come back.

    Args:
        connection: The transaction.
        pair: The pair.
        account: The destination's account.
        codes: Codes of such refusals, with the status that the record then has.
        now: The time (aware UTC).
    """
    parameters = {
        "pair": pair,
        "account": account,
        "codes": list(codes),
        "statuses": list(codes.values()),
        "now": now,
    }
    connection.execute(_NOTE, parameters)
    connection.execute(_REVIVE, parameters)
