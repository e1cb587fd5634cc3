"""What is meant by what was asked: an address, an order, a product or SKU, a parcel; as tables of one transaction.

`asked`: persons, and `key` where only one order of theirs is meant. `asked_record`: records of sources. `asked_object`:
what stands for them at destinations. `asked_email`: every address of those persons.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

_SUBJECT = """
    create temporary table asked on commit drop as
    select pair, person_id, null::text as key from people.address where email = %(email)s
     union
    select pair, person_id, value.key from people.order_value as value where value.number = any (%(numbers)s)
"""

_EMAILS = """
    create temporary table asked_email on commit drop as
    select %(email)s::text as email where %(email)s::text is not null
     union
    select email from asked join people.address using (pair, person_id)
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
            and (people.email_of(doc) = %(email)s or (stream = 'orders' and doc ->> 'number' = any (%(numbers)s))))
"""

_PRODUCTS = """
    insert into asked_record (account, stream, key, number)
    select account, stream, key, doc ->> 'number'
      from stage.current join stage.version using (account, stream, key, version_id)
     where stream = 'products'
       and (key = %(text)s or doc ->> 'number' = %(text)s
            or doc @> jsonb_build_object('variants', jsonb_build_array(jsonb_build_object('sku', %(text)s::text))))
"""

# A parcel is named by its own number or by that which its carrier gave it.
_PARCELS = """
    select distinct doc ->> 'number'
      from stage.current join stage.version using (account, stream, key, version_id)
     where stream = 'orders'
       and (doc @> jsonb_build_object('shipments', jsonb_build_array(jsonb_build_object('number', %(text)s::text)))
            or doc @> jsonb_build_object(
                   'shipments', jsonb_build_array(jsonb_build_object('tracking_number', %(text)s::text))))
"""

_OBJECTS = """
    create temporary table asked_object on commit drop as
    select distinct account, pair, kind, object_id, record
      from (select outbox.account, outbox.pair, outbox.kind, outbox.object_id,
                   exceptions.record_name(outbox.pair, source.account, outbox.kind, outbox.object_id, outbox.person_id)
                       as record
              from asked
              join delivery.outbox using (pair, person_id)
             cross join lateral (select coalesce(min(account), '') as account from asked_record) as source
             where asked.key is null or object_id like '%:' || asked.key
             union all
            select outbox.account, outbox.pair, outbox.kind, outbox.object_id, 'product ' || asked_record.key
              from asked_record
              join delivery.outbox
                on outbox.object_id = 'product:' || asked_record.account || ':' || asked_record.key
             where asked_record.stream = 'products') as found
"""


def find(connection: Connection[Any], email: str | None, text: str) -> None:
    """Make the tables of what is meant.

    Args:
        connection: The transaction.
        email: The address in normal form, or None where none was asked for.
        text: Else what was asked: an order's number, a product's key, number or SKU, a parcel's number.
    """
    numbers = [] if email else [text]
    _find(connection, email, numbers)
    if email or not text:
        _objects(connection)
        return
    connection.execute(_PRODUCTS, {"text": text})
    if _is_empty(connection) and (found := [number for (number,) in connection.execute(_PARCELS, {"text": text})]):
        connection.execute("drop table asked, asked_email, asked_record")
        _find(connection, None, found)
    _objects(connection)


def _find(connection: Connection[Any], email: str | None, numbers: list[str]) -> None:
    for statement in (_SUBJECT, _EMAILS, _RECORDS):
        connection.execute(statement, {"email": email, "numbers": numbers})


def _objects(connection: Connection[Any]) -> None:
    connection.execute(_OBJECTS)


def _is_empty(connection: Connection[Any]) -> bool:
    return connection.execute("select from asked_record limit 1").fetchone() is None
