"""What finance reconciles (ORD-7): the orders of each day and currency on both sides, and the orders that differ.

Here stands what an order is worth after returns, refunds and cancellations; there, what the destination counts for it
as the newest full reading saw it, or the ledger where no order can be read: each line says which. Orders that rules
keep out of the destination are in neither figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Total
from retail_sync.model.proof import Proof

from .audit import Audit

By = Literal["day", "month"]

_SIDES = """
    create temporary table sides on commit drop as
    with here as (
        select value.key, value.number, (value.placed_at at time zone %(timezone)s)::date as day, turned.currency,
               turned.gross, turned.gross - turned.net as reduced, turned.net, ledger.object_id, ledger.vendor_key,
               ledger.delivered_at, %(sale_kind)s || ':' || %(source)s || ':' || value.key as wanted_id
          from people.order_value as value
         cross join lateral (
               select value.currency, value.gross, value.net where %(currency)s = ''
                union all
               select %(currency)s, round(value.gross * value.rate, 2), round(value.net * value.rate, 2)
                where %(currency)s <> '') as turned
          left join delivery.ledger
            on ledger.account = %(account)s and ledger.pair = value.pair and not ledger.gone
           and ledger.object_id = %(sale_kind)s || ':' || %(source)s || ':' || value.key
         where value.pair = %(pair)s and not value.excluded
    ), there as (
        select vendor_key, (sold_at at time zone %(timezone)s)::date as day, currency, total
          from reconcile.mirror
         where pair = %(pair)s and kind = %(sale_kind)s and total is not null
    )
    select here.wanted_id, here.delivered_at,
           'order ' || coalesce(here.number, there.vendor_key) as record,
           here.day, here.currency, here.gross, here.reduced, here.net,
           there.vendor_key, coalesce(there.day, here.day) as held_day, there.currency as held_currency,
           there.total as held_total
      from here full join there on there.vendor_key = coalesce(here.vendor_key, here.number)
"""

_TOTALS = """
    insert into reconcile.total (pair, day, currency, orders, gross, reduced, net, held, held_total, proof)
    select %(pair)s, day, currency, sum(orders), sum(gross), sum(reduced), sum(net), sum(held), sum(held_total),
           %(proof)s
      from (select day, currency, 1 as orders, gross, reduced, net, 0 as held, 0 as held_total
              from sides where day is not null
             union all
            select coalesce(held_day, date '0001-01-01'), held_currency, 0, 0, 0, 0, 1, held_total
              from sides where vendor_key is not null) as each
     group by day, currency
"""

# The reasons stand in the order in which they are looked for; what has none is for a person.
_DIFFERENCES = """
    insert into reconcile.total_difference (pair, record, day, currency, net, held_total, proof, why)
    select %(pair)s, record, coalesce(day, held_day, date '0001-01-01'), coalesce(currency, held_currency), net,
           held_total, %(proof)s,
           case when newest.state in ('pending', 'claimed', 'unknown') then 'is on its way'
                when newest.state = 'held' then 'is held back'
                when newest.state = 'rejected' then 'was refused'
                when newest.state = 'expired' then 'was too old to be told'
                when finding.barred = 'planned' then 'is planned again'
                when finding.barred is not null then 'is an exception by itself'
                when delivered_at >= %(read_at)s then 'changed while it was read'
                when wanted_id is not null and newest.state is null then 'its buyer is no contact there' end
      from sides
      left join lateral (
           select state from delivery.outbox
            where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.object_id = sides.wanted_id
              and outbox.state <> 'superseded'
            order by row_id desc limit 1) as newest on true
      left join lateral (
           select barred from reconcile.finding
            where finding.run_id = %(run_id)s
              and (finding.object_id = sides.wanted_id
                   or finding.object_id is null and finding.vendor_key = sides.vendor_key)
            limit 1) as finding on true
     where round(net, 2) is distinct from round(held_total, 2) or currency is distinct from held_currency
        on conflict do nothing
"""

_READ_AT = "select min(started_at) from reconcile.reading where pair = %(pair)s"

_STATED = """
    insert into reconcile.stated (pair, name, value, proof, run_id, read_at)
    select %(pair)s, name, value, proof, %(run_id)s, %(now)s
      from unnest(%(names)s::text[], %(figures)s::text[], %(proofs)s::text[]) as given (name, value, proof)
"""

_SUMS = """
    select date_trunc(%(by)s, day)::date as period, currency, sum(orders)::bigint as orders, sum(gross) as gross,
           sum(reduced) as reduced, sum(net) as net, sum(held)::bigint as held, sum(held_total) as held_total,
           min(proof) as proof
      from reconcile.total
     where pair = %(pair)s and day >= coalesce(%(since)s::date, day)
     group by 1, 2
     order by 1, 2
"""

_LISTED = """
    select record, day, currency, net, held_total, why, proof
      from reconcile.total_difference
     where pair = %(pair)s and day >= coalesce(%(since)s::date, day)
     order by why is not null, day, record
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """A period's orders in one currency.

    Attributes:
        period: Its first day, in the pair's time zone.
        orders: How many the source has; `gross` is what they came to, `reduced` what was taken off, `net` what is left.
        held: How many the destination holds, and `held_total` what it counts for them.
        proof: How that is known.
    """

    period: date
    currency: str
    orders: int
    gross: Decimal
    reduced: Decimal
    net: Decimal
    held: int
    held_total: Decimal
    proof: Proof


@dataclass(frozen=True, slots=True)
class OrderDifference:
    """An order that the two sides count differently; `why` is None where nothing explains it, `proof` as in `Sum`."""

    record: str
    day: date
    currency: str
    net: Decimal | None
    held_total: Decimal | None
    why: str | None
    proof: Proof


def write_totals(
    connection: Connection[Any],
    audit: Audit,
    stated: Iterable[Total],
    able: Capabilities,
    *,
    timezone: str,
    now: datetime,
) -> dict[str, int]:
    """Put the totals of an audit in the place of the earlier ones.

    Args:
        connection: The transaction.
        audit: The audit, after its last reading.
        stated: Figures of what the destination holds.
        able: The destination's capabilities.
        timezone: In which days begin and end.
        now: The time (aware UTC).

    Returns:
        `days`: lines of totals; `orders_differ`: orders counted differently; `unexplained`: those for no reason.
    """
    figures = list(stated)
    row = connection.execute(_READ_AT, audit.parameters()).fetchone()
    parameters = audit.parameters(
        timezone=timezone,
        now=now,
        read_at=(row[0] if row else None) or now,
        sale_kind=able.sale_kind,
        currency=able.currency,
        proof=able.proof_of(able.sale_kind),
        proofs=[figure.proof for figure in figures],
        names=[figure.name for figure in figures],
        figures=[figure.value for figure in figures],
    )
    for table in ("total", "total_difference", "stated"):
        connection.execute(f"delete from reconcile.{table} where pair = %(pair)s", parameters)  # noqa: S608 - names of ours
    for statement in (*((_SIDES, _TOTALS, _DIFFERENCES) if able.sale_kind else ()), _STATED):
        connection.execute(statement, parameters)
    return _counts(connection, audit)


def sums(connection: Connection[Any], pair: str, by: By, since: date | None = None) -> list[Sum]:
    """The totals of the newest audit by day or month, oldest first."""
    with connection.cursor(row_factory=class_row(Sum)) as cursor:
        return cursor.execute(_SUMS, {"pair": pair, "by": by, "since": since}).fetchall()


def order_differences(connection: Connection[Any], pair: str, since: date | None = None) -> list[OrderDifference]:
    """The orders that the newest audit found to be counted differently, those that nothing explains first."""
    with connection.cursor(row_factory=class_row(OrderDifference)) as cursor:
        return cursor.execute(_LISTED, {"pair": pair, "since": since}).fetchall()


def stated(connection: Connection[Any], pair: str) -> dict[str, Total]:
    """The figures of what the destination held at the newest audit, by name."""
    statement = "select name, value, proof from reconcile.stated where pair = %s order by name"
    rows = connection.execute(statement, (pair,))
    return {name: Total(name=name, value=value, proof=proof) for name, value, proof in rows}


def _counts(connection: Connection[Any], audit: Audit) -> dict[str, int]:
    row = connection.execute(
        """
        select (select count(*) from reconcile.total where pair = %(pair)s),
               count(*), count(*) filter (where why is null)
          from reconcile.total_difference where pair = %(pair)s
        """,
        audit.parameters(),
    ).fetchone()
    days, differ, unexplained = row or (0, 0, 0)
    return {"days": days, "orders_differ": differ, "unexplained": unexplained}
