"""Source customers that say yes although one of their addresses has left, and which of the two is newer (CON-4).

A yes is certainly newer by the source's own time of consent, or of the record's birth, where that is further from the
leaving than clocks may be apart; or by what we saw ourselves, which needs no clock but ours: the source was seen to say
no after the leaving was known, or its yes was read after our own no was written there. Everything else is equal or
unknown, and the no counts.
"""

from __future__ import annotations

from typing import Any

from retail_sync.pairs.config import Pair

#: Begins a statement: `contested` has a row for each such customer, `newer` where its yes is the newer one.
CONTESTED = """
    with contested as (
        select customer.key, customer.person_id, min(record.status) as status, max(record.since) as since,
               max(record.known_at) as known_at, version.request_time as read_at,
               bool_and(coalesce(greatest(customer.opted_in_at, (version.doc ->> 'created_at')::timestamptz)
                                     > record.since + %(tolerance)s, false)
                        or coalesce(customer.last_no_at >= record.known_at, false)
                        or exists (select from delivery.outbox
                                    where outbox.account = %(source)s and outbox.vendor_key = customer.key
                                      and outbox.operation = 'opt_out' and outbox.state = 'delivered'
                                      and outbox.queued_at >= record.known_at
                                      and outbox.closed_at < version.request_time)) as newer
          from consent.record
          join people.address on address.pair = %(pair)s and address.email = record.email
          join people.customer on customer.person_id = address.person_id
          join stage.version using (version_id)
         where record.account = %(destination)s and record.is_out and record.status = any (%(goes_back)s)
           and customer.opted_in and not customer.anonymised
         group by customer.pair, customer.key, version.version_id)
"""


def parameters(pair: Pair) -> dict[str, Any]:
    """What the statements of this room are told of a pair."""
    rules = pair.consent
    return {
        "pair": pair.pair,
        "source": pair.source.account,
        "destination": pair.destination.account,
        "goes_back": rules.goes_back,
        "tolerance": rules.clock_tolerance,
        "settle": rules.settle_within,
    }
