"""A running OrderWise sandbox with a past, and the source that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from retail_sync.model.delivery import Delivery
from retail_sync.model.ports import Budget, Connection, Finding, Services, Source
from retail_sync.model.reading import Page, Window
from retail_sync.model.records import Record
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.sandbox.world.events import OrderPlaced, ProductListed, ShopEvent
from retail_sync.sandbox.world.history import history
from retail_sync.vendors.carriers import read
from retail_sync.vendors.orderwise import VENDOR
from retail_sync.vendors.orderwise.facts import EXPORTS
from retail_sync.vendors.orderwise.sandbox import build
from tests.oracle.books.orderwise import read as own_books
from tests.oracle.terms import Json

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVERYTHING = Window(datetime(2000, 1, 1, tzinfo=UTC), NOW + timedelta(days=1))
PASSWORD = "password-of-the-test"
CARRIERS = read()
#: The sandbox numbers what it installs from 101, in the order of names.
DEFINITIONS = {name: 101 + place for place, name in enumerate(sorted(EXPORTS))}
STATUSES = {
    "Awaiting approval": "pending",
    "Awaiting despatch": "confirmed",
    "On hold": "held",
    "Partially despatched": "processing",
    "Completed": "shipped",
    "Cancelled": "cancelled",
}
SETTINGS: Mapping[str, Any] = {"definitions": DEFINITIONS, "statuses": STATUSES, "web_accounts": [1]}


@dataclass
class Open:
    """A budget that lets everything go, and remembers what it was asked for."""

    named: list[tuple[str, float | None, int | None]] = field(default_factory=list)

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        return None

    def slot(self) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass
class Stage:
    """The sandbox and ways to it.

    Attributes:
        now: What the source takes for the time.
    """

    control: SandboxControl
    url: str
    base: str = "/owapi"
    now: datetime = NOW
    door: Open = field(default_factory=Open)

    def source(self, *, login: str = "api", password: str = PASSWORD, **settings: Any) -> Source:
        connection = Connection("orderwise_test", f"{self.url}{self.base}", login=login, password=password)
        return VENDOR.source({**SETTINGS, **settings}, connection, Services(lambda: self.now, self._budget, CARRIERS))

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        self.door.named.append((name, rate, slots))
        return self.door

    def books(self) -> Json:
        """The installation's own books in the plain shape."""
        return own_books(self.control.state())

    def table(self, name: str) -> list[Json]:
        rows: list[Json] = self.control.state()["tables"][name]
        return rows

    def findings(self, **settings: Any) -> dict[str, Finding]:
        return {finding.subject: finding for finding in self.source(**settings).check()}


def months(number: int, *, customers: int, orders: int) -> list[ShopEvent]:
    """A past of so many months, with a few more goods than were bought."""
    events = list(history(7, customers=customers, orders=orders, until=NOW - timedelta(hours=1), months=number))
    bought = {line.product_id for event in events if isinstance(event, OrderPlaced) for line in event.lines}
    kept = bought | set(range(30))
    return [event for event in events if not isinstance(event, ProductListed) or event.product_id in kept]


@contextmanager
def opened(past: Sequence[ShopEvent], **settings: Any) -> Iterator[Stage]:
    """A sandbox that these events have happened to."""
    app = build({"users": [{"name": "api", "password": PASSWORD}], **settings})
    with running(app) as url, SandboxControl(url) as control:
        control.stand_at(NOW)
        control.apply(past)
        control.reset_log()
        yield Stage(control, url, str(settings.get("base", "/owapi")))


def records(pages: Iterator[Page]) -> list[Any]:
    found: list[Record] = []
    for page in pages:
        assert not page.refused
        found += page.records
    return found


def keys(pages: Iterator[Page]) -> list[str]:
    return [record.key for record in records(pages)]


def opt_out(source: Source, row_id: int, key: str) -> Delivery:
    wanted = source.opt_out(key)
    return Delivery(
        row_id=row_id,
        kind=wanted.kind,
        object_id=wanted.object_id,
        vendor_key=wanted.vendor_key,
        operation="opt_out",
        payload=wanted.payload,
    )
