"""An order as sales data: rows that add up to what returns and refunds have left of it.

The interface of sales data only ever appends. What an order is worth by now is therefore rendered as a set of named
rows, each as it should add up to in the end; `sales_rows` finds what is still to be appended to what was sent before.
Goods stand as they were ordered, what was cancelled and what came back beside them, and two rows hold what no line
explains: charges (shipping, discounts of the whole order) and money that went back otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from retail_sync.model.delivery import Sale, Wanted
from retail_sync.model.people import SoldOrder
from retail_sync.model.records import Order, OrderLine
from retail_sync.model.views import DestinationView
from retail_sync.vendors.emarsys.facts import ORIGIN_COLUMNS, EmarsysSettings
from retail_sync.vendors.emarsys.payloads import cents, contact_key, moment
from retail_sync.vendors.emarsys.people import contact_id
from retail_sync.vendors.emarsys.text import clean

_NOTHING = Decimal(0)


class SaleRow(NamedTuple):
    """One named row of an order: `quantity` and `price`, the whole row's, are negative for what is taken off."""

    name: str
    item: str
    quantity: int
    price: Decimal
    at: datetime | None


class Sales:
    """Renders orders for one pair.

    Args:
        view: The pair.
        settings: Its Emarsys settings.
    """

    def __init__(self, view: DestinationView, settings: EmarsysSettings) -> None:
        self._account = view.source_account
        self._currency = view.currency
        self._settings = settings
        self._is_sent = settings.sales != "none"
        self._origins = set(settings.sales_columns).intersection(ORIGIN_COLUMNS)

    def render(self, sold: SoldOrder) -> list[Wanted]:
        """The order with its rows in the account's one currency; nothing where the pair sends no orders.

        Amounts in another currency are turned by the order's own rate and rounded row by row; the last rows take up
        what rounding leaves, so that all rows add up to the order's value to the cent.
        """
        if not self._is_sent:
            return []
        order = sold.order
        number = self._settings.order_prefix + order.number
        rows = {row.name: _plain(row) for row in self._rows(sold) if row.quantity or row.price}
        return [
            Wanted(
                kind="sale",
                object_id=f"sale:{self._account}:{order.key}",
                vendor_key=number,
                payload={
                    "order": number,
                    "customer": contact_key(self._account, sold.person_id),
                    "email": sold.email,
                    "rows": rows,
                    **({"origin": self._origin(order)} if self._origins else {}),
                },
                # When it last changed dates only what is appended for it; by itself it makes no difference.
                birth={"changed_at": moment(order.updated_at)},
                needs=(contact_id(sold.person_id),),
            )
        ]

    def counted(self, payload: Mapping[str, Any]) -> Sale:
        """What the rows of an order add up to, in the account's currency, on the day of the first of them."""
        rows = payload["rows"].values()
        times = sorted(row["at"] for row in rows if row.get("at"))
        return Sale(
            total=sum((Decimal(row["price"]) for row in rows), _NOTHING),
            currency=self._currency,
            sold_at=datetime.fromisoformat(times[0]) if times else None,
        )

    def _rows(self, sold: SoldOrder) -> Iterator[SaleRow]:
        order = sold.order
        gross = self._turned(sold, sold.gross_total)
        worth = self._turned(sold, sold.net_total)
        ordered = _NOTHING
        for line in (line for line in order.lines if line.kind != "gift_card"):
            item, unit = self._item(line), self._unit(sold, line)
            total, cancelled = cents(unit * (line.quantity + line.cancelled)), cents(unit * line.cancelled)
            yield SaleRow(f"ordered:{line.key}", item, line.quantity + line.cancelled, total, order.placed_at)
            yield SaleRow(f"cancelled:{line.key}", item, -line.cancelled, -cancelled, None)
            ordered += total - cancelled
        # A gift card counts when it is spent, so what is left of an order is worth less than its lines.
        yield SaleRow("charges", self._settings.charges_item, _sign(gross - ordered), gross - ordered, order.placed_at)
        back = _NOTHING
        for line in (line for line in order.lines if line.kind != "gift_card"):
            came = _came_back(sold, line)
            price = cents(self._unit(sold, line) * came)
            yield SaleRow(f"returned:{line.key}", self._item(line), -came, -price, sold.refunded_at)
            back += price
        rest = worth - (gross - back)
        yield SaleRow("refunded", self._settings.charges_item, _sign(rest), rest, sold.refunded_at)

    def _origin(self, order: Order) -> dict[str, str]:
        """What the source says that an order came by, as far as the pair's columns take it."""
        coupons = sorted({one.code for one in order.discounts if one.code})
        said = {"s_affiliate": order.affiliate, "s_campaign": order.campaign, "s_coupon": ", ".join(coupons)}
        return {name: clean(text) for name, text in said.items() if text and name in self._origins}

    def _turned(self, sold: SoldOrder, amount: Decimal) -> Decimal:
        """An amount in the account's currency."""
        return cents(amount if sold.order.currency == self._currency else amount * sold.order.rate)

    def _unit(self, sold: SoldOrder, line: OrderLine) -> Decimal:
        """What one piece cost in the account's currency, as the line's total says, which knows its discounts."""
        unit = line.total / line.quantity if line.quantity else line.unit_price
        return unit if sold.order.currency == self._currency else unit * sold.order.rate

    def _item(self, line: OrderLine) -> str:
        named = {"sku": line.sku, "variant": line.variant_key, "product": line.product_key}
        return clean(named[self._settings.item] or line.sku or line.variant_key or "") or self._settings.charges_item


def _came_back(sold: SoldOrder, line: OrderLine) -> int:
    """How many of a line came back; of an order that was cancelled whole, all that had not been cancelled before."""
    return line.quantity if sold.order.status == "cancelled" else min(sold.returned.get(line.key, 0), line.quantity)


def _sign(amount: Decimal) -> int:
    return (amount > 0) - (amount < 0)


def _plain(row: SaleRow) -> dict[str, Any]:
    plain: dict[str, Any] = {"item": row.item, "quantity": row.quantity, "price": str(row.price)}
    return plain | ({"at": moment(row.at)} if row.at else {})
