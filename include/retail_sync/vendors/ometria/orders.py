"""An order as Ometria takes one: always whole, with what went back on its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from retail_sync.model.delivery import Sale, Wanted
from retail_sync.model.moments import is_refunded
from retail_sync.model.people import SoldOrder
from retail_sync.model.records import Order, OrderLine
from retail_sync.model.views import DestinationView
from retail_sync.vendors.ometria import order_states
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.payloads import filled, moment, money, place, read_moment
from retail_sync.vendors.ometria.people import Names, contact_id
from retail_sync.vendors.ometria.products import variant_key
from retail_sync.vendors.ometria.refunds import spread

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
#: Stands for the product of a line that the source ties to none: Ometria takes no line without one.
NO_PRODUCT = "no-product"
_AMOUNTS = ("grand_total", "subtotal", "discount", "shipping", "tax")
_LINE_AMOUNTS = ("unit_price", "subtotal", "total", "refunded")


class Orders:
    """Renders orders for one pair."""

    def __init__(self, view: DestinationView, settings: OmetriaSettings, names: Names) -> None:
        self._statuses = view.statuses
        self._currency = view.currency
        self._settings = settings
        self._names = names

    def render(self, sold: SoldOrder) -> Wanted:
        """The whole order as it stands; nothing in it moves with the clock or with a source's time of change."""
        order = sold.order
        return Wanted(
            kind="order",
            object_id=order_id(self._names.account, order.key),
            vendor_key=order.number,
            payload=self._payload(sold),
            needs=(contact_id(sold.person_id),),
        )

    def _payload(self, sold: SoldOrder) -> dict[str, Any]:
        order = sold.order
        cancelled = order.status == "cancelled"
        grand = rounded(sold.gross_total, order.total)
        # A cancelled order and one that was paid back whole count for nothing, since they are not valid. One of which
        # more went back than was paid goes on counting, for less than nothing.
        went_back = Decimal(0) if cancelled else grand - rounded(sold.net_total, order.total)
        lines = sorted(order.lines, key=lambda line: line.key)
        if went_back and not lines:
            grand -= went_back
        payload: dict[str, Any] = {
            "timestamp": moment(order.placed_at),
            "status": order_states.word(sold, self._statuses),
            "is_valid": not cancelled and (sold.net_total < 0 or not is_refunded(sold)),
            "customer": self._customer(sold),
            "currency": order.currency,
            "grand_total": money(grand),
            "subtotal": money(sum((line.total for line in lines), Decimal(0))),
            "discount": money(order.discount),
            "shipping": money(order.shipping),
            "tax": money(order.tax),
            "lineitems": [
                self._line(*one, sold) for one in zip(lines, spread(went_back, lines, sold.returned), strict=True)
            ],
            "store": self._settings.stores.get(order.currency, order.currency),
            "properties": self._properties(sold),
            **{name: found for name, found in _places(order) if found},
            **filled({"coupon_code": min((one.code for one in order.discounts if one.code), default=None)}),
        }
        if order.currency != self._currency:
            payload["totals"] = _totals(payload, _AMOUNTS, order.rate)
            payload["lineitems"] = [
                line | {"totals": _totals(line, _LINE_AMOUNTS, order.rate)} for line in payload["lineitems"]
            ]
        return payload

    def _customer(self, sold: SoldOrder) -> dict[str, str]:
        key = {"id": self._names.contact(sold.person_id)} if self._names.named else {}
        return key | {"email": sold.email}

    def _line(self, line: OrderLine, refunded: Decimal, sold: SoldOrder) -> dict[str, Any]:
        back = 0 if sold.order.status == "cancelled" else min(sold.returned.get(line.key, 0), line.quantity)
        variant = variant_key(self._settings, line.variant_key) if line.variant_key else None
        return {
            "product_id": line.product_key or NO_PRODUCT,
            "quantity": line.quantity,
            "quantity_refunded": back,
            "unit_price": money(line.unit_price),
            "subtotal": money(line.unit_price * line.quantity),
            "total": money(line.total),
            "refunded": money(refunded),
            "is_on_sale": line.list_price is not None and line.unit_price < line.list_price,
            **filled({"variant_id": variant, "sku": line.sku}),
        }

    def _properties(self, sold: SoldOrder) -> dict[str, str]:
        """What an order has no field for: whose it is, where it came from, and how its last parcel is followed."""
        order = sold.order
        followed = [parcel for parcel in sold.told_parcels if parcel.tracking_number or parcel.tracking_url]
        last = max(followed, key=lambda one: (one.shipped_at or _LONG_AGO, one.number), default=None)
        return {"source": self._names.account} | filled(
            {
                "market": order.market,
                "affiliate": order.affiliate,
                "campaign": order.campaign,
                "exchange_of": order.exchange_of,
                "tracking_number": last.tracking_number if last else None,
                "carrier": last.carrier if last else None,
                "tracking_url": last.tracking_url if last else None,
            }
        )


def order_id(account: str, key: str) -> str:
    """The object id of an order; `key` is the source's."""
    return f"order:{account}:{key}"


def sale_of(payload: Mapping[str, Any]) -> Sale:
    """What an order counts for at Ometria, as its reports have it: nothing where it is not valid."""
    total = Decimal(payload.get("grand_total", 0))
    total -= sum((Decimal(line.get("refunded", 0)) for line in payload.get("lineitems", ())), Decimal(0))
    return Sale(
        total=total if payload.get("is_valid", True) else Decimal(0),
        currency=payload.get("currency", ""),
        sold_at=read_moment(payload["timestamp"]) if "timestamp" in payload else None,
    )


def rounded(amount: Decimal, total: Decimal) -> Decimal:
    """An amount as finely as the source states its totals: shares of tax leave more digits behind."""
    places = max(2, -int(total.as_tuple().exponent))
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _totals(amounts: dict[str, Any], names: tuple[str, ...], rate: Decimal) -> dict[str, dict[str, str]]:
    """Amounts in the account's reporting currency beside those of the order's own.

    ASSUMED: the pair's currency is the one in which the account reports.
    """
    local = {name: amounts[name] for name in names}
    base = {
        name: money((Decimal(text) * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)) for name, text in local.items()
    }
    return {"base": base, "local": local}


def _places(order: Order) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "shipping_address", place(order.shipping_address)
    yield "billing_address", place(order.billing_address)
