"""A Mailchimp destination with the ledger of a core, and the objects that tests send through it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Delivery, Errand, Operation, Outcome, Wanted
from retail_sync.model.people import Facts, Listing, Person, SoldOrder, Wish
from retail_sync.model.ports import Connection, Destination, Services
from retail_sync.model.records import Address, Discount, Order, OrderLine, Payment, Price, Product, Variant
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.sandbox.client import SandboxControl
from retail_sync.vendors.mailchimp import VENDOR

AUDIENCE = "5a3d0c9b1e"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPING = {
    "FNAME": FieldMapping("first_name", label="First name"),
    "PHONE": FieldMapping("phone", "phone", "Phone"),
    "ADDRESS": FieldMapping("address", "address", "Address"),
    "LTV": FieldMapping("facts.lifetime_value", "number", "Net lifetime value"),
    "LASTORD": FieldMapping("facts.last_order_at", "date", "Last order"),
    "BORN": FieldMapping("birthdate", "birthday", "Birthday"),
    "MARKETS": FieldMapping("facts.markets", label="Markets"),
}


class Slots:
    """A budget of one process: so many calls at once."""

    def __init__(self, slots: int) -> None:
        self._free = threading.BoundedSemaphore(slots)
        self.pauses: list[float] = []

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def slot(self) -> AbstractContextManager[Any]:
        return self._free


class Shop:
    """A destination with what a core remembers of it: the ledger."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.budgets: dict[str, Slots] = {}
        self.ledger: dict[str, Wanted] = {}
        self._settings = {"audience": AUDIENCE, "store": "main", "store_name": "Shop", "poll_from": 0.01} | settings
        self.destination = self.connect()
        self._row = 0

    def connect(self, password: str = "", view: DestinationView | None = None) -> Destination:
        key = password or self.control.health()["connection"]["password"]
        connection = Connection(name="mailchimp_default", host=self.url, password=key)
        services = Services(clock=lambda: NOW, budget=self._budget)
        return VENDOR.destination(self._settings, connection, services, view or pair())

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Slots:
        return self.budgets.setdefault(name, Slots(slots or 1))

    def rows(self, wanted: Sequence[Wanted], operation: Operation | None = None) -> list[Delivery]:
        rows = []
        for one in wanted:
            self._row += 1
            before = self.ledger.get(one.object_id)
            row = Delivery(
                row_id=self._row,
                kind=one.kind,
                object_id=one.object_id,
                vendor_key=one.vendor_key,
                operation=operation or ("update" if before else "create"),
                payload=one.payload,
                birth=one.birth,
                previous=before.payload if before else None,
            )
            rows.append(row)
        return rows

    def send(self, *wanted: Wanted, operation: Operation | None = None) -> list[Outcome]:
        """Deliver as a load does: kind by kind, operation by operation; remember what was delivered."""
        outcomes = []
        for kind in self.destination.capabilities.kinds:
            ours = [one for one in wanted if one.kind == kind]
            rows = self.rows(ours, operation)
            by_row = {row.row_id: one for row, one in zip(rows, ours, strict=True)}
            for sort in ("create", "update", "delete", "opt_out"):
                some = [row for row in rows if row.operation == sort]
                for outcome in self.destination.deliver(some) if some else ():
                    if isinstance(outcome, Errand):
                        continue
                    outcomes.append(outcome)
                    if outcome.verdict == "delivered":
                        self.ledger[by_row[outcome.row_id].object_id] = by_row[outcome.row_id]
        return outcomes

    def stand(self) -> None:
        """Deliver the structure."""
        assert verdicts(self.send(*self.destination.structure(live=True))) == {"delivered": len(MAPPING) + 2}

    def state(self) -> dict[str, Any]:
        return self.control.state()

    def reads_back(self, *kinds: str) -> dict[str, Any]:
        """What differs between the ledger and what Mailchimp gives back, by object; empty where nothing does."""
        differing: dict[str, Any] = {}
        for kind in kinds:
            ours = {one.vendor_key: one for one in self.ledger.values() if one.kind == kind}
            held = {one.vendor_key: one.payload for one in self.destination.read(kind, list(ours))}
            assert held.keys() == ours.keys()
            differing |= {
                one.object_id: (held[key], one.payload) for key, one in ours.items() if held[key] != one.payload
            }
        return differing


def pair(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "centra_to_mailchimp",
        "source_account": "centra_main",
        "mapping": MAPPING,
        "tags": ("collections", "buyer_state", "awaiting_refund"),
        "currency": "SEK",
    }
    return DestinationView(**(fields | changes))


def person(number: int = 1, wish: Wish = "opted_in", email: str | None = None, **changes: Any) -> Person:
    facts = Facts(
        currency="SEK",
        lifetime_value=Decimal("1234.50"),
        last_order_at=datetime(2026, 2, 3, tzinfo=UTC),
        markets=("Sweden", "Norway"),
        collections=("Autumn", "Basics"),
        buyer_state="repeat",
    )
    home = Address(line1="Storgatan 1", city="Umeå", postcode="903 26", country="SE")
    fields: dict[str, Any] = {"facts": facts, "first_name": "Åsa", "phone": "+46 70 123", "address": home}
    return Person(person_id=number, email=email or f"p{number}@mail.test", wish=wish, **(fields | changes))


def product(key: str = "10", sizes: Sequence[str] = ("S", "M"), **changes: Any) -> Listing:
    variants = tuple(
        Variant(
            key=f"{key}-{size}", sku=f"SKU{key}{size}", name=size, prices=(Price(currency="SEK", amount=Decimal(499)),)
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
        product_key="10",
        variant_key=f"10-{size}",
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
    }
    order = Order(
        key=f"k{number}",
        number=number,
        placed_at=NOW - timedelta(days=3),
        updated_at=NOW,
        currency="SEK",
        rate=Decimal(1),
        lines=tuple(lines) or (line(),),
        channel={},
        **(fields | changes),
    )
    return SoldOrder(person_id=who, email=f"p{who}@mail.test", order=order, **({"net_total": order.total} | of_sale))


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(outcome.verdict for outcome in outcomes))


def everything(shop: Shop, *people: Person, orders: Sequence[SoldOrder] = ()) -> list[Wanted]:
    wanted = [one for who in people for one in shop.destination.person(who)]
    wanted += shop.destination.listing(product())
    return wanted + [one for order in orders for one in shop.destination.order(order)]


def status_of(shop: Shop, email: str) -> str | None:
    found = list(shop.destination.lookup([email]))
    return found[0].status if found else None
