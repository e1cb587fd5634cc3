"""Facts that pass with time (SUP-1): when the next of a person's ends, they are looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from retail_sync.pairs.config import Pair

from .scope import Scope

#: By fact, a statement that gives when it ends for an order.
_ENDS = {
    "just_bought": "select placed_at + %(just_bought_for)s where cardinality(skus) > 0",
    "recently_returned": """
        select at::timestamptz + %(recently_returned_for)s from jsonb_each_text(returned_skus) as came_back (sku, at)
    """,
    "awaiting_refund": "select refund_due_since + %(return_ages_out)s where awaiting_refund",
}

# An order has one timer of this reason. Whoever looks at the order sets it anew.
_STOP = """
    delete from road.due
     using owned_order
     where due.pair = %(pair)s and due.stream = 'orders' and due.key = owned_order.key and due.reason = 'passing fact'
       and due.due_at > %(now)s
"""
_SET = """
    insert into road.due (pair, stream, key, reason, due_at)
    select %(pair)s, 'orders', key, 'passing fact', soonest.at
      from owned_order
     cross join lateral (select min(at) as at from ({ends}) as over (at) where at > %(now)s) as soonest
     where counted and soonest.at is not null
        on conflict (pair, stream, key, reason) do update set due_at = excluded.due_at
"""


def set_timers(connection: Connection[Any], scope: Scope) -> None:
    """Let touched people be looked at again when the next of their facts passes that the pair tells.

    Needs `owned_order`, all that they ever ordered.
    """
    connection.execute(_STOP, scope.parameters())
    ends = " union all ".join(_ENDS[fact] for fact in told(scope.pair))
    if ends:
        connection.execute(_SET.format(ends=ends), scope.parameters(**windows(scope.pair)))


def windows(pair: Pair) -> dict[str, Any]:
    """How long each of these facts holds, as bound parameters."""
    segments = pair.segments
    return {
        "just_bought_for": segments.just_bought_for,
        "recently_returned_for": segments.recently_returned_for,
        "return_ages_out": segments.return_ages_out,
    }


def told(pair: Pair) -> Iterator[str]:
    """Which of these facts the pair tells its destination."""
    fields = {field.value for field in pair.owned_fields.values()}
    return (fact for fact in _ENDS if fact in pair.owned_tags or f"facts.{fact}" in fields)
