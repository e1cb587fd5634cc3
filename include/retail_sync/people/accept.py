"""Accepting what rules let through, and noting what that touches."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_TOUCHED = """
    create temporary table touched_customer (key text primary key, version_id bigint not null) on commit drop;
    create temporary table touched_product (key text primary key) on commit drop;
    create temporary table touched_order (
        key text primary key, version_id bigint not null, excluded boolean not null, hold_event boolean not null
    ) on commit drop;
    create temporary table touched_return (key text primary key, version_id bigint not null) on commit drop;
    create temporary table touched_signup (key text primary key, version_id bigint not null) on commit drop;
    create temporary table touched_cart (key text primary key, version_id bigint not null) on commit drop;
    create temporary table touched_browse (key text primary key, version_id bigint not null) on commit drop;
    create temporary table touched_person (person_id bigint primary key) on commit drop;
"""
# Small as they may be, the planner should know: it joins them with all that was ever accepted.
_ANALYZE = "analyze touched_customer, touched_product, touched_order, touched_return"

# A held record keeps its last accepted version; a key that was planned at a later version is left alone.
_ACCEPT = """
    with accepted as (
        insert into people.accepted as kept
            (pair, stream, key, version_id, change_seq, excluded, hold_event, run_id)
        select %(pair)s, stream, key, version_id, change_seq, excluded, hold_event, %(run_id)s
          from quality.judged(%(run_id)s)
         where not held
            on conflict (pair, stream, key) do update
           set version_id = excluded.version_id,
               change_seq = excluded.change_seq,
               excluded   = excluded.excluded,
               hold_event = excluded.hold_event,
               run_id     = excluded.run_id
         where excluded.change_seq >= kept.change_seq
     returning stream, key, version_id, excluded, hold_event),
    customer as (insert into touched_customer select key, version_id from accepted where stream = 'customers'),
    product as (insert into touched_product select key from accepted where stream = 'products'),
    signup as (insert into touched_signup select key, version_id from accepted where stream = 'signups'),
    cart as (insert into touched_cart select key, version_id from accepted where stream = 'carts'),
    browse as (insert into touched_browse select key, version_id from accepted where stream = 'browses'),
    returned as (insert into touched_return select key, version_id from accepted where stream = 'returns')
    insert into touched_order select key, version_id, excluded, hold_event from accepted where stream = 'orders'
"""

_RETURNS = """
    insert into people.return_of as kept (pair, key, order_number, version_id)
    select %(pair)s, touched_return.key, version.doc ->> 'order_number', version_id
      from touched_return
      join stage.version using (version_id)
        on conflict (pair, key) do update
       set order_number = excluded.order_number, version_id = excluded.version_id
"""

_ORDERS_OF_RETURNS = """
    insert into touched_order (key, version_id, excluded, hold_event)
    select accepted.key, accepted.version_id, accepted.excluded, accepted.hold_event
      from touched_return
      join people.return_of on return_of.pair = %(pair)s and return_of.key = touched_return.key
      join people.order_value as value
        on value.pair = return_of.pair and value.number = return_of.order_number
      join people.accepted
        on accepted.pair = value.pair and accepted.stream = 'orders' and accepted.key = value.key
        on conflict do nothing
"""


def accept(connection: Connection[Any], scope: Scope) -> dict[str, int]:
    """Accept the judged work of a run and fill the `touched_*` tables of this transaction.

    Returns:
        How many customers, products and orders are touched; orders include those that a return points at.
    """
    connection.execute(_TOUCHED)
    for statement in (_ACCEPT, _ANALYZE, _RETURNS, _ORDERS_OF_RETURNS):
        connection.execute(statement, scope.parameters())
    return {name: _count(connection, name) for name in ("customer", "product", "order")}


def _count(connection: Connection[Any], name: str) -> int:
    row = connection.execute(f"select count(*) from touched_{name}").fetchone()  # noqa: S608 - a name of ours
    return int(row[0]) if row else 0
