"""The columns that rules judge, copied from the sealed versions of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from retail_sync.model.records import STREAMS, Stream

from .batch_orders import ORDERS, SHARED_NUMBERS


@dataclass(frozen=True, slots=True)
class Expression:
    """An SQL text expression over a record's `doc`, and its positional parameters."""

    text: sql.Composable
    parameters: tuple[Any, ...] = ()


NOTHING = Expression(sql.SQL("null::text"))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pair and its destination say of records, as far as columns depend on it.

    Attributes:
        pair: The pair, whose accepted orders have numbers.
        account: The source account, whose staged orders have lines.
        currency: The pair's currency, in which products should have a price, and to which rates of orders should lead.
        at: When the run was opened (aware UTC): what is dated later is of the future.
        channel: The class of an order's channel, over `doc -> 'channel'`.
        fields_cut: Names of contact fields for which something on a customer's record is too long or must be cleaned.
        fields_unfit: Names of contact fields that can't take what the record says.
        refused_address: A pattern of addresses, in lower case, that the destination refuses; None where none is known.
        used_attributes: Attributes of customers that the mapping uses, or leaves out on purpose.
    """

    pair: str
    account: str
    currency: str
    at: datetime
    channel: Expression = NOTHING
    fields_cut: Expression = NOTHING
    fields_unfit: Expression = NOTHING
    refused_address: str | None = None
    used_attributes: Sequence[str] = ()


_CUSTOMERS = """
    insert into quality.batch_customers
        (run_id, key, version_id, email, address_refused, registered, anonymised, opted_in, fields_cut, fields_unfit,
         times_read)
    select run_id, key, version_id, people.email_of(doc), people.email_of(doc) ~ %s::text,
           coalesce((doc ->> 'registered')::boolean, true), coalesce((doc ->> 'anonymised')::boolean, false),
           (doc ->> 'opted_in')::boolean,
           {fields_cut}, {fields_unfit}, times_read
      from sealed
"""

_ATTRIBUTES = """
    insert into quality.batch_attributes (run_id, key, customers, is_used)
    select run_id, left(name, 200), count(*), bool_and(name = any (%s::text[]))
      from sealed cross join lateral jsonb_object_keys(doc -> 'attributes') as name
     group by run_id, left(name, 200)
"""

# An order is known when it is staged, or was valued once (staged versions are pruned).
_RETURNS = """
    insert into quality.batch_returns
        (run_id, key, version_id, order_key, order_number, order_known, status, currency, total, lines_total,
         line_count, lines_unknown, refunded, times_read)
    select run_id, sealed.key, version_id, said.order_key, said.order_number,
           bought.lines is not null or exists (
               select from people.order_value
                where order_value.pair = %s and order_value.number = said.order_number),
           said.status, said.currency, said.total, lines.total, lines.line_count, lines.unknown,
           (select coalesce(sum((entry ->> 'amount')::numeric), 0)
              from jsonb_array_elements(said.refunds) as entry
             where entry ->> 'kind' = 'refunded' and (entry ->> 'succeeded')::boolean),
           times_read
      from sealed
     cross join lateral jsonb_to_record(sealed.doc) as said(
           order_key text, order_number text, status text, currency text, total numeric, lines jsonb, refunds jsonb)
      left join lateral (
           select coalesce(jsonb_path_query_array(version.doc, '$.lines[*].key'), '[]') as lines
             from stage.current join stage.version using (version_id)
            where current.account = %s and current.stream = 'orders'
              and current.key in (said.order_key, said.order_number)
            limit 1) as bought on true
     cross join lateral (
           select count(*) as line_count,
                  coalesce(sum((line ->> 'total')::numeric), 0) as total,
                  count(*) filter (where line ->> 'line_key' is null
                                      or not coalesce(bought.lines ? (line ->> 'line_key'), true)) as unknown
             from jsonb_array_elements(said.lines) as line) as lines
"""

# What is not sold any more may lack all that a shop window needs.
_PRODUCTS = """
    insert into quality.batch_products
        (run_id, key, version_id, number, name, variant_count, no_sku, repeated_sku, no_price, no_stock, no_image,
         times_read)
    select run_id, key, version_id, doc ->> 'number', doc ->> 'name',
           variants.counted, variants.no_sku, variants.named - variants.distinct_named,
           case when sold.is_active then variants.no_price else 0 end,
           case when sold.is_active then variants.no_stock else 0 end,
           sold.is_active and coalesce(doc ->> 'image_url', '') = '',
           times_read
      from sealed
     cross join lateral (select coalesce((doc ->> 'active')::boolean, true) as is_active) as sold
     cross join lateral (
           select count(*) as counted,
                  count(*) filter (where sku = '') as no_sku,
                  count(*) filter (where sku <> '') as named,
                  count(distinct sku) filter (where sku <> '') as distinct_named,
                  count(*) filter (where not coalesce(prices @> %s::jsonb, false)) as no_price,
                  count(*) filter (where stock is null) as no_stock
             from (select coalesce(btrim(variant ->> 'sku'), '') as sku, variant -> 'prices' as prices,
                          variant ->> 'stock' as stock
                     from jsonb_array_elements(doc -> 'variants') as variant) as variant) as variants
"""

_SIGNUPS = """
    insert into quality.batch_signups (run_id, key, version_id, email, times_read)
    select run_id, key, version_id, people.email_of(doc), times_read from sealed
"""
_CARTS = """
    insert into quality.batch_carts (run_id, key, version_id, email, currency, times_read)
    select run_id, key, version_id, people.email_of(doc), doc ->> 'currency', times_read from sealed
"""
_BROWSES = """
    insert into quality.batch_browses (run_id, key, version_id, email, times_read)
    select run_id, key, version_id, people.email_of(doc), times_read from sealed
"""
#: Streams whose columns depend on nothing that a pair or a destination says.
_PLAIN: Mapping[Stream, str] = {"signups": _SIGNUPS, "carts": _CARTS, "browses": _BROWSES}

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

#: The tables of a run's rows that rules judge.
TABLES = tuple(f"quality.batch_{name}" for name in (*STREAMS, "attributes"))


def fill(connection: Connection[Any], run_id: str, stream: Stream, terms: Terms) -> None:
    """Copy the columns that rules judge from the versions of the run's work set.

    `amount_gap` is what the total states beyond its parts: the lines as ordered less what was cancelled, shipping and
    other charges, less discounts. `repeated_sku` counts variants whose SKU another variant of the product has already.
    `rate_unfit` is what an order says of its rate where that can't lead to the pair's currency: in that one it is 1,
    but for rounding, and in no other. `days_off` is by how much an order's date lies outside of 1990 to a day after the
    run was opened.
    """
    for statement, parameters in _statements(stream, terms):
        connection.execute(statement, [run_id, stream, *parameters])
    if stream == "orders":
        for shared in SHARED_NUMBERS:
            connection.execute(shared, {"run_id": run_id, "pair": terms.pair})


def _statements(stream: Stream, terms: Terms) -> list[tuple[sql.Composed, Sequence[Any]]]:
    if stream == "customers":
        given = (terms.refused_address, *terms.fields_cut.parameters, *terms.fields_unfit.parameters)
        return [
            (_of(_CUSTOMERS, fields_cut=terms.fields_cut.text, fields_unfit=terms.fields_unfit.text), given),
            (_of(_ATTRIBUTES), (list(terms.used_attributes),)),
        ]
    if stream == "orders":
        given = (terms.refused_address, terms.currency, *terms.channel.parameters, terms.at)
        return [(_of(ORDERS, channel=terms.channel.text), given)]
    if stream == "returns":
        return [(_of(_RETURNS), (terms.pair, terms.account))]
    if stream in _PLAIN:
        return [(_of(_PLAIN[stream]), ())]
    return [(_of(_PRODUCTS), (f'[{{"currency": "{terms.currency}"}}]',))]


def _of(statement: str, **parts: sql.Composable) -> sql.Composed:
    return sql.SQL(_SEALED + statement).format(**parts)
