"""An order as Mailchimp takes one: what returns and refunds have left of it, in the words of its order mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.moments import moments
from retail_sync.model.people import SoldOrder
from retail_sync.model.records import Address, Order, OrderLine, Shipment
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.attribution import Landing
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.order_life import Said, Words
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
        self._words = Words(view, settings)
        self._useful_for = view.useful_for
        self._store = f"store:{settings.store}"
        self._landing = Landing(settings)

    def render(self, sold: SoldOrder) -> list[Wanted]:
        """What is told of an order step by step, and how it stands after that.

        Each is the whole order as it stands now with the statuses of its step: nothing in it moves with the clock or
        with a source's time of change.
        """
        base, needs = self._payload(sold)
        statuses: dict[str, str] = {}
        rows: list[Wanted] = []
        for said in self._words.of(moments(sold)):
            statuses[said.field] = said.word
            if said.step:
                rows.append(self._row(sold, base, needs, statuses, said))
        return [*rows, self._row(sold, base, needs, statuses)]

    def _payload(self, sold: SoldOrder) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The order without its statuses, and what must stand before it."""
        order = sold.order
        lines = list(_lines(sold))
        payload: dict[str, Any] = {
            "id": bounded(order.number),
            "customer": {"id": contact_key(sold.email)},
            "currency_code": order.currency,
            "order_total": money(_rounded(sold.net_total, order.total)),
            "discount_total": money(order.discount),
            "tax_total": money(order.tax),
            "shipping_total": money(order.shipping),
            "processed_at_foreign": moment(order.placed_at),
            "lines": [rendered for _, rendered in lines] or [_NOTHING_LEFT],
            "promos": _promos(order),
            **self._landing.of(order),
            **_places(order),
            **_tracking(sold.told_parcels),
        }
        if order.status == "cancelled":
            # Any time cancels. Sources give none for the cancelling, and their time of change would move.
            payload["cancelled_at_foreign"] = payload["processed_at_foreign"]
        products = dict.fromkeys(product for product, _ in lines) or {PLACEHOLDER: None}
        return payload, (
            f"customer:{sold.person_id}",
            *(product_id(self._account, key) for key in sorted(products)),
        )

    def _row(
        self,
        sold: SoldOrder,
        base: dict[str, Any],
        needs: tuple[str, ...],
        statuses: dict[str, str],
        said: Said | None = None,
    ) -> Wanted:
        held = {field: word for field, word in statuses.items() if word}
        return Wanted(
            kind="order",
            object_id=f"order:{self._account}:{sold.order.key}",
            vendor_key=base["id"],
            payload=base | held,
            needs=needs,
            row="step" if said else "state",
            step=said.step if said else "",
            useful_until=said.at + self._useful_for if said else None,
            quiet={field: self._words.quiet(word) for field, word in held.items() if word in self._words.loud[field]},
        )


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


def _rounded(net: Decimal, total: Decimal) -> Decimal:
    """What is left of an order, as finely as the source states its total: shares of tax leave more digits behind."""
    places = max(2, -int(total.as_tuple().exponent))
    return net.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


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


def _tracking(parcels: Sequence[Shipment]) -> dict[str, Any]:
    """The last parcel that can be followed: an order of Mailchimp's has room for one."""
    followed = [parcel for parcel in parcels if parcel.tracking_url]
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
