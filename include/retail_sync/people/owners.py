"""Whose every touched record and order is: addresses become people, and people who changed theirs stay who they are."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

# An order is its account's where its address is one that the account has or had, or that of a record which has become
# the account, or where the pair says so; likewise that of a record that has become another. Else it goes with the
# account that has left its address since, if one has.
_ORDERS = """
    create temporary table order_address on commit drop as
    select order_doc.key, order_doc.email, order_doc.placed_at, former.person_id as former_id,
           case when record.is_there and (record.registered or record.merged or record.anonymised
                                          or order_doc.email is distinct from record.email) then record.address
                else coalesce(successor.address, alias.stands_for, order_doc.email) end as address
      from order_doc
      left join people.order_value as former on former.pair = %(pair)s and former.key = order_doc.key
      left join record_owner as touched on touched.key = order_doc.customer_key
      left join people.customer as known
        on known.pair = %(pair)s and known.key = order_doc.customer_key and touched.key is null
       and known.key <> all (%(anonymous)s)
      left join people.person as holder on holder.person_id = known.person_id
      left join lateral (
           select found.*, true as is_there
             from (select coalesce(touched.email, known.email) as email,
                          coalesce(touched.address, holder.email) as address,
                          coalesce(touched.registered, known.registered) as registered,
                          coalesce(touched.merged, known.merged) as merged,
                          coalesce(touched.anonymised, known.anonymised) as anonymised) as found
            where found.address is not null
              and (order_doc.email is null or order_doc.email = found.email or found.anonymised
                   or found.registered and %(by_account)s
                   or exists (select from people.former_address as had
                               where had.pair = %(pair)s and had.key = order_doc.customer_key
                                 and had.email = order_doc.email)
                   or exists (select from record_owner as became
                               where became.merged and became.email = order_doc.email
                                 and became.address = found.address)
                   or exists (select from people.customer as became
                                join people.person using (person_id)
                               where became.pair = %(pair)s and became.merged and became.email = order_doc.email
                                 and person.email = found.address))) as record on true
      left join lateral (
           select left_behind.address
             from left_behind
            where left_behind.email = order_doc.email and left_behind.until > order_doc.placed_at
            order by left_behind.until
            limit 1) as successor on true
      left join people.alias_in_force as alias on alias.pair = %(pair)s and alias.alias = order_doc.email
"""

_LEAVERS = """
    create temporary table leaver on commit drop as
    select former_id, record_owner.address, true as is_record, registered, updated_at as at, key
      from record_owner join people.person on person.person_id = former_id
     where person.email <> record_owner.address
     union all
    select former_id, order_address.address, false, false, placed_at, key
      from order_address join people.person on person.person_id = former_id
     where person.email <> order_address.address
"""

# Whom everything leaves for an address that is nobody's yet has changed its address, and stays who it is: who comes to
# the old one is somebody else. Of several who leave for the same one, the one that was known first.
_RENAME = """
    update people.person
       set email = renamed.address
      from (select distinct on (address) former_id, address
              from (select distinct on (former_id) former_id, address
                      from leaver
                     order by former_id, is_record desc, registered desc, at desc, key) as foremost
              join people.person as leaving on leaving.person_id = former_id
             where not exists (select from people.person as there
                                where there.pair = %(pair)s and there.email = foremost.address)
               and not exists (select from record_owner as staying
                                where staying.former_id = leaving.person_id and staying.address = leaving.email)
               and not exists (select from order_address as staying
                                where staying.former_id = leaving.person_id and staying.address = leaving.email)
               and not exists (select from people.customer as staying
                                where staying.person_id = former_id
                                  and not exists (select from record_owner where record_owner.key = staying.key))
               and not exists (select from people.order_value as staying
                                where staying.person_id = former_id
                                  and not exists (select from order_address where order_address.key = staying.key))
             order by address, former_id) as renamed
     where person.person_id = renamed.former_id
"""

_PEOPLE = """
    insert into people.person (pair, email, created_at)
    select %(pair)s, address, %(now)s
      from (select address from order_address union select address from record_owner) as found
     where address is not null
       and not exists (select from people.person where person.pair = %(pair)s and person.email = found.address)
        on conflict (pair, email) do nothing
"""

_ORDER_OWNERS = """
    create temporary table order_owner on commit drop as
    select order_address.key, order_address.email, person.person_id, former_id
      from order_address
      join people.person on person.pair = %(pair)s and person.email = order_address.address
"""

_CUSTOMERS = """
    insert into people.customer as kept
        (pair, key, person_id, email, merged, version_id, registered, opted_in, opted_in_at, first_yes_at, last_yes_at,
         last_no_at, updated_at, anonymised, came_late)
    select %(pair)s, record_owner.key, person.person_id, record_owner.email, merged, version_id, registered,
           (version.doc ->> 'opted_in')::boolean,
           (version.doc ->> 'opted_in_at')::timestamptz,
           case when (version.doc ->> 'opted_in')::boolean then %(now)s end,
           case when (version.doc ->> 'opted_in')::boolean then version.request_time end,
           case when not (version.doc ->> 'opted_in')::boolean then version.request_time end,
           updated_at, anonymised,
           record_owner.former_id is null and (version.doc ->> 'created_at')::timestamptz < person.created_at
      from record_owner
      join stage.version using (version_id)
      join people.person on person.pair = %(pair)s and person.email = record_owner.address
        on conflict (pair, key) do update
       set person_id    = excluded.person_id,
           email        = excluded.email,
           merged       = excluded.merged,
           version_id   = excluded.version_id,
           registered   = excluded.registered,
           opted_in     = excluded.opted_in,
           opted_in_at  = excluded.opted_in_at,
           first_yes_at = case when excluded.opted_in then coalesce(kept.first_yes_at, excluded.first_yes_at) end,
           last_yes_at  = coalesce(excluded.last_yes_at, kept.last_yes_at),
           last_no_at   = coalesce(excluded.last_no_at, kept.last_no_at),
           opted_out_at = case when excluded.opted_in then null
                               when kept.opted_in and not excluded.opted_in then %(now)s
                               else kept.opted_out_at end,
           updated_at   = excluded.updated_at,
           anonymised   = excluded.anonymised
"""

# A customer that the pair file calls anonymous by now is nobody's record.
_NOBODY = """
    with nobody as (
        delete from people.customer where pair = %(pair)s and key = any (%(anonymous)s) returning person_id)
    insert into touched_person (person_id) select person_id from nobody on conflict do nothing
"""

# Whoever a record or an order belonged to before is touched too: their facts shrink.
_TOUCH = """
    insert into touched_person (person_id)
    select person_id from people.customer join record_owner using (key) where pair = %(pair)s
     union
    select former_id from record_owner where former_id is not null
     union
    select person_id from order_owner
     union
    select former_id from order_owner where former_id is not null
        on conflict do nothing
"""


def find_owners(connection: Connection[Any], scope: Scope) -> None:
    """Turn the addresses of touched records and orders into people.

    Makes `order_owner`, whose each touched order is and was, and `leaver`, what has left whom and for which address.
    """
    identity = scope.pair.identity
    parameters = scope.parameters(anonymous=identity.anonymous_customers, by_account=identity.order_email == "account")
    for statement in (
        _ORDERS,
        "analyze order_address (key, address)",
        _LEAVERS,
        _RENAME,
        _PEOPLE,
        _ORDER_OWNERS,
        _CUSTOMERS,
        _NOBODY,
        _TOUCH,
    ):
        connection.execute(statement, parameters)
