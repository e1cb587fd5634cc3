"""What a case is, and the stage on which it is told: its own numbers, two moments, and people and orders to tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from retail_sync.sandbox.world.cases.goods import COAT, line
from retail_sync.sandbox.world.events import (
    CustomerKnown,
    LineSpec,
    OrderConfirmed,
    OrderPlaced,
    ParcelLine,
    PlaceOfLiving,
    Refunded,
    ReturnLineSpec,
    ReturnMade,
    Shipped,
    ShopEvent,
)
from retail_sync.sandbox.world.state import RETURN_IDS

#: A case's customers and orders are numbered from its own number times these.
CUSTOMERS_A_CASE, ORDERS_A_CASE = 10, 100
_HOME = PlaceOfLiving(line1="Götgatan 1", postcode="116 46", city="Stockholm", country="SE", phone="+46700000000")


class Case(Struct, frozen=True, kw_only=True):
    """Something that happens to real shops and real marketing, told in one invented shop.

    Attributes:
        name: Its stable name.
        about: What it is, in a sentence.
        emails: The addresses of the people concerned.
        orders: The numbers of the orders concerned.
        past: What had happened before the shop is read for the first time.
        news: What happens on the day after.
        fault: A fault of the shop's sandbox that belongs to it, as `POST /_sandbox/faults` takes it.
    """

    name: str
    about: str
    emails: tuple[str, ...]
    orders: tuple[int, ...]
    past: tuple[ShopEvent, ...]
    news: tuple[ShopEvent, ...]
    fault: dict[str, Any] | None = None


class Stage:
    """Where a case is told; what it says with `before` and `later` makes up the case.

    Args:
        number: The case's own number, from which its customers and orders have theirs.
        name: The case's name, from which addresses are made.
        until: When the past ends and the day after begins (aware UTC).
    """

    def __init__(self, number: int, name: str, until: datetime) -> None:
        self._number, self._name = number, name
        self._past: list[ShopEvent] = []
        self._news: list[ShopEvent] = []
        self._emails: dict[str, None] = {}
        self._orders: dict[int, None] = {}
        #: Long ago, when people came and bought; then the goods had left; and the morning after the first reading.
        self.long_ago, self.lately = until - timedelta(days=12), until - timedelta(days=8)
        self.next_day = until + timedelta(hours=2)
        self.fault: dict[str, Any] | None = None

    def before(self, *events: ShopEvent) -> None:
        """Let these have happened before the shop is read for the first time."""
        self._tell(self._past, events)

    def later(self, *events: ShopEvent) -> None:
        """Let these happen on the day after."""
        self._tell(self._news, events)

    def _tell(self, told: list[ShopEvent], events: Iterable[ShopEvent]) -> None:
        for event in events:
            told.append(event)
            if isinstance(event, CustomerKnown | OrderPlaced):
                self._emails[event.email] = None
            if isinstance(event, OrderPlaced):
                self._orders[event.number] = None

    def case(self, about: str) -> Case:
        """What was told."""
        return Case(
            name=self._name,
            about=about,
            emails=tuple(self._emails),
            orders=tuple(self._orders),
            past=tuple(self._past),
            news=tuple(self._news),
            fault=self.fault,
        )

    def customer(self, place: int = 1, **changes: Any) -> CustomerKnown:
        """A registered customer who does not want the newsletter, known for long."""
        name = self._name.replace("-", ".")
        fields: dict[str, Any] = {
            "at": self.long_ago,
            "customer_id": self._number * CUSTOMERS_A_CASE + place,
            "email": f"{name}@mail.test" if place == 1 else f"{name}.{place}@mail.test",
            "first_name": "Åsa",
            "last_name": f"Fall {self._number}",
            "registered": True,
            "newsletter": False,
            "home": _HOME,
            "market": "Sweden",
        }
        return CustomerKnown(**(fields | changes))

    def order(
        self, buyer: CustomerKnown, place: int = 1, wanted: Iterable[LineSpec] | None = None, **changes: Any
    ) -> OrderPlaced:
        """An order of two coats in SEK, paid at once; its lines are numbered by the order."""
        number = self._number * ORDERS_A_CASE + place
        lines = wanted if wanted is not None else (line(COAT, quantity=2),)
        fields: dict[str, Any] = {
            "at": self.long_ago,
            "number": number,
            "customer_id": buyer.customer_id,
            "email": buyer.email,
            "store_type": "DIRECT_TO_CONSUMER",
            "market": buyer.market,
            "currency": "SEK",
            "rate": Decimal(1),
            "lines": tuple(replace(one, line_id=number * 1000 + at) for at, one in enumerate(lines)),
            "shipping": Decimal("49.00"),
            "ship_to": buyer.home,
            "first_name": buyer.first_name,
            "last_name": buyer.last_name,
        }
        return OrderPlaced(**(fields | changes))

    def ordered(self, buyer: CustomerKnown, place: int = 1, **changes: Any) -> OrderPlaced:
        """An order that was placed, confirmed and sent in the past."""
        placed = self.order(buyer, place, **changes)
        self.before(placed, confirmed(placed), sent(placed, self.lately))
        return placed


def confirmed(placed: OrderPlaced) -> OrderConfirmed:
    """The shop accepts an order some minutes later."""
    return OrderConfirmed(at=placed.at + timedelta(minutes=5), number=placed.number)


def sent(placed: OrderPlaced, at: datetime, **changes: Any) -> Shipped:
    """All of an order leaves in one parcel that can be followed."""
    fields: dict[str, Any] = {
        "number": placed.number,
        "parcel": 1,
        "carrier": "PostNord",
        "service": "MyPack Collect",
        "tracking_number": f"0057313243986{placed.number:04}A",
        "lines": tuple(ParcelLine(line_id=one.line_id, quantity=one.quantity) for one in placed.lines),
    }
    return Shipped(at=at, **(fields | changes))


def came_back(placed: OrderPlaced, at: datetime, quantity: int, *, completed: bool = True) -> ReturnMade:
    """So many of an order's first line come back."""
    first = placed.lines[0]
    back = ReturnLineSpec(line_id=first.line_id, quantity=quantity, unit_price=first.unit_price)
    return ReturnMade(
        at=at, return_id=RETURN_IDS + placed.number, number=placed.number, lines=(back,), completed=completed
    )


def paid_back(returned: ReturnMade, at: datetime) -> Refunded:
    """The money for a return."""
    worth = sum((one.unit_price * one.quantity for one in returned.lines), Decimal(0))
    return Refunded(at=at, number=returned.number, amount=worth, return_id=returned.return_id)


Teller = Callable[[Stage], None]
