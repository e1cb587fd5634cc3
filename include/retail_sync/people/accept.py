"""Accepting what rules let through, and noting what that touches."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_TOUCHED = """
    create temporary table touched_customer (key text primary key) on commit drop;
    create temporary table touched_product (key text primary key) on commit drop;
    create temporary table touched_order (key text primary key) on commit drop;
    create temporary table touched_person (person_id bigint primary key) on commit drop;
"""

# A held record keeps its last accepted version; a key that was planned at a later version is left alone.
_ACCEPT = """
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
"""

_TOUCH = """
    insert into touched_{name} (key)
    select key from people.accepted where pair = %(pair)s and stream = %(stream)s and run_id = %(run_id)s
"""

_RETURNS = """
    insert into people.return_of as kept (pair, key, order_number, version_id)
    select accepted.pair, accepted.key, version.doc ->> 'order_number', accepted.version_id
      from people.accepted
      join stage.version using (version_id)
     where accepted.pair = %(pair)s and accepted.stream = 'returns' and accepted.run_id = %(run_id)s
        on conflict (pair, key) do update
       set order_number = excluded.order_number, version_id = excluded.version_id
"""

_ORDERS_OF_RETURNS = """
    insert into touched_order (key)
    select value.key
      from people.accepted
      join people.return_of using (pair, key)
      join people.order_value as value
        on value.pair = return_of.pair and value.number = return_of.order_number
     where accepted.pair = %(pair)s and accepted.stream = 'returns' and accepted.run_id = %(run_id)s
        on conflict do nothing
"""


def accept(connection: Connection[Any], scope: Scope) -> dict[str, int]:
    """Accept the judged work of a run and fill the `touched_*` tables of this transaction.

    Returns:
        How many customers, products and orders are touched; orders include those that a return points at.
    """
    connection.execute(_TOUCHED)
    connection.execute(_ACCEPT, scope.parameters())
    for stream in ("customers", "products", "orders"):
        connection.execute(_TOUCH.format(name=stream[:-1]), scope.parameters(stream=stream))
    connection.execute(_RETURNS, scope.parameters())
    connection.execute(_ORDERS_OF_RETURNS, scope.parameters())
    return {name: _count(connection, name) for name in ("customer", "product", "order")}


def _count(connection: Connection[Any], name: str) -> int:
    row = connection.execute(f"select count(*) from touched_{name}").fetchone()  # noqa: S608 - a name of ours
    return int(row[0]) if row else 0
