"""The facts of a person (ORD-4), recomputed whole from the worth of their orders."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .passing import windows
from .scope import Scope

# All that touched people ever ordered, read once.
_OWNED = """
    create temporary table owned_order on commit drop as
    select order_value.* from touched_person join people.order_value using (person_id)
"""

# Keys are those of `model.people.Facts`; money is rounded to cents here and nowhere before.
_FACTS = """
    with bought as (
        select * from owned_order where counted
    ), total as (
        select person_id,
               sum(net_base) as spent,
               count(*) as orders,
               min(placed_at) as first_at,
               max(placed_at) as last_at,
               bool_and(full_price) as full_price,
               bool_or(awaiting_return) as awaiting_return,
               bool_or(awaiting_refund and refund_due_since > %(now)s - %(return_ages_out)s) as awaiting_refund,
               array_agg(distinct market order by market) filter (where market is not null) as markets
          from bought
         group by person_id
    ), goods as (
        select person_id,
               array_agg(sku order by sku) as skus,
               array_agg(sku order by sku) filter (where times > 1) as repeat_skus
          from (select person_id, sku, count(*) as times from bought, unnest(skus) as sku group by 1, 2) as by_sku
         group by person_id
    ), liked as (
        select person_id, array_agg(distinct collection order by collection) as collections
          from bought, unnest(collections) as collection
         group by person_id
    ), fresh as (
        select person_id, array_agg(distinct sku order by sku) as skus
          from bought, unnest(skus) as sku
         where placed_at > %(now)s - %(just_bought_for)s
         group by person_id
    ), sent_back as (
        select person_id, array_agg(distinct sku order by sku) as skus
          from bought, jsonb_each_text(returned_skus) as came_back (sku, at)
         where at::timestamptz > %(now)s - %(recently_returned_for)s
         group by person_id
    ), figures as (
        select person_id, first_at, last_at,
               coalesce(spent, 0) as spent,
               coalesce(orders, 0) as orders,
               coalesce(full_price, false) as full_price,
               coalesce(awaiting_return, false) as awaiting_return,
               coalesce(awaiting_refund, false) as awaiting_refund,
               coalesce(markets, '{}') as markets,
               coalesce(goods.skus, '{}') as skus,
               coalesce(repeat_skus, '{}') as repeat_skus,
               coalesce(collections, '{}') as collections,
               coalesce(fresh.skus, '{}') as just_bought,
               coalesce(sent_back.skus, '{}') as recently_returned
          from touched_person
          left join total using (person_id)
          left join goods using (person_id)
          left join liked using (person_id)
          left join fresh using (person_id)
          left join sent_back using (person_id)
    )
    insert into people.fact as kept (person_id, facts, run_id)
    select person_id,
           jsonb_strip_nulls(jsonb_build_object(
               'currency', %(currency)s::text,
               'lifetime_value', round(spent, 2)::text,
               'order_count', orders,
               'average_order', case when orders > 0 then round(spent / orders, 2) else 0 end::text,
               'first_order_at', to_char(first_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'last_order_at', to_char(last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'skus', skus,
               'repeat_skus', repeat_skus,
               'collections', collections,
               'markets', markets,
               'always_full_price', full_price,
               'buyer_state', case when orders = 0 then 'none'
                                   when spent >= %(vip_from)s then 'vip'
                                   when orders = 1 then 'new'
                                   else 'repeat' end,
               'replenishment_due', to_char((last_at + %(replenish_after)s) at time zone 'UTC', 'YYYY-MM-DD'),
               'awaiting_return', awaiting_return,
               'awaiting_refund', awaiting_refund,
               'just_bought', just_bought,
               'recently_returned', recently_returned)),
           %(run_id)s
      from figures
        on conflict (person_id) do update set facts = excluded.facts, run_id = excluded.run_id
     where kept.facts <> excluded.facts
"""


def compute_facts(connection: Connection[Any], scope: Scope) -> int:
    """Recompute the facts of every touched person. Leaves the table `owned_order`, all that they ever ordered.

    Returns:
        How many people are touched.
    """
    segments = scope.pair.segments
    connection.execute("analyze touched_person")
    connection.execute(_OWNED)
    connection.execute(
        _FACTS,
        scope.parameters(
            currency=scope.pair.value.currency,
            vip_from=segments.vip_from,
            replenish_after=segments.replenish_after,
            **windows(scope.pair),
        ),
    )
    row = connection.execute("select count(*) from touched_person").fetchone()
    return int(row[0]) if row else 0
