"""The columns that rules judge, copied from the sealed versions of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from retail_sync.model.records import Stream


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of an order's channel: a text expression over `doc -> 'channel'`, and its positional parameters."""

    expression: sql.Composable
    parameters: tuple[Any, ...] = ()


UNCLASSIFIED = Classification(sql.SQL("null::text"))

# With tax stated in the lines the parts make the total; where a market adds tax, they do with it. Whichever is nearer.
# Each document is taken apart once: every look into a long one unpacks it whole. `doc` is what channel rules look at.
_ORDERS = """
    insert into quality.batch_orders
        (run_id, key, version_id, number, email, channel, channel_detail, status, status_source, currency, placed_at,
         total, parts_total, amount_gap, line_count, shipped_count, shipped_no_url, times_read)
    select run_id, key, version_id, number, email, channel, channel_detail, status, status_source, currency, placed_at,
           total, parts_total, total - parts_total, line_count, shipped_count, shipped_no_url, times_read
      from (
           select whole.run_id, whole.key, whole.version_id, whole.times_read,
                  whole.number, whole.email, whole.status, whole.status_source, whole.currency, whole.placed_at,
                  whole.total,
                  {channel} as channel,
                  (select string_agg(name || '=' || value, ', ' order by name)
                     from jsonb_each_text(whole.channel) as fact (name, value)) as channel_detail,
                  case when abs(whole.total - figures.parts - figures.tax) < abs(whole.total - figures.parts)
                       then figures.parts + figures.tax else figures.parts end as parts_total,
                  lines.line_count, parcels.shipped_count, parcels.shipped_no_url
             from (
                  select sealed.run_id, sealed.key, sealed.version_id, sealed.times_read, part.*,
                         jsonb_build_object('channel', part.channel) as doc
                    from sealed
                   cross join lateral jsonb_to_record(sealed.doc) as part(
                         number text, email text, channel jsonb, status text, status_source text, currency text,
                         placed_at timestamptz, total numeric, shipping numeric, shipping_tax numeric, tax numeric,
                         other_charges numeric, discount numeric, lines jsonb, shipments jsonb)) as whole
            cross join lateral (
                  select count(*) as line_count, coalesce(sum((line ->> 'total')::numeric), 0) as total
                    from jsonb_array_elements(whole.lines) as line) as lines
            cross join lateral (
                  select lines.total + coalesce(whole.shipping, 0) + coalesce(whole.other_charges, 0)
                             - coalesce(whole.discount, 0) as parts,
                         coalesce(whole.tax, 0) + coalesce(whole.shipping_tax, 0) as tax) as figures
            cross join lateral (
                  select count(*) as shipped_count,
                         count(*) filter (where parcel ->> 'tracking_url' is null
                                            and not coalesce((parcel ->> 'untracked')::boolean, false)
                                         ) as shipped_no_url
                    from jsonb_array_elements(whole.shipments) as parcel
                   where (parcel ->> 'shipped')::boolean) as parcels) as row
"""

_CUSTOMERS = """
    insert into quality.batch_customers (run_id, key, version_id, email, registered, opted_in, times_read)
    select run_id, key, version_id, doc ->> 'email', coalesce((doc ->> 'registered')::boolean, true),
           (doc ->> 'opted_in')::boolean, times_read
      from sealed
"""

_RETURNS = """
    insert into quality.batch_returns
        (run_id, key, version_id, order_key, order_number, status, currency, total, lines_total, refunded, times_read)
    select run_id, key, version_id, doc ->> 'order_key', doc ->> 'order_number', doc ->> 'status', doc ->> 'currency',
           (doc ->> 'total')::numeric,
           (select coalesce(sum((line ->> 'total')::numeric), 0)
              from jsonb_array_elements(doc -> 'lines') as line),
           (select coalesce(sum((entry ->> 'amount')::numeric), 0)
              from jsonb_array_elements(doc -> 'refunds') as entry
             where entry ->> 'kind' = 'refunded' and (entry ->> 'succeeded')::boolean),
           times_read
      from sealed
"""

_PRODUCTS = """
    insert into quality.batch_products
        (run_id, key, version_id, number, name, variant_count, no_sku, repeated_sku, times_read)
    select run_id, key, version_id, doc ->> 'number', doc ->> 'name',
           variants.counted, variants.no_sku, variants.named - variants.distinct_named, times_read
      from sealed
     cross join lateral (
           select count(*) as counted,
                  count(*) filter (where sku = '') as no_sku,
                  count(*) filter (where sku <> '') as named,
                  count(distinct sku) filter (where sku <> '') as distinct_named
             from (select coalesce(btrim(variant ->> 'sku'), '') as sku
                     from jsonb_array_elements(doc -> 'variants') as variant) as variant) as variants
"""

_SEALED = """
    with sealed as (
        select work.run_id, work.key, work.version_id, version.doc, coalesce(key_read.times, 1) as times_read
          from road.work
          join stage.version using (version_id)
          left join road.key_read
            on key_read.run_id = work.run_id and key_read.stream = work.stream and key_read.key = work.key
         where work.run_id = %s and work.stream = %s
    )
"""

_FILL: dict[Stream, str] = {
    "customers": _CUSTOMERS,
    "orders": _ORDERS,
    "products": _PRODUCTS,
    "returns": _RETURNS,
}


def fill(connection: Connection[Any], run_id: str, stream: Stream, classification: Classification) -> None:
    """Copy the columns that rules judge from the versions of the run's work set.

    `amount_gap` is what the total states beyond its parts: the lines as ordered less what was cancelled, shipping and
    other charges, less discounts. `repeated_sku` counts variants whose SKU another variant of the product has already.
    """
    statement = sql.SQL(_SEALED + _FILL[stream]).format(channel=classification.expression)
    channel = classification.parameters if stream == "orders" else ()
    connection.execute(statement, [run_id, stream, *channel])
