"""An order as Mailchimp takes one: what returns and refunds have left of it, in the words of its order mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import SoldOrder
from retail_sync.model.ports import DestinationView
from retail_sync.model.records import Address, Order, OrderLine, Shipment
from retail_sync.vendors.mailchimp.facts import ORDER_STATUSES, MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import bounded, contact_key, filled, moment, money, street
from retail_sync.vendors.mailchimp.products import PLACEHOLDER, product_id

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NOTHING_LEFT = {
    "id": PLACEHOLDER,
    "product_id": PLACEHOLDER,
    "product_variant_id": PLACEHOLDER,
    "quantity": 1,
    "price": "0.00",
}


class Orders:
    """Renders orders for one pair."""

    def __init__(self, view: DestinationView, settings: MailchimpSettings) -> None:
        self._account = view.source_account
        self._statuses = ORDER_STATUSES | dict(view.statuses)
        self._store = f"store:{settings.store}"

    def render(self, sold: SoldOrder) -> Wanted:
        """The order; nothing in it moves with the clock or with a source's time of change."""
        order = sold.order
        lines = list(_lines(sold))
        payload: dict[str, Any] = {
            "id": bounded(order.number),
            "customer": {"id": contact_key(sold.email)},
            "currency_code": order.currency,
            "order_total": money(sold.net_total),
            "discount_total": money(order.discount),
            "tax_total": money(order.tax),
            "shipping_total": money(order.shipping),
            "processed_at_foreign": moment(order.placed_at),
            "lines": [rendered for _, rendered in lines] or [_NOTHING_LEFT],
            "promos": _promos(order),
            **self._states(sold),
            **_places(order),
            **({} if sold.hold_shipping else _tracking(order.shipments)),
        }
        if order.status == "cancelled":
            # Any time cancels. Sources give none for the cancelling, and their time of change would move.
            payload["cancelled_at_foreign"] = payload["processed_at_foreign"]
        return Wanted(
            kind="order",
            object_id=f"order:{self._account}:{order.key}",
            vendor_key=payload["id"],
            payload=payload,
            needs=self._needs(sold, lines),
        )

    def _states(self, sold: SoldOrder) -> dict[str, str]:
        return filled(
            {
                "financial_status": self._statuses[f"financial.{financial(sold)}"],
                "fulfillment_status": self._statuses[f"fulfillment.{fulfilment(sold)}"],
            }
        )

    def _needs(self, sold: SoldOrder, lines: list[tuple[str, dict[str, Any]]]) -> tuple[str, ...]:
        products = dict.fromkeys(product for product, _ in lines) or {PLACEHOLDER: None}
        return (f"customer:{sold.person_id}", *(product_id(self._account, key) for key in sorted(products)))


def financial(sold: SoldOrder) -> str:
    """What the order's money is at; the first that fits, and what ends an order stands first."""
    order = sold.order
    if order.status == "cancelled":
        return "cancelled"
    if sold.refunded > 0:
        return "refunded" if sold.net_total <= 0 else "partially_refunded"
    paid = any(payment.kind == "captured" and payment.succeeded for payment in order.payments)
    # Nothing is captured of an order that a voucher paid whole.
    free = order.total == 0 and order.status not in {"pending", "unknown"}
    return "captured" if paid or free else "pending"


def fulfilment(sold: SoldOrder) -> str:
    """How much of the order has left; none while a rule holds its shipping mail back."""
    order = sold.order
    if sold.hold_shipping:
        return "none"
    if order.status == "shipped":
        return "shipped"
    left = [parcel for parcel in order.shipments if parcel.shipped]
    if not left:
        return "none"
    sent: dict[str, int] = {}
    for line in (line for parcel in left for line in parcel.lines):
        sent[line.line_key] = sent.get(line.line_key, 0) + line.quantity
    whole = bool(sent) and all(sent.get(line.key, 0) >= line.quantity for line in order.lines if line.kind == "goods")
    return "shipped" if whole else "partly_shipped"


def _lines(sold: SoldOrder) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line of which something is left, with its product's key, in the order of ids: Mailchimp promises none.

    A line that came back whole is dropped. It would count as a purchase, and segments would take it for one.
    """
    for line in sorted(sold.order.lines, key=lambda line: bounded(line.key)):
        left = line.quantity - sold.returned.get(line.key, 0)
        if left > 0:
            product, variant = _goods(line)
            yield (
                product,
                {
                    "id": bounded(line.key),
                    "product_id": bounded(product),
                    "product_variant_id": bounded(variant),
                    "quantity": left,
                    "price": money(line.unit_price),
                },
            )


def _goods(line: OrderLine) -> tuple[str, str]:
    """Keys of product and variant; the placeholder's where either is unknown, as `people.stubs` lists none then."""
    if line.product_key and line.variant_key:
        return line.product_key, line.variant_key
    return PLACEHOLDER, PLACEHOLDER


def _promos(order: Order) -> list[dict[str, Any]]:
    promos = [
        {"code": bounded(discount.code), "amount_discounted": money(discount.amount), "type": "fixed"}
        for discount in order.discounts
        if discount.code
    ]
    return sorted(promos, key=lambda promo: (promo["code"], Decimal(promo["amount_discounted"])))


def _tracking(shipments: tuple[Shipment, ...]) -> dict[str, Any]:
    """The last parcel that can be followed: an order of Mailchimp's has room for one."""
    followed = [parcel for parcel in shipments if parcel.shipped and parcel.tracking_url]
    if not followed:
        return {}
    last = max(followed, key=lambda parcel: (parcel.shipped_at or _LONG_AGO, parcel.number))
    return filled(
        {
            "tracking_number": last.tracking_number,
            "tracking_carrier": last.carrier,
            "tracking_url": last.tracking_url,
        }
    )


def _places(order: Order) -> dict[str, Any]:
    places = {"shipping_address": order.shipping_address, "billing_address": order.billing_address}
    return {name: found for name, place in places.items() if place and (found := _place(place))}


def _place(address: Address) -> dict[str, Any]:
    name = " ".join(filter(None, (address.first_name, address.last_name)))
    return street(address) | filled({"name": name, "phone": address.phone, "company": address.company})
