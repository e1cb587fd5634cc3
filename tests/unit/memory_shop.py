"""A shop in memory, as a source: what it holds can be changed, and what it was asked is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.ports import Connection, Finding
from retail_sync.model.reading import Page, StreamFacts, Window
from retail_sync.model.records import Customer, Order, OrderLine, Product, Record, Return, Shipment, Stream
from retail_sync.model.views import FieldLimit
from retail_sync.pairs.config import Pair
from retail_sync.steps.context import Road

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

PAIR = {
    "pair": "shop_to_list",
    "source": {"system": "shop", "connection": "shop", "account": "shop_main"},
    "destination": {"system": "list", "connection": "list", "account": "list_main"},
    "channels": [
        {"when": {"store_type": ["WHOLESALE"]}, "is": "wholesale"},
        {"when": {"store_type": ["DTC"]}, "is": "dtc"},
    ],
    "value": {"currency": "SEK"},
    "streams": {"customers": {}, "orders": {}, "returns": {}, "products": {"cadence": "1h"}},
}


def order(number: str, at: datetime = NOON, **more: Any) -> Order:
    """An order of one shirt, placed and changed at `at`."""
    line = OrderLine(key=f"{number}-1", name="Shirt", quantity=1, unit_price=Decimal(200), total=Decimal(200))
    given: dict[str, Any] = {
        "status": "confirmed",
        "placed_at": at,
        "updated_at": at,
        "currency": "SEK",
        "rate": Decimal(1),
        "total": Decimal(249),
        "shipping": Decimal(49),
        "lines": (line,),
        "channel": {"store_type": "DTC"},
        "email": f"{number}@mail.test",
    }
    return Order(key=f"o{number}", number=number, **(given | more))


def parcel(key: str, url: str | None, *, shipped: bool = True, untracked: bool = False) -> Shipment:
    """A parcel."""
    return Shipment(key=key, number=key, shipped=shipped, tracking_url=url, untracked=untracked)


def sent_back(key: str, number: str, at: datetime = NOON, **more: Any) -> Return:
    """An open return of an order."""
    given: dict[str, Any] = {"status": "open", "updated_at": at, "currency": "SEK", "total": Decimal(200)}
    return Return(key=key, order_key=f"o{number}", order_number=number, created_at=at, **(given | more))


def customer(key: str, at: datetime = NOON, **more: Any) -> Customer:
    """A customer record."""
    return Customer(key=key, email=f"{key}@mail.test", created_at=at, updated_at=more.pop("updated_at", at), **more)


def product(key: str, at: datetime = NOON, **more: Any) -> Product:
    """A product."""
    return Product(key=key, number=key, name="Shirt", updated_at=at, **more)


class Hands:
    """A clock that stands where it is set."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **length: float) -> datetime:
        self.at += timedelta(**length)
        return self.at


@dataclass
class MemoryShop:
    """A source whose records stand in a dictionary. Returns have no time of change, as Centra's have none.

    Attributes:
        asked: Every call of `extract`, as (stream, window, parents).
        fails_after: How many pages come before the connection breaks, or None.
    """

    clock: Hands
    held: dict[tuple[Stream, str], Record] = field(default_factory=dict)
    asked: list[tuple[Stream, Window | None, list[str]]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    fails_after: int | None = None
    page_size: int = 2

    streams: Mapping[Stream, StreamFacts] = field(
        default_factory=lambda: {
            "customers": StreamFacts(),
            "products": StreamFacts(),
            "orders": StreamFacts(),
            "returns": StreamFacts(follows="orders", by_change=False),
        }
    )
    writes_consent: bool = True

    def put(self, *records: Record) -> None:
        names: dict[type, Stream] = {Customer: "customers", Order: "orders", Return: "returns", Product: "products"}
        for record in records:
            self.held[names[type(record)], record.key] = record

    def windows(self, stream: Stream) -> list[Window]:
        """The windows that were asked for, of one stream."""
        return [window for name, window, _ in self.asked if name == stream and window is not None]

    def parents(self, stream: Stream) -> list[str]:
        """All the parents that were asked for, of one stream."""
        return [number for name, _, numbers in self.asked if name == stream for number in numbers]

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        self.asked.append((stream, window, list(parents)))
        found = [
            record
            for (name, _), record in self.held.items()
            if name == stream and (_within(record, window) or getattr(record, "order_number", None) in parents)
        ]
        for number, start in enumerate(range(0, len(found), self.page_size)):
            if number == self.fails_after:
                raise UnreachableError("the connection was cut")
            yield Page(found[start : start + self.page_size], self.clock(), self.refused if start == 0 else ())

    def opt_out(self, customer_key: str) -> Wanted:
        return Wanted(kind="opt_out", object_id=f"opt_out:{customer_key}", vendor_key=customer_key, payload={})

    def check(self) -> Iterator[Finding]:
        return iter(())

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        return iter(())


def _within(record: Record, window: Window | None) -> bool:
    if window is None:
        return False
    if window.by == "changed":
        at = record.updated_at
    else:
        at = record.placed_at if isinstance(record, Order) else getattr(record, "created_at", record.updated_at)
    return window.since < at <= window.until


def no_connections(name: str) -> Connection:
    raise ConfigurationError("there is no such connection", record=name)


@dataclass
class Takes:
    """A destination of which no more is known than what its contact fields take."""

    held: Sequence[FieldLimit] = ()
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities("member", {}, 1, (), frozenset(), frozenset())
    )

    def limits(self) -> Sequence[FieldLimit]:
        return self.held


def road_to(database: Database, shop: MemoryShop, *, takes: Sequence[FieldLimit] = (), **changes: Any) -> Road:
    """A road of the pair with some of its keys changed, from the shop to a destination whose fields take that."""
    road = Road(Pair.model_validate(PAIR | changes), database, no_connections, shop.clock)
    road.__dict__["source"] = shop
    road.__dict__["destination"] = Takes(takes)
    return road
