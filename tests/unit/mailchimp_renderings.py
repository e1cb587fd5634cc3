"""People and orders as plan knows them, and what the Mailchimp side makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Facts, OrderState, Person, SoldOrder
from retail_sync.model.records import Address, Order, OrderLine, Payment
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.orders import Orders

SETTINGS = MailchimpSettings(audience="a1", store="main", store_name="Shop", store_domain="shop.test")
AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
TRIGGERS: dict[OrderState, list[str]] = {
    "financial.pending": ["pending"],
    "financial.captured": ["paid"],
    "financial.refunded": ["refunded"],
    "financial.cancelled": ["cancelled"],
    "fulfillment.shipped": ["shipped"],
}


def view(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "p",
        "source_account": "centra_main",
        "mapping": {
            "FNAME": FieldMapping("first_name"),
            "LTV": FieldMapping("facts.lifetime_value", "number", "Value"),
        },
        "tags": ("buyer_state", "collections", "awaiting_refund"),
        "currency": "SEK",
        "triggers": TRIGGERS,
    }
    return DestinationView(**(fields | changes))


def person(**changes: Any) -> Person:
    fields: dict[str, Any] = {
        "person_id": 7,
        "email": "asa@mail.test",
        "facts": Facts(currency="SEK", buyer_state="vip", collections=("Winter", "Autumn"), awaiting_refund=True),
        "wish": "opted_in",
        "first_name": "Åsa",
        "address": Address(line1="Storgatan 1", city="Umeå", country="SE"),
    }
    return Person(**(fields | changes))


def line(key: str = "1", **changes: Any) -> OrderLine:
    fields: dict[str, Any] = {
        "name": "Shirt",
        "quantity": 2,
        "unit_price": Decimal("100.00"),
        "total": Decimal("200.00"),
        "product_key": "10",
        "variant_key": "11",
    }
    return OrderLine(key=key, **(fields | changes))


CAPTURED = Payment(key="c", kind="captured", succeeded=True, amount=Decimal(200), at=AT)


def sold(order: dict[str, Any] | None = None, **changes: Any) -> SoldOrder:
    fields: dict[str, Any] = {
        "key": "k1",
        "number": "1001",
        "status": "confirmed",
        "placed_at": AT,
        "updated_at": AT,
        "currency": "SEK",
        "rate": Decimal(1),
        "total": Decimal("200.00"),
        "lines": (line(),),
        "channel": {},
        "payments": (CAPTURED,),
    }
    whole = Order(**(fields | (order or {})))
    sale: dict[str, Any] = {"person_id": 7, "email": "asa@mail.test", "order": whole, "net_total": whole.total}
    return SoldOrder(**(sale | changes))


def render(what: SoldOrder, **changes: Any) -> Wanted:
    """The state that an order has come to."""
    return Orders(view(**changes), SETTINGS).render(what)[-1]


def told(what: SoldOrder, **changes: Any) -> list[tuple[str, str, str]]:
    """What is told of an order: each step's name with both statuses."""
    steps = Orders(view(**changes), SETTINGS).render(what)[:-1]
    assert {step.row for step in steps} <= {"step"}
    statuses = ("financial_status", "fulfillment_status")
    return [(step.step, *(step.payload.get(name, "") for name in statuses)) for step in steps]
