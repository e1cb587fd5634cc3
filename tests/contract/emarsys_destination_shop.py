"""An Emarsys destination with the ledger of a core, and the objects that tests send through it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Delivery, Errand, Operation, Outcome, Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.people import Facts, Person, SoldOrder, Wish
from retail_sync.model.ports import Connection, Destination, Services
from retail_sync.model.records import Address, Order, OrderLine, Payment
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.sandbox.client import SandboxControl
from retail_sync.vendors.emarsys import VENDOR

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MERCHANT = "1A2B3C4D"
MAPPING = {
    "first_name": FieldMapping("first_name"),
    "phone": FieldMapping("phone"),
    "birth_date": FieldMapping("birthdate", "date"),
    "shop_country": FieldMapping("address.country", "shorttext", "Shop country"),
    "shop_ltv": FieldMapping("facts.lifetime_value", "number", "Net lifetime value"),
    "shop_last_order": FieldMapping("facts.last_order_at", "date", "Last order"),
    "shop_markets": FieldMapping("facts.markets", label="Markets"),
}
EVENTS = ("order_confirmed", "order_shipped", "payment_captured")


class Slots:
    """A budget of one process: so many calls at once, and none while there is a pause."""

    def __init__(self, slots: int) -> None:
        self._free = threading.BoundedSemaphore(slots)
        self._until = 0.0
        self.pauses: list[float] = []

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        wait = max(0.0, self._until - time.monotonic())
        time.sleep(wait)
        return wait

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._until = time.monotonic() + seconds

    def slot(self) -> AbstractContextManager[Any]:
        return self._free


class Shop:
    """A destination with what a core remembers of it: the ledger."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.budgets: dict[str, Slots] = {}
        self.ledger: dict[str, tuple[Wanted, str]] = {}
        self._settings = {"merchant": MERCHANT, "poll_from": 0.005, "poll_to": 0.05, "export_deadline": 5} | settings
        self.destination = self.connect()
        self._row = 0

    def connect(self, view: DestinationView | None = None, **changes: Any) -> Destination:
        given = self.control.health()["connection"]
        fields: dict[str, Any] = {
            "name": "emarsys_default",
            "host": given["host"],
            "login": given["login"],
            "password": given["password"],
            "extra": given["extra"],
        }
        services = Services(clock=lambda: datetime.now(UTC), budget=self._budget)
        return VENDOR.destination(self._settings, Connection(**(fields | changes)), services, view or pair())

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
                previous=before[0].payload if before else None,
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
                    assert not isinstance(outcome, Errand)
                    outcomes.append(outcome)
                    if outcome.verdict == "delivered":
                        one = by_row[outcome.row_id]
                        self.ledger[one.object_id] = (one, outcome.vendor_key or one.vendor_key)
        return outcomes

    def stand(self) -> None:
        """Deliver the structure; the key's field is there already."""
        structure = self.destination.structure(live=True)
        assert verdicts(self.send(*structure)) == {"delivered": len(structure) - 1, "exists": 1}

    def books(self) -> dict[str, Any]:
        return self.control.state()

    def contact(self, email: str) -> dict[str, Any]:
        """The one contact of an address, as the account has it."""
        (found,) = [one for one in self.books()["contacts"] if one["email"] == email]
        return dict(found)

    def sale(self, order: str) -> dict[str, Any]:
        """What the account's rows of an order add up to."""
        return dict(self.books()["sales"]["orders"].get(order, {}))

    def reads_back(self, *kinds: str) -> dict[str, Any]:
        """What differs between the ledger and what Emarsys gives back, by object; empty where nothing does."""
        differing: dict[str, Any] = {}
        for kind in kinds:
            ours = {key: one for one, key in self.ledger.values() if one.kind == kind}
            held = {one.vendor_key: one.payload for one in self.destination.read(kind, list(ours))}
            assert held.keys() == ours.keys()
            differing |= {
                one.object_id: (held[key], one.payload) for key, one in ours.items() if held[key] != one.payload
            }
        return differing


def pair(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "centra_to_emarsys",
        "source_account": "centra_main",
        "mapping": MAPPING,
        "tags": (),
        "currency": "SEK",
        "events": {"order_shipped": "order_shipped"},
        "triggers": {"financial.confirmed": ["order_confirmed"], "financial.captured": ["payment_captured"]},
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
    fields: dict[str, Any] = {"facts": facts, "first_name": "Åsa", "phone": "+46 70 123", "address": home}
    return Person(person_id=number, email=email or f"p{number}@mail.test", wish=wish, **(fields | changes))


def line(key: str = "1", quantity: int = 2, price: str = "499.00", **changes: Any) -> OrderLine:
    fields: dict[str, Any] = {"sku": f"SKU{key}", "total": Decimal(price) * quantity}
    return OrderLine(key=key, name="Shirt", quantity=quantity, unit_price=Decimal(price), **(fields | changes))


_OF_SALE = ("returned", "refunded", "refunded_at", "hold_shipping", "net_total")


def sold(number: str = "1001", who: int = 1, lines: Sequence[OrderLine] = (), **changes: Any) -> SoldOrder:
    """Two shirts, shipping of 99 and a voucher of 50: worth 1047.00."""
    of_sale: dict[str, Any] = {name: changes.pop(name) for name in _OF_SALE if name in changes}
    fields: dict[str, Any] = {
        "status": "confirmed",
        "total": Decimal("1047.00"),
        "shipping": Decimal("99.00"),
        "discount": Decimal(50),
        "currency": "SEK",
        "rate": Decimal(1),
        "payments": (Payment(key="p", kind="captured", succeeded=True, amount=Decimal("1047.00"), at=NOW),),
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


def shipped(parcel: str = "1001-1", who: int = 1) -> Happening:
    return Happening(
        event_id=f"shipment:centra_main:{parcel}",
        name="order_shipped",
        person_id=who,
        email=f"p{who}@mail.test",
        at=NOW,
        useful_until=NOW + timedelta(days=2),
        properties={"order": "1001", "tracking_number": f"TN{parcel}", "tracking_url": f"https://track.test/{parcel}"},
        sold=sold(),
    )


def sales(shop: Shop, what: SoldOrder) -> list[Wanted]:
    """The order's rows of sales data, without what is told of it."""
    return [one for one in shop.destination.order(what) if one.kind == "sale"]


def told(shop: Shop, what: SoldOrder) -> list[Wanted]:
    """What is told of an order, without its rows of sales data."""
    return [one for one in shop.destination.order(what) if one.kind == "event"]


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(outcome.verdict for outcome in outcomes))


def status_of(shop: Shop, email: str) -> str | None:
    found = list(shop.destination.lookup([email]))
    return found[0].status if found else None
