"""Who is who: a person of a pair is a normalised address; customers and orders point at it.

The normal form is `model.email.normalise`'s; `people.email_of` is the same in SQL.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_PEOPLE = """
    with touched (stream, key) as (
        select 'customers', key from touched_customer
         union all
        select 'orders', key from touched_order)
    insert into people.person (pair, email, created_at)
    select distinct %(pair)s, people.email_of(version.doc), %(now)s
      from touched
      join people.accepted
        on accepted.pair = %(pair)s and accepted.stream = touched.stream and accepted.key = touched.key
      join stage.version using (version_id)
     where people.email_of(version.doc) is not null
       and not exists (select from people.person
                        where person.pair = %(pair)s and person.email = people.email_of(version.doc))
        on conflict (pair, email) do nothing
"""

# Whoever a customer or an order belonged to before is touched too: their facts shrink.
_FORMER_OWNERS = """
    insert into touched_person (person_id)
    select person_id from people.customer join touched_customer using (key) where pair = %(pair)s
     union
    select person_id from people.order_value join touched_order using (key) where pair = %(pair)s
        on conflict do nothing
"""

_CUSTOMERS = """
    insert into people.customer as kept
        (pair, key, person_id, version_id, registered, opted_in, opted_in_at, first_yes_at, last_no_at, updated_at,
         anonymised)
    select accepted.pair, accepted.key, person.person_id, accepted.version_id,
           coalesce((version.doc ->> 'registered')::boolean, true),
           (version.doc ->> 'opted_in')::boolean,
           (version.doc ->> 'opted_in_at')::timestamptz,
           case when (version.doc ->> 'opted_in')::boolean then %(now)s end,
           case when not (version.doc ->> 'opted_in')::boolean then %(now)s end,
           (version.doc ->> 'updated_at')::timestamptz,
           coalesce((version.doc ->> 'anonymised')::boolean, false)
      from touched_customer
      join people.accepted
        on accepted.pair = %(pair)s and accepted.stream = 'customers' and accepted.key = touched_customer.key
      join stage.version using (version_id)
      join people.person on person.pair = %(pair)s and person.email = people.email_of(version.doc)
        on conflict (pair, key) do update
       set person_id    = excluded.person_id,
           version_id   = excluded.version_id,
           registered   = excluded.registered,
           opted_in     = excluded.opted_in,
           opted_in_at  = excluded.opted_in_at,
           first_yes_at = case when excluded.opted_in then coalesce(kept.first_yes_at, excluded.first_yes_at) end,
           last_no_at   = coalesce(excluded.last_no_at, kept.last_no_at),
           opted_out_at = case when excluded.opted_in then null
                               when kept.opted_in and not excluded.opted_in then %(now)s
                               else kept.opted_out_at end,
           updated_at   = excluded.updated_at,
           anonymised   = excluded.anonymised
"""

_OWNERS = """
    insert into touched_person (person_id)
    select person_id from people.customer join touched_customer using (key) where pair = %(pair)s
        on conflict do nothing
"""


def identify(connection: Connection[Any], scope: Scope) -> None:
    """Make people of the addresses that a run touches, and point its customers at them."""
    for statement in (_PEOPLE, _FORMER_OWNERS, _CUSTOMERS, _OWNERS):
        connection.execute(statement, scope.parameters())
