"""Links: addresses that a person's records and orders carry beside the person's own. Consent goes by them, too."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_LINK = """
    insert into people.link (pair, email, person_id)
    select %(pair)s, found.email, found.person_id
      from (select order_owner.email, person_id
              from order_owner join people.person using (person_id)
             where order_owner.email <> person.email
             union
            select customer.email, customer.person_id
              from record_owner
              join people.customer on customer.pair = %(pair)s and customer.key = record_owner.key
              join people.person on person.person_id = customer.person_id
             where customer.email <> person.email
             union
            select former.email, customer.person_id
              from people.former_address as former
              join record_owner using (key)
              join people.customer on customer.pair = former.pair and customer.key = former.key
              join people.person on person.person_id = customer.person_id
             where former.pair = %(pair)s and former.email <> person.email) as found
        on conflict do nothing
"""

# What no record and no order of the person carries any more, and what has become the person's own.
_UNLINK = """
    delete from people.link
     using touched_person, people.person
     where link.person_id = touched_person.person_id and person.person_id = link.person_id
       and (link.email = person.email
            or not exists (select from people.customer
                            where customer.person_id = link.person_id and customer.email = link.email)
           and not exists (select from people.customer
                             join people.former_address as former using (pair, key)
                            where customer.person_id = link.person_id and former.email = link.email)
           and not exists (select from people.order_value as value
                             left join order_owner using (key)
                            where value.person_id = link.person_id and order_owner.key is null
                              and value.email = link.email)
           and not exists (select from order_owner
                            where order_owner.person_id = link.person_id and order_owner.email = link.email))
"""


def link(connection: Connection[Any], scope: Scope) -> None:
    """Bring the links of touched people in line with their records and orders."""
    for statement in (_LINK, _UNLINK):
        connection.execute(statement, scope.parameters())
