"""What contract tests of the Fulfil source share: a running sandbox with a short history, and ways to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from retail_sync.model.delivery import Delivery
from retail_sync.model.ports import Budget, Connection, Services, Source
from retail_sync.model.reading import Page, Window
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.sandbox.world.events import OrderPlaced, ShopEvent
from retail_sync.sandbox.world.history import history
from retail_sync.vendors.carriers import read
from retail_sync.vendors.fulfil import VENDOR
from retail_sync.vendors.fulfil.sandbox import build

from .open_door import OpenDoor

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "token-of-the-test"
EVERYTHING = Window(datetime(2000, 1, 1, tzinfo=UTC), NOW + timedelta(days=1))
Row = dict[str, Any]


@dataclass
class Shop:
    """A running sandbox, and ways to it."""

    control: SandboxControl
    url: str
    door: OpenDoor = field(default_factory=OpenDoor)

    def source(self, token: str = TOKEN, **settings: Any) -> Source:
        connection = Connection("fulfil_test", self.url, password=token)
        return VENDOR.source(settings, connection, Services(lambda: NOW, self.budget, read()))

    def budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        return self.door

    def rows(self, model: str) -> list[Row]:
        books: list[Row] = self.control.state()[model]
        return books

    def by_id(self, model: str) -> dict[int, Row]:
        return {row["id"]: row for row in self.rows(model)}

    def gross(self) -> dict[int, dict[int, Decimal]]:
        """What each line comes to with tax, by its sale."""
        found: dict[int, dict[int, Decimal]] = {row["id"]: {} for row in self.rows("sale.sale")}
        for line in self.rows("sale.line"):
            found[line["sale"]][line["id"]] = Decimal(line["gross_price"]) * line["quantity"]
        return found


def past() -> list[ShopEvent]:
    """A few months of an invented shop, with one order of its wholesale channel and one of a marketplace's guest."""
    events = list(history(7, customers=60, orders=150, until=NOW - timedelta(hours=1), months=6))
    order = next(event for event in events if isinstance(event, OrderPlaced))
    later = NOW - timedelta(minutes=30)
    return [
        *events,
        replace(order, number=900_001, store_type="WHOLESALE", at=later, affiliate=None),
        replace(order, number=900_002, customer_id=900_002, email="guest@post.test", affiliate="zalando", at=later),
    ]


@contextmanager
def opened(events: Sequence[ShopEvent], **settings: Any) -> Iterator[Shop]:
    """A sandbox that these events have happened to."""
    with running(build({"tokens": [{"value": TOKEN}], **settings})) as url, SandboxControl(url) as control:
        control.apply(events)
        control.reset_log()
        yield Shop(control, url)


def records(pages: Iterator[Page]) -> list[Any]:
    """All records of pages of which none was refused."""
    found: list[Any] = []
    for page in pages:
        assert not page.refused
        found += page.records
    return found


def opt_out(source: Source, row_id: int, key: str) -> Delivery:
    """An opt-out as the outbox gives it."""
    wanted = source.opt_out(key)
    return Delivery(
        row_id=row_id,
        kind=wanted.kind,
        object_id=wanted.object_id,
        vendor_key=wanted.vendor_key,
        operation="opt_out",
        payload=wanted.payload,
    )
