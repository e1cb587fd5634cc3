"""A cart as Mailchimp takes one, for its automations to remind somebody of."""

from __future__ import annotations

from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import LeftCart
from retail_sync.model.records import CartLine
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.payloads import bounded, contact_key, filled, money
from retail_sync.vendors.mailchimp.products import product_id


class Carts:
    """Renders carts for one pair."""

    def __init__(self, view: DestinationView) -> None:
        self._account = view.source_account

    def render(self, left: LeftCart) -> Wanted:
        """The cart of a customer whom the store knows, its lines in the order of their ids."""
        cart = left.cart
        payload: dict[str, Any] = {
            "id": bounded(cart.key),
            "customer": {"id": contact_key(left.email)},
            "currency_code": cart.currency,
            "order_total": money(cart.total),
            "lines": [_line(line) for line in sorted(cart.lines, key=lambda line: bounded(line.key))],
            **filled({"checkout_url": cart.checkout_url}),
        }
        products = sorted({line.product_key or "" for line in cart.lines})
        return Wanted(
            kind="cart",
            object_id=left.object_id,
            vendor_key=payload["id"],
            payload=payload,
            needs=(f"customer:{left.person_id}", *(product_id(self._account, key) for key in products)),
        )


def _line(line: CartLine) -> dict[str, Any]:
    return {
        "id": bounded(line.key),
        "product_id": bounded(line.product_key or ""),
        "product_variant_id": bounded(line.variant_key or ""),
        "quantity": line.quantity,
        "price": money(line.unit_price),
    }
