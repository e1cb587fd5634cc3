"""The way back: whoever left at the destination is written as opted out at the source, in every record they have.

A yes that the source is known to have taken after the leaving is newer and is not overwritten (CON-4). Where nobody
knows which came first, the more restrictive counts.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

_TO_WRITE = """
    select customer.key, customer.person_id
      from consent.record
      join people.person on person.pair = %(pair)s and person.email = record.email
      join people.customer on customer.person_id = person.person_id
     where record.account = %(destination)s and record.is_out and record.status in ('unsubscribed', 'cleaned')
       and customer.opted_in and not customer.anonymised
       and not coalesce(coalesce(customer.opted_in_at, customer.last_no_at) > record.since, false)
       and not exists (select from delivery.outbox
                        where outbox.account = %(account)s and outbox.object_id = %(prefix)s || customer.key
                          and outbox.operation = 'opt_out'
                          and (outbox.state in ('pending', 'claimed', 'held', 'unknown', 'rejected')
                               or outbox.state = 'delivered' and outbox.closed_at >= customer.updated_at))
     order by customer.key
"""

_QUEUE = """
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, hash, priority, run_id,
         queued_at)
    select %(account)s, %(pair)s, given.kind, given.object_id, given.vendor_key, given.person_id, 'step', 'opt_out',
           given.payload, given.hash, 0, %(run_id)s, %(now)s
      from unnest(%(kinds)s::text[], %(objects)s::text[], %(keys)s::text[], %(people)s::bigint[],
                  %(payloads)s::jsonb[], %(hashes)s::bytea[])
        as given(kind, object_id, vendor_key, person_id, payload, hash)
"""


def to_write_back(connection: Connection[Any], parameters: dict[str, Any], prefix: str) -> list[tuple[str, int]]:
    """The source customers that still say yes although their address has left, as (customer key, person id)."""
    return connection.execute(_TO_WRITE, {**parameters, "prefix": prefix}).fetchall()


def queue(connection: Connection[Any], parameters: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    """Queue opt-outs for the source; `rows` hold kind, object_id, vendor_key, person_id, payload (JSON) and hash."""
    columns = {"kinds": "kind", "objects": "object_id", "keys": "vendor_key", "people": "person_id"}
    bound = {name: [row[column] for row in rows] for name, column in columns.items()}
    bound |= {"payloads": [row["payload"] for row in rows], "hashes": [row["hash"] for row in rows]}
    return connection.execute(_QUEUE, {**parameters, **bound}).rowcount
