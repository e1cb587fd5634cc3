"""An Ometria destination with the ledger of a core, and the objects that tests send through it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from retail_sync.model.delivery import Contact, Delivery, Errand, Operation, Outcome, Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.people import Facts, Listing, Person, SoldOrder, Wish
from retail_sync.model.ports import Connection, Destination, Services
from retail_sync.model.records import (
    Address,
    Discount,
    Order,
    OrderLine,
    Payment,
    Price,
    Product,
    Shipment,
    ShipmentLine,
    Variant,
)
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.sandbox.client import SandboxControl
from retail_sync.vendors.ometria import VENDOR

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPING = {
    "firstname": FieldMapping("first_name"),
    "phone_number": FieldMapping("phone"),
    "country_id": FieldMapping("address.country"),
    "date_of_birth": FieldMapping("birthdate"),
    "lifetime_value": FieldMapping("facts.lifetime_value", "number"),
    "last_order_at": FieldMapping("facts.last_order_at", "date"),
    "awaiting_refund": FieldMapping("facts.awaiting_refund", "boolean"),
    "markets": FieldMapping("facts.markets", "list"),
    "loyalty": FieldMapping("attributes.loyalty"),
}
#: A sandbox that neither keeps anybody waiting nor runs out.
BRISK = {"push_per_second": 1000.0, "data_per_second": 1000.0, "validate_seconds": 0.005}
_SETTINGS = {"poll_from": 0.01, "poll_to": 0.05, "settle_for": 0.05, "settle_deadline": 10.0, "few": 5}


class Allowance:
    """A budget of one process: as much as one likes, and a pause is a pause."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        time.sleep(min(seconds, 0.05))

    def slot(self) -> Any:
        return nullcontext()


class Shop:
    """A destination with what a core remembers of it: the ledger."""

    def __init__(self, url: str, view: DestinationView | None = None, **settings: Any) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.budgets: dict[str, Allowance] = {}
        self.ledger: dict[str, Wanted] = {}
        self._settings = _SETTINGS | settings
        self.destination = self.connect(view=view)
        self._row = 0

    @property
    def key(self) -> str:
        return str(self.control.health()["connection"]["password"])

    def connect(self, password: str | None = None, view: DestinationView | None = None) -> Destination:
        connection = Connection(name="ometria_default", host=self.url, password=password or self.key)
        services = Services(clock=lambda: NOW, budget=self._budget)
        return VENDOR.destination(self._settings, connection, services, view or pair())

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Allowance:
        return self.budgets.setdefault(name, Allowance())

    def rows(self, wanted: Sequence[Wanted], operation: Operation | None = None) -> list[Delivery]:
        rows = []
        for one in wanted:
            self._row += 1
            before = self.ledger.get(one.object_id)
            rows.append(
                Delivery(
                    row_id=self._row,
                    kind=one.kind,
                    object_id=one.object_id,
                    vendor_key=one.vendor_key,
                    operation=operation or ("update" if before else "create"),
                    payload=one.payload,
                    birth=one.birth,
                    previous=before.payload if before else None,
                )
            )
        return rows

    def send(self, *wanted: Wanted, operation: Operation | None = None) -> list[Outcome]:
        """Deliver as a load does: kind by kind, operation by operation; remember what was delivered."""
        outcomes: list[Outcome] = []
        for kind in self.destination.capabilities.kinds:
            ours = [one for one in wanted if one.kind == kind]
            rows = self.rows(ours, operation)
            by_row = {row.row_id: one for row, one in zip(rows, ours, strict=True)}
            for sort in ("create", "update", "delete", "opt_out"):
                some = [row for row in rows if row.operation == sort]
                for outcome in self.destination.deliver(some) if some else ():
                    assert not isinstance(outcome, Errand)
                    outcomes.append(outcome)
                    if outcome.verdict == "delivered":
                        self.ledger[by_row[outcome.row_id].object_id] = by_row[outcome.row_id]
        return outcomes

    def state(self) -> dict[str, Any]:
        return self.control.state()

    def push(self, *records: dict[str, Any]) -> None:
        """What another program of the account pushes, until it has been worked off."""
        answer = requests.post(
            f"{self.url}/v2/push", json=list(records), headers={"X-Ometria-Auth": self.key}, timeout=10
        )
        assert answer.ok, answer.text
        self.worked_off()

    def worked_off(self) -> dict[str, Any]:
        """The books once nothing waits in the queue any more."""
        while (books := self.state())["queue"]["waiting"]:
            time.sleep(0.01)
        return books

    def reads_back(self, *kinds: str) -> dict[str, Any]:
        """What differs between the ledger and what Ometria gives back, by object; empty where nothing does."""
        differing: dict[str, Any] = {}
        for kind in kinds:
            ours = {one.vendor_key: one for one in self.ledger.values() if one.kind == kind}
            held = {one.vendor_key: one.payload for one in self.destination.read(kind, list(ours))}
            assert held.keys() == ours.keys()
            differing |= {
                one.object_id: (held[key], one.payload) for key, one in ours.items() if held[key] != one.payload
            }
        return differing

    def contact(self, email: str) -> Contact | None:
        return next(iter(self.destination.lookup([email])), None)

    def status(self, email: str) -> str | None:
        found = self.contact(email)
        return found.status if found else None


def pair(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "centra_to_ometria",
        "source_account": "centra_main",
        "mapping": MAPPING,
        "tags": (),
        "currency": "SEK",
        "events": {"order_shipped": "order_shipped", "back_in_stock": "back_in_stock"},
    }
    return DestinationView(**(fields | changes))


def person(number: int = 1, wish: Wish = "opted_in", email: str | None = None, **changes: Any) -> Person:
    facts = Facts(
        currency="SEK",
        lifetime_value=Decimal("1234.50"),
        last_order_at=datetime(2026, 2, 3, tzinfo=UTC),
        markets=("Sweden", "Norway"),
    )
    home = Address(line1="Storgatan 1", city="Umeå", postcode="903 26", country="SE")
    fields: dict[str, Any] = {"facts": facts, "first_name": "Åsa", "phone": "+46 70 123 45 67", "address": home}
    return Person(person_id=number, email=email or f"p{number}@mail.test", wish=wish, **(fields | changes))


def product(key: str = "10", sizes: Sequence[str] = ("S", "M"), stock: int | None = 3, **changes: Any) -> Listing:
    variants = tuple(
        Variant(
            key=f"{key}-{size}",
            sku=f"SKU{key}{size}",
            name=size,
            prices=(Price(currency="SEK", amount=Decimal(499)), Price(currency="EUR", amount=Decimal("45.50"))),
            stock=stock,
        )
        for size in sizes
    )
    fields: dict[str, Any] = {"url": "https://shop.test/p", "brand": "Own", "collection": "Basics"}
    return Listing(
        product=Product(
            key=key, number=f"N{key}", name="Shirt", updated_at=NOW, variants=variants, **(fields | changes)
        )
    )


def line(key: str = "1", quantity: int = 2, size: str = "S") -> OrderLine:
    return OrderLine(
        key=key,
        name="Shirt",
        quantity=quantity,
        unit_price=Decimal("499.00"),
        total=Decimal("499.00") * quantity,
        list_price=Decimal("599.00"),
        sku=f"SKU10{size}",
        product_key="10",
        variant_key=f"10-{size}",
    )


PARCEL = Shipment(
    key="s1",
    number="1001-1",
    shipped=True,
    shipped_at=NOW,
    carrier="PostNord",
    tracking_number="AB1",
    tracking_url="https://track.test/AB1",
    lines=(ShipmentLine(line_key="1", quantity=2),),
)
_OF_SALE = ("returned", "refunded", "refunded_at", "hold_shipping", "net_total")


def sold(number: str = "1001", who: int = 1, lines: Sequence[OrderLine] = (), **changes: Any) -> SoldOrder:
    of_sale: dict[str, Any] = {name: changes.pop(name) for name in _OF_SALE if name in changes}
    fields: dict[str, Any] = {
        "status": "confirmed",
        "total": Decimal("1047.00"),
        "tax": Decimal("209.40"),
        "shipping": Decimal("49.00"),
        "discounts": (Discount(code="HELLO", amount=Decimal(50)),),
        "discount": Decimal(50),
        "payments": (Payment(key="p", kind="captured", succeeded=True, amount=Decimal("1047.00"), at=NOW),),
        "shipping_address": Address(first_name="Åsa", line1="Storgatan 1", city="Umeå", country="SE"),
        "currency": "SEK",
        "rate": Decimal(1),
    }
    order = Order(
        key=f"k{number}",
        number=number,
        placed_at=NOW - timedelta(days=3),
        updated_at=NOW,
        lines=tuple(lines) or (line(),),
        channel={},
        **(fields | changes),
    )
    return SoldOrder(person_id=who, email=f"p{who}@mail.test", order=order, **({"net_total": order.total} | of_sale))


def shipped(parcel: Shipment = PARCEL, who: int = 1) -> Happening:
    return Happening(
        event_id=f"shipment:centra_main:{parcel.key}",
        name="order_shipped",
        person_id=who,
        email=f"p{who}@mail.test",
        at=NOW,
        useful_until=NOW + timedelta(hours=48),
        properties={
            "order": "1001",
            "shipment": parcel.number,
            "items": "2 x Shirt",
            "carrier": parcel.carrier or "",
            "tracking_number": parcel.tracking_number or "",
            "tracking_url": parcel.tracking_url or "",
        },
        sold=sold(shipments=(parcel,)),
        shipment=parcel,
    )


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(outcome.verdict for outcome in outcomes))


def everything(shop: Shop, *people: Person, orders: Sequence[SoldOrder] = ()) -> list[Wanted]:
    wanted = [one for who in people for one in shop.destination.person(who)]
    wanted += shop.destination.listing(product())
    return wanted + [one for order in orders for one in shop.destination.order(order)]
