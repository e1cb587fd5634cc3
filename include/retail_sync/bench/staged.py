"""A database in which a whole shop was staged and planned long ago, and what changes in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from retail_sync.steps.context import Road

_SHOP = Path(__file__).with_name("staged.sql")
_TABLES = """
    stage.version, stage.current, people.accepted, people.person, people.customer, people.order_value, people.fact,
    delivery.ledger
"""

_LEDGER = """
    insert into delivery.ledger (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at)
    select %(destination)s, 'member:' || person_id, %(pair)s, 'member', md5(email),
           jsonb_build_object('email_address', email), decode(md5(email), 'hex'), 0, %(now)s
      from people.person
     union all
    select %(destination)s, 'order:' || %(account)s || ':o' || number, %(pair)s, 'order', 'A' || number,
           jsonb_build_object('id', 'A' || number, 'order_total', price + 49), decode(md5('o' || number), 'hex'), 0,
           %(now)s
      from shop_order
"""

# Of the orders that will change, six in ten leave, three get a refund, one is cancelled.
_CHANGE = """
    with changed as (
        insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
        select account, stream, key, decode(md5('changed' || key), 'hex'), %(now)s, %(now)s, 2, 'live',
               case when substr(key, 2)::bigint %% 1000 <= 500 then doc || jsonb_build_object(
                         'status', 'shipped', 'shipments', jsonb_build_array(jsonb_build_object(
                             'key', '1', 'number', '1', 'shipped', true, 'carrier', 'PostNord',
                             'tracking_number', key, 'tracking_url', 'https://track.post.test/' || key)))
                    when substr(key, 2)::bigint %% 1000 <= 800 then jsonb_insert(
                         doc, '{payments,1}', jsonb_build_object(
                             'key', '2', 'kind', 'refunded', 'succeeded', true, 'amount', '49',
                             'at', '2026-04-01T00:00:00Z'))
                    else doc || '{"status": "cancelled"}' end
          from stage.version
         where account = %(account)s and stream = 'orders' and doc ->> 'status' = 'processing'
     returning *)
    update stage.current
       set version_id = changed.version_id, hash = changed.hash, source_time = changed.source_time,
           request_time = changed.request_time, change_seq = changed.change_seq
      from changed
     where current.account = changed.account and current.stream = changed.stream and current.key = changed.key
"""
_COUNT = "update stage.change_counter set last_seq = 2 where stream = 'orders'"

_MAKE_DUE = """
    insert into road.due (pair, stream, key, reason, due_at)
    select %(pair)s, stream, key, 'bench', %(now)s
      from stage.version
     where account = %(account)s and stream = 'orders' and doc ->> 'status' = 'processing'
"""
_ARRIVE = """
    with arrived as (
        update delivery.outbox set state = 'delivered', closed_at = %(now)s where state = 'pending' returning *)
    insert into delivery.ledger as kept
        (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at)
    select account, object_id, pair, kind, vendor_key, payload, hash, row_id, %(now)s from arrived
        on conflict (account, object_id, pair) do update set payload = excluded.payload, hash = excluded.hash
"""


def fill(road: Road, orders: int, *, delivered: bool) -> None:
    """Stage and plan so many orders, as if they had been read long ago, in a database that is empty.

    Args:
        road: Whose database it is.
        orders: How many.
        delivered: Whether the ledger holds every contact and order, or none of them was ever sent.
    """
    statements = _statements(_SHOP.read_text(encoding="utf-8"))
    _execute(road, *statements, *((_LEDGER,) if delivered else ()), "drop table shop_order", orders=orders)
    settle(road)


def make_due(road: Road) -> None:
    """Make the orders that will change due, so that a run looks at them and at their people."""
    _execute(road, _MAKE_DUE)


def deliver(road: Road) -> None:
    """Let everything that is queued have arrived."""
    _execute(road, _ARRIVE)
    settle(road)


def change(road: Road) -> None:
    """Change one order in a hundred."""
    _execute(road, _CHANGE, _COUNT)
    settle(road)


def settle(road: Road) -> None:
    """Let the server's housekeeping have come round."""
    with psycopg.connect(road.database.dsn, autocommit=True) as connection:
        connection.execute(f"vacuum (analyze) {_TABLES}")


def _statements(text: str) -> list[str]:
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    return [statement for statement in "\n".join(lines).split(";\n") if statement.strip()]


def _execute(road: Road, *statements: str, **more: Any) -> None:
    parameters = {
        "pair": road.pair.pair,
        "account": road.pair.source.account,
        "destination": road.pair.destination.account,
        "now": road.clock(),
        **more,
    }
    with psycopg.connect(road.database.dsn) as connection:
        for statement in statements:
            connection.execute(statement, parameters)
