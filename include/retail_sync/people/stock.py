"""What can be bought, variant by variant, and what has just come back: in SQL and from accepted versions only."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from .scope import Scope

# What is not counted can be bought for as long as it has a price. A variant that is new is not back.
_NOTE = """
    with seen as (
        select touched_product.key as product_key, variant.key as variant_key, coalesce(variant.sku, '') as sku,
               coalesce((version.doc ->> 'active')::boolean, true)
                   and coalesce(variant.stock, jsonb_array_length(variant.prices), 0) > 0 as in_stock
          from touched_product
          join people.accepted as known
            on known.pair = %(pair)s and known.stream = 'products' and known.key = touched_product.key
          join stage.version using (version_id)
         cross join lateral jsonb_to_recordset(version.doc -> 'variants')
            as variant(key text, sku text, stock numeric, prices jsonb)
    )
    insert into people.variant as kept (pair, product_key, variant_key, sku, in_stock)
    select distinct on (product_key, variant_key) %(pair)s, product_key, variant_key, sku, in_stock
      from seen
     order by product_key, variant_key
        on conflict (pair, product_key, variant_key) do update
       set sku          = excluded.sku,
           in_stock     = excluded.in_stock,
           restocks     = kept.restocks + (excluded.in_stock and not kept.in_stock)::integer,
           restocked_at = case when excluded.in_stock and not kept.in_stock then %(now)s else kept.restocked_at end
     where (kept.sku, kept.in_stock) is distinct from (excluded.sku, excluded.in_stock)
"""

# From touched products to their variants, and never the other way: of a catalogue hardly anything is touched.
_GONE = """
    with touched as materialized (
        select touched_product.key, version.doc
          from touched_product
          join people.accepted as known
            on known.pair = %(pair)s and known.stream = 'products' and known.key = touched_product.key
          join stage.version using (version_id)
    )
    update people.variant as kept
       set in_stock = false
      from touched
     where kept.pair = %(pair)s and kept.product_key = touched.key and kept.in_stock
       and not coalesce(touched.doc @> jsonb_build_object(
               'variants', jsonb_build_array(jsonb_build_object('key', kept.variant_key))), false)
"""

# Whoever is settled does not wait any more.
_FORGET = """
    delete from people.signup
     using touched_signup
     where signup.pair = %(pair)s and signup.key = touched_signup.key
"""
_SIGNUPS = """
    insert into people.signup (pair, key, variant_key, email, created_at)
    select distinct %(pair)s, touched_signup.key, variant_key, people.email_of(version.doc),
           (version.doc ->> 'created_at')::timestamptz
      from touched_signup
      join stage.version using (version_id)
     cross join lateral jsonb_array_elements_text(version.doc -> 'variant_keys') as variant_key
     where coalesce((version.doc ->> 'active')::boolean, true) and people.email_of(version.doc) is not null
"""


def note_stock(connection: Connection[Any], scope: Scope) -> None:
    """Bring the stock state of touched products' variants up to date, and who waits for one."""
    for statement in (_NOTE, _GONE, _FORGET, _SIGNUPS):
        connection.execute(statement, scope.parameters())
