"""Who is to be unsubscribed at the destination.

Whoever has opted out at the source, whoever is back without a yes that can be shown, and whoever has left and may still
be written to under the same address. These are the only statuses that are ever written to a contact that is there, and
only ever the one.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from retail_sync.pairs.config import Pair

#: Ways of leaving after which somebody who is simply subscribed again is a fault; an archived one may be brought back.
LEFT = ("unsubscribed", "cleaned", "compliance", "forgotten", "removed")

# A no that only echoes ours is none of the source's: we wrote one after its last yes was read. A yes by the contact's
# own hand at the destination that is certainly newer than the no stands.
SOURCE_NOES = """
    select mirror.vendor_key, customer.person_id, mirror.seen_at, customer.key, customer.opted_out_at
      from people.customer
      join people.address using (person_id)
      join consent.mirror on mirror.account = %(destination)s and mirror.email = address.email
     where customer.pair = %(pair)s and customer.opted_out_at is not null and customer.opted_in is false
       and not customer.anonymised and mirror.status in ('subscribed', 'pending')
       and not coalesce(mirror.opt_in_own and mirror.opt_in_at > customer.opted_out_at + %(tolerance)s, false)
       and not exists (select from delivery.outbox
                        where outbox.account = %(source)s and outbox.vendor_key = customer.key
                          and outbox.operation = 'opt_out' and outbox.state in ('delivered', 'claimed', 'unknown')
                          and outbox.queued_at >= customer.last_yes_at)
"""

# Of an audience that several pairs share, each answers for its own people and for those whom no pair knows.
RESUBSCRIBED = """
    select back.vendor_key, address.person_id, back.seen_at, back.since, back.status
      from (select mirror.vendor_key, mirror.email, mirror.seen_at, record.since, record.status
              from consent.record
              join consent.mirror using (account, email)
             where record.account = %(destination)s and record.is_out and record.status = any (%(left)s)
               and mirror.status = 'subscribed'
            offset 0) as back
      left join people.address on address.pair = %(pair)s and address.email = back.email
     where address.person_id is not null
        or not exists (select from people.address as known where known.email = back.email)
"""

# Who left, while something else that the destination keeps under the address may still be written to.
HALF_LEFT = """
    select mirror.vendor_key, address.person_id, mirror.seen_at, record.since
      from consent.mirror
      join consent.record using (account, email)
      join people.address on address.pair = %(pair)s and address.email = mirror.email
     where mirror.account = %(destination)s and mirror.still_in and mirror.status = 'unsubscribed' and record.is_out
"""

_TO_UNSUBSCRIBE = """
    select distinct on (vendor_key) vendor_key, person_id
      from ({who}) as who
     where not exists (select from delivery.outbox
                        where outbox.account = %(destination)s and outbox.vendor_key = who.vendor_key
                          and outbox.operation = 'opt_out'
                          and (outbox.state in ('pending', 'claimed', 'held', 'unknown')
                               or outbox.state in ('delivered', 'rejected')
                                  and outbox.closed_at >= least(who.seen_at, %(now)s::timestamptz - %(settle)s)))
     order by vendor_key
"""


def reverts(pair: Pair, *, shows_own_opt_in: bool) -> bool:
    """Whether those who are subscribed again without a sign of their own are unsubscribed.

    Only where the destination shows such signs: else that would undo what contacts have said by its own forms.
    """
    return shows_own_opt_in and pair.consent.resubscribed == "revert"


def to_unsubscribe(connection: Connection[Any], parameters: dict[str, Any], who: str) -> list[tuple[str, int | None]]:
    """The contacts to unsubscribe, as (the destination's key, person id).

    Args:
        connection: The transaction.
        parameters: Those of `contested.parameters`, with `now`.
        who: `SOURCE_NOES`, `RESUBSCRIBED` or `HALF_LEFT`.
    """
    statement = _TO_UNSUBSCRIBE.format(who=who)
    return connection.execute(statement, parameters | {"left": list(LEFT)}).fetchall()
