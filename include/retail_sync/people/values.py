"""What an order is worth after everything that happened to it, in SQL and from accepted versions only.

Each cause reduces once: a return counts with the money that was refunded for it, and with its goods' value only until
then; a refund that no return knows counts by itself; a cancelled order is worth nothing. Cancelled lines are already
out of the total (`OrderLine.quantity`, `Order.total`). A gift card counts when it is spent, not when it is sold.

What was paid back takes off only what counts. Money for a gift card that came back takes off nothing; other money is
taken to be for what counts, as far as that goes, and only then for the rest of the order. So who got back all that
they had paid is left with exactly nothing, and an order of which more went back than was paid counts below nothing.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_RETURNS = """
    create temporary table order_return on commit drop as
    select order_doc.key as order_key, doc.key, doc.status, doc.lines,
           refund.amount is not null as is_refunded,
           back.worth, least(back.worth, cards.worth) as gift_cards,
           coalesce(refund.keys, '{}') as refund_keys, refund.at as refunded_at,
           greatest(doc.created_at, doc.updated_at) as returned_at
      from order_doc
      join people.return_of on return_of.pair = %(pair)s and return_of.order_number = order_doc.number
      join stage.version on version.version_id = return_of.version_id
     cross join lateral jsonb_to_record(version.doc)
        as doc(key text, status text, total numeric, lines jsonb, refunds jsonb, created_at timestamptz,
               updated_at timestamptz)
     cross join lateral (
           select sum(amount) as amount, array_agg(key) as keys, max(at) as at
             from jsonb_to_recordset(doc.refunds)
               as paid(key text, kind text, succeeded boolean, amount numeric, at timestamptz)
            where kind = 'refunded' and succeeded) as refund
     cross join lateral (
           select coalesce(refund.amount, case when doc.status = 'completed' then doc.total end, 0) as worth) as back
     cross join lateral (
           select coalesce(sum(line.total), 0) as worth
             from jsonb_to_recordset(doc.lines) as line(line_key text, total numeric)
             join jsonb_to_recordset(order_doc.doc -> 'lines') as sold(key text, kind text)
               on sold.key = line.line_key and sold.kind = 'gift_card') as cards
"""

_RETURNED_LINES = """
    create temporary table order_returned on commit drop as
    select order_key, jsonb_object_agg(line_key, quantity) as lines, jsonb_object_agg(line_key, at) as times
      from (select order_return.order_key, line.line_key, sum(line.quantity) as quantity,
                   max(order_return.returned_at) as at
              from order_return
             cross join lateral jsonb_to_recordset(lines) as line(line_key text, quantity integer)
             where line.line_key is not null and (status = 'completed' or is_refunded)
             group by 1, 2) as by_line
     group by 1
"""

_REDUCTIONS = """
    create temporary table order_reduction on commit drop as
    select order_doc.key as order_key,
           coalesce(back.worth, 0) + coalesce(loose.amount, 0) as amount,
           coalesce(back.gift_cards, 0) as gift_cards,
           greatest(back.refunded_at, loose.at) as refunded_at,
           coalesce(back.awaiting_return, false) as awaiting_return,
           coalesce(back.awaiting_refund, false) as awaiting_refund,
           back.refund_due_since
      from order_doc
      left join (select order_key,
                        sum(worth) as worth,
                        sum(gift_cards) as gift_cards,
                        max(refunded_at) as refunded_at,
                        bool_or(status = 'open') as awaiting_return,
                        bool_or(status = 'completed' and not is_refunded) as awaiting_refund,
                        max(returned_at) filter (where status = 'completed' and not is_refunded) as refund_due_since
                   from order_return
                  group by 1) as back on back.order_key = order_doc.key
     cross join lateral (
           select sum(amount) as amount, max(at) as at
             from jsonb_to_recordset(order_doc.doc -> 'payments')
               as payment(key text, kind text, succeeded boolean, amount numeric, at timestamptz)
            where kind = 'refunded' and succeeded
              and not exists (select from order_return
                               where order_return.order_key = order_doc.key
                                 and payment.key = any (order_return.refund_keys))) as loose
"""

_VALUES = """
    insert into people.order_value as kept
        (pair, key, number, person_id, email, customer_key, version_id, excluded, placed_at, currency, gross, reduced,
         net, net_base, rate, counted, market, skus, collections, full_price, awaiting_return, awaiting_refund,
         refunded_at, returned, returned_skus, refund_due_since, cart_key)
    select %(pair)s, key, number, person_id, order_doc.email, customer_key, version_id, excluded, placed_at, currency,
           before.gross, taken.off, before.gross - taken.off, (before.gross - taken.off) * turned.rate, turned.rate,
           not excluded and status <> 'cancelled',
           market, bought.skus, bought.collections, bought.full_price,
           awaiting_return, awaiting_refund, refunded_at,
           coalesce(order_returned.lines, '{}'), bought.returned_skus, refund_due_since, order_doc.doc ->> 'cart_key'
      from order_doc
      join order_owner using (key)
      join order_reduction on order_reduction.order_key = order_doc.key
      left join order_returned on order_returned.order_key = order_doc.key
     cross join lateral (
           select coalesce(array_agg(distinct sku) filter (where sku is not null), '{}') as skus,
                  coalesce(array_agg(distinct collection) filter (where collection is not null), '{}') as collections,
                  bool_and(unit_price >= coalesce(list_price, unit_price)) as full_price,
                  coalesce(sum(total) filter (where kind = 'gift_card'), 0) as gift_cards,
                  coalesce(jsonb_object_agg(sku, order_returned.times -> key)
                               filter (where sku is not null and order_returned.times ? key), '{}') as returned_skus
             from jsonb_to_recordset(order_doc.doc -> 'lines') as line(
                  key text, sku text, collection text, kind text, quantity integer, unit_price numeric,
                  list_price numeric, total numeric)
            where quantity > 0) as bought
     cross join lateral (
           select case when %(tax)s or total = bought.gift_cards then 1
                       else 1 - coalesce(tax, 0) / (total - bought.gift_cards) end as share) as taxed
     cross join lateral (
           select total - bought.gift_cards
                  - case when %(tax)s then 0 else coalesce(tax, 0) end
                  - case when %(shipping)s then 0
                         when %(tax)s then coalesce(shipping, 0)
                         else coalesce(shipping, 0) - coalesce(shipping_tax, 0) end as gross) as before
     cross join lateral (
           select case when status = 'cancelled' then before.gross
                       when order_reduction.amount > 0 and order_reduction.amount >= total
                       then before.gross + (order_reduction.amount - total) * taxed.share
                       else least((order_reduction.amount - order_reduction.gift_cards) * taxed.share,
                                  greatest(before.gross, 0)) end as off) as taken
     cross join lateral (
           select case when currency = %(currency)s then 1 else order_doc.rate end as rate) as turned
        on conflict (pair, key) do update
       set number = excluded.number, person_id = excluded.person_id, email = excluded.email,
           customer_key = excluded.customer_key, version_id = excluded.version_id,
           excluded = excluded.excluded, placed_at = excluded.placed_at, currency = excluded.currency,
           gross = excluded.gross, reduced = excluded.reduced, net = excluded.net,
           net_base = excluded.net_base, rate = excluded.rate,
           counted = excluded.counted, market = excluded.market, skus = excluded.skus,
           collections = excluded.collections, full_price = excluded.full_price,
           awaiting_return = excluded.awaiting_return, awaiting_refund = excluded.awaiting_refund,
           refunded_at = excluded.refunded_at, returned = excluded.returned, returned_skus = excluded.returned_skus,
           refund_due_since = excluded.refund_due_since, cart_key = excluded.cart_key
"""


def value_orders(connection: Connection[Any], scope: Scope) -> None:
    """Recompute the worth of every touched order."""
    value = scope.pair.value
    parameters = scope.parameters(currency=value.currency, tax=value.tax, shipping=value.shipping)
    for statement in (_RETURNS, _RETURNED_LINES, _REDUCTIONS, _VALUES):
        connection.execute(statement, parameters)
