"""Variants that orders name and no product feed knows (CAT-2): listed from the order's own line, and kept."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

_STUBS = """
    with stub as (
        insert into people.stub_variant (pair, product_key, variant_key, sku, product_name, variant_name)
        select distinct on (line.product_key, line.variant_key)
               %(pair)s, line.product_key, line.variant_key, line.sku, line.name, line.variant_name
          from order_doc
         cross join lateral jsonb_to_recordset(order_doc.doc -> 'lines')
            as line(product_key text, variant_key text, sku text, name text, variant_name text)
          left join people.accepted as known
            on known.pair = %(pair)s and known.stream = 'products' and known.key = line.product_key
          left join stage.version on version.version_id = known.version_id
         where not order_doc.excluded
           and line.product_key is not null and line.variant_key is not null
           and not coalesce(version.doc @> jsonb_build_object(
                   'variants', jsonb_build_array(jsonb_build_object('key', line.variant_key))), false)
         order by line.product_key, line.variant_key, order_doc.placed_at desc
            on conflict (pair, product_key, variant_key) do nothing
     returning product_key)
    insert into touched_product (key)
    select distinct product_key from stub
        on conflict do nothing
"""


def add_stubs(connection: Connection[Any], scope: Scope) -> int:
    """Keep the variants that touched orders need and no product has, and touch their products.

    Returns:
        How many products got a variant of this sort.
    """
    return connection.execute(_STUBS, scope.parameters()).rowcount
