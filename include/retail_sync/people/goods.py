"""What order lines mean that lead to no product: what their SKU is known as, else a product of their own (CAT-2)."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

# A product that has left the source's catalogue leaves lines behind that say no more than a SKU and a name. What the
# source once called by that SKU is meant; of what nobody ever listed, the SKU itself is the key.
_TIE = """
    with tied as (
        select order_doc.key,
               jsonb_agg(case when is_loose
                              then line || jsonb_build_object(
                                       'product_key', coalesce(known.product_key, line ->> 'product_key',
                                                               'sku:' || (line ->> 'sku')),
                                       'variant_key', coalesce(known.variant_key, 'sku:' || (line ->> 'sku')))
                              else line end order by place) as lines
          from order_doc
         cross join lateral jsonb_array_elements(order_doc.doc -> 'lines') with ordinality as given (line, place)
         cross join lateral (
               select line ->> 'sku' is not null and (line ->> 'product_key' is null or line ->> 'variant_key' is null)
                  and coalesce(line ->> 'kind', 'goods') <> 'gift_card' as is_loose) as state
          left join lateral (
               select product_key, variant_key
                 from (select product_key, variant_key, 1 as rank
                         from people.variant
                        where variant.pair = %(pair)s and is_loose and variant.sku = line ->> 'sku'
                        union all
                       select product_key, variant_key, 2
                         from people.stub_variant
                        where stub_variant.pair = %(pair)s and is_loose and stub_variant.sku = line ->> 'sku') as found
                where line ->> 'product_key' is null or found.product_key = line ->> 'product_key'
                order by rank, product_key, variant_key
                limit 1) as known on true
         where not order_doc.excluded and order_doc.doc @? %(loose)s::jsonpath
         group by order_doc.key
    )
    update order_doc
       set doc = jsonb_set(order_doc.doc, '{lines}', tied.lines)
      from tied
     where order_doc.key = tied.key
"""
_LOOSE = "$.lines[*] ? (exists(@.sku) && (!exists(@.product_key) || !exists(@.variant_key)))"


def tie_lines(connection: Connection[Any], scope: Scope) -> None:
    """Give the lines of touched orders the product that they name by SKU alone. Changes `order_doc` of this plan."""
    connection.execute(_TIE, scope.parameters(loose=_LOOSE))
