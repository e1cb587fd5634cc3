"""One account: everything that the sandbox remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.ometria.sandbox import by_hand
from retail_sync.vendors.ometria.sandbox.books import books
from retail_sync.vendors.ometria.sandbox.erasures import Erasures
from retail_sync.vendors.ometria.sandbox.events import Events
from retail_sync.vendors.ometria.sandbox.orders import Order
from retail_sync.vendors.ometria.sandbox.pace import Allowance, Buckets, Stopwatch
from retail_sync.vendors.ometria.sandbox.people import People
from retail_sync.vendors.ometria.sandbox.products import Product
from retail_sync.vendors.ometria.sandbox.push_queue import PushQueue
from retail_sync.vendors.ometria.sandbox.refusals import Rejected
from retail_sync.vendors.ometria.sandbox.schema import Json, is_true
from retail_sync.vendors.ometria.sandbox.settings import Settings
from retail_sync.vendors.ometria.sandbox.shapes import DIRECTIVES, SHAPES
from retail_sync.vendors.ometria.sandbox.traps import Traps


class Account:
    """People, orders, products, events, the queue and the mails; a `Shop` as the kit wants it.

    Attributes:
        now: The clock; the server puts its own here.
        apart: What a snapshot leaves as it is.
    """

    apart = frozenset({"settings", "traps", "now"})

    def __init__(self, settings: Settings, traps: Traps) -> None:
        self.settings, self.traps = settings, traps
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.watch = Stopwatch(self._time)
        self.reset()

    def reset(self) -> None:
        """Empty the books and fill the buckets."""
        settings = self.settings
        self.buckets = Buckets(
            {
                "push": Allowance(settings.push_per_second),
                "data": Allowance(settings.data_per_second),
                "mail": Allowance(settings.mails_per_second),
                "erasure": Allowance(settings.erasures_per_minute, 60),
                "merge": Allowance(settings.merges_per_minute, 60),
            },
            self.watch,
        )
        self.people = People(settings, self._time)
        self.orders: dict[str, Order] = {}
        self.products: dict[str, Product] = {}
        self.events = Events(settings, self.people)
        self.queue = PushQueue(settings, self.traps, self.watch, self._time, self.store)
        self.erasures = Erasures(self)
        self.mails: list[Json] = []
        self.merges: list[Json] = []

    def settle(self) -> None:
        """Let everything happen that is due."""
        self.queue.settle()
        self.erasures.settle()

    def apply(self, event: ShopEvent) -> None:
        """Let something happen by hand; of what happens in a shop this account hears nothing."""
        self.settle()
        by_hand.happen(self, event)

    def state(self) -> Json:
        """The books; see `books`."""
        self.settle()
        return books(self)

    def store(self, record: Json) -> None:
        """Validate a record and store it.

        Raises:
            Rejected: It does not fit.
        """
        kind = record["@type"]
        shape = SHAPES.get(kind)
        if shape is None:
            raise Rejected(f"Unknown type {kind}", "@type")
        if flaws := shape.check(record):
            raise Rejected(flaws[0].message, flaws[0].path)
        if kind == "contact":
            self.people.take(record, "api", "api")
        elif kind == "custom_event":
            self.events.take(record, self.now())
        elif kind == "order":
            self.store_order(record)
        else:
            self._store_product(record)

    def store_order(self, record: Json) -> None:
        """Insert an order or change the one that stands: fields that are not sent stay, lines are replaced whole."""
        known = self.orders.get(record["id"])
        merged = known is not None and self.settings.order_update == "merge"
        fields = {**known.fields, **record} if known and merged else dict(record)
        _complete(fields)
        order = known or Order(record["id"], len(self.orders) + 1, self.now(), {})
        self.orders[order.id] = order
        order.take(fields, self.now())
        self.people.attach(order)

    def remove_order(self, order: Order) -> None:
        """Take an order out."""
        self.people.detach(order)
        del self.orders[order.id]

    def _store_product(self, record: Json) -> None:
        known = self.products.get(record["id"])
        fields = {name: value for name, value in record.items() if name not in DIRECTIVES}
        if known and (self.settings.update == "merge" or is_true(record.get("@merge"))):
            fields = {**known.fields, **fields}
        _complete(fields)
        product = known or Product(record["id"], len(self.products) + 1, self.now(), {})
        self.products[product.id] = product
        product.take(fields, self.now())

    def _time(self) -> datetime:
        return self.now()


def _complete(fields: Json) -> None:
    """Refuse a record that lacks what it must have to stand.

    Raises:
        Rejected: It does.
    """
    if flaw := SHAPES[fields["@type"]].missing(fields):
        raise Rejected(flaw.message, flaw.path)
