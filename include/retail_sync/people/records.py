"""Source customers and the addresses that they lead to; and whom a change of one makes worth another look."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_TABLES = """
    create temporary table stirred (person_id bigint primary key) on commit drop;
    create temporary table record_owner (
        key text primary key, version_id bigint not null, email text, registered boolean not null,
        anonymised boolean not null, updated_at timestamptz not null, former_id bigint, former_email text,
        merged boolean not null, address text
    ) on commit drop
"""

# An address that is an alias leads to what it stands for; so does a record that has become another one, by the list or
# by the source's own word. An anonymised record stays with whom it was of.
_RECORDS = """
    insert into record_owner
    select touched_customer.key, touched_customer.version_id, said.email, said.registered, said.anonymised,
           said.updated_at, known.person_id, known.email, said.lead_email is not null,
           case when said.anonymised then holder.email else coalesce(alias.stands_for, said.lead_email, said.email) end
      from touched_customer
      join stage.version using (version_id)
      left join people.alias_in_force as merged
        on merged.pair = %(pair)s and merged.alias = 'customer:' || touched_customer.key
      left join people.customer as known on known.pair = %(pair)s and known.key = touched_customer.key
      left join people.person as holder on holder.person_id = known.person_id
      left join people.accepted as lead
        on lead.pair = %(pair)s and lead.stream = 'customers'
       and lead.key = coalesce(substr(merged.stands_for, length('customer:') + 1), version.doc ->> 'merged_into')
      left join stage.version as lead_version on lead_version.version_id = lead.version_id
     cross join lateral (
           select case when (version.doc ->> 'anonymised')::boolean then null else people.email_of(version.doc) end
                      as email,
                  people.email_of(lead_version.doc) as lead_email,
                  coalesce((version.doc ->> 'registered')::boolean, true) as registered,
                  coalesce((version.doc ->> 'anonymised')::boolean, false) as anonymised,
                  (version.doc ->> 'updated_at')::timestamptz as updated_at) as said
      left join people.alias_in_force as alias
        on alias.pair = %(pair)s and alias.alias = coalesce(said.lead_email, said.email)
     where touched_customer.key <> all (%(anonymous)s)
        on conflict do nothing
"""

_FORMER = """
    insert into people.former_address (pair, key, email, until)
    select %(pair)s, key, former_email, updated_at
      from record_owner
     where former_email <> email
        on conflict (pair, key, email) do update set until = excluded.until
"""
_CURRENT_AGAIN = """
    delete from people.former_address
     using record_owner
     where former_address.pair = %(pair)s and former_address.key = record_owner.key
       and former_address.email = record_owner.email
"""

# Whoever a record leaves, and whoever is linked to an address that a record has left or come to.
_STIR = """
    insert into stirred (person_id)
    select record_owner.former_id
      from record_owner join people.person on person.person_id = record_owner.former_id
     where person.email <> record_owner.address
     union
    select link.person_id
      from people.link
      join record_owner on link.email = record_owner.email or link.email = record_owner.former_email
     where link.pair = %(pair)s and record_owner.email is distinct from record_owner.former_email
        on conflict do nothing
"""

# All records and orders of those who are stirred up, the records that follow a touched one, and the orders that came
# before their customer's record did.
_CUSTOMERS = """
    insert into touched_customer (key, version_id)
    select accepted.key, accepted.version_id
      from (select key from stirred join people.customer using (person_id)
             union
            select substr(alias.alias, length('customer:') + 1)
              from record_owner
              join people.alias_in_force as alias
                on alias.pair = %(pair)s and alias.stands_for = 'customer:' || record_owner.key
             where record_owner.email is distinct from record_owner.former_email) as concerned
      join people.accepted
        on accepted.pair = %(pair)s and accepted.stream = 'customers' and accepted.key = concerned.key
        on conflict do nothing
"""
_ORDERS = """
    insert into touched_order (key, version_id, excluded, hold_event)
    select accepted.key, accepted.version_id, accepted.excluded, accepted.hold_event
      from (select key from stirred join people.order_value using (person_id)
             union
            select value.key
              from record_owner
              join people.order_value as value
                on value.pair = %(pair)s and value.customer_key = record_owner.key
             where record_owner.former_id is null) as concerned
      join people.accepted
        on accepted.pair = %(pair)s and accepted.stream = 'orders' and accepted.key = concerned.key
        on conflict do nothing
"""

# What guests had bought under an address goes with the account that left it, unless another account has it now.
_LEFT_BEHIND = """
    create temporary table left_behind on commit drop as
    select former.email, former.until, coalesce(record.address, person.email) as address
      from people.former_address as former
      left join record_owner as record on record.key = former.key
      left join people.customer on customer.pair = former.pair and customer.key = former.key
      left join people.person on person.person_id = customer.person_id
     where former.pair = %(pair)s and %(guests_follow)s
       and coalesce(record.registered, customer.registered)
       and not coalesce(record.anonymised, customer.anonymised)
       and not exists (select from record_owner as living
                        where living.email = former.email and living.registered and not living.anonymised)
       and not exists (select from people.customer as living
                        where living.pair = former.pair and living.email = former.email
                          and living.registered and not living.anonymised
                          and not exists (select from record_owner where record_owner.key = living.key))
"""
_GUESTS = """
    update record_owner
       set address = left_behind.address
      from left_behind
     where not record_owner.registered and not record_owner.anonymised
       and left_behind.email = record_owner.address and left_behind.until > record_owner.updated_at
       and not exists (select from left_behind as sooner
                        where sooner.email = left_behind.email and sooner.until > record_owner.updated_at
                          and sooner.until < left_behind.until)
       and not exists (select from order_doc
                        where order_doc.customer_key = record_owner.key and order_doc.email = record_owner.email
                          and order_doc.placed_at >= left_behind.until)
       and not exists (select from people.order_value as value
                        where value.pair = %(pair)s and value.customer_key = record_owner.key
                          and value.email = record_owner.email and value.placed_at >= left_behind.until)
"""

# Guests whose records have gone along with an account, and who buy again under their own address.
_BACK = """
    insert into touched_customer (key, version_id)
    select customer.key, customer.version_id
      from order_doc
      join people.customer on customer.pair = %(pair)s and customer.key = order_doc.customer_key
      join people.person using (person_id)
     where not customer.registered and not customer.anonymised and customer.email = order_doc.email
       and customer.email <> person.email
        on conflict do nothing
"""


def prepare(connection: Connection[Any]) -> None:
    """Make the tables `stirred` and `record_owner` of this transaction."""
    connection.execute(_TABLES)


def find_addresses(connection: Connection[Any], scope: Scope) -> None:
    """Find where every touched record leads, and touch whatever else that concerns.

    Fills `record_owner`, one row a touched record.
    """
    parameters = scope.parameters(anonymous=scope.pair.identity.anonymous_customers)
    for statement in (
        _RECORDS,
        # What is touched by this may follow, or lead, others: twice is as far as one record can follow another.
        *(_STIR, _CUSTOMERS, _RECORDS) * 2,
        _FORMER,
        _CURRENT_AGAIN,
        "analyze stirred, record_owner",
        _ORDERS,
    ):
        connection.execute(statement, parameters)


def find_followers(connection: Connection[Any], scope: Scope) -> None:
    """Let the records of guests go along with accounts that have left their address. Needs `order_doc`.

    Makes `left_behind`: addresses that an account has left, until when it had them, and where it is now.
    """
    identity = scope.pair.identity
    parameters = scope.parameters(anonymous=identity.anonymous_customers, guests_follow=identity.guests_follow)
    for statement in (_BACK, _RECORDS, _LEFT_BEHIND, _GUESTS):
        connection.execute(statement, parameters)
