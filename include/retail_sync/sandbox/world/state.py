"""What the world remembers in order to go on, read from the events alone: any running shop can live another day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec import structs

from retail_sync.sandbox.world.events import (
    ContactLeft,
    CustomerKnown,
    LineCancelled,
    NewsletterChanged,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    PaymentCaptured,
    ProductListed,
    Refunded,
    ReturnCompleted,
    ReturnMade,
    Shipped,
    ShopEvent,
    StockChanged,
    TimeSkipped,
    VariantSpec,
)

#: Everything that happens to an order has happened by then; older ones are forgotten.
ORDER_LIVES = timedelta(days=75)

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
#: An order has one return at most; its id is the order's number and this.
RETURN_IDS = 1_000_000
#: Numbers of customers, orders and products whose life is told from outside: the shop itself does nothing with them.
OTHERS_CUSTOMERS, OTHERS_ORDERS, OTHERS_PRODUCTS = range(1, 1_001), range(1, 10_001), range(2, 1_000)


OrderEvent = (
    OrderConfirmed
    | PaymentCaptured
    | OrderCancelled
    | LineCancelled
    | Shipped
    | ReturnMade
    | ReturnCompleted
    | Refunded
)
_DEEDS: dict[type[ShopEvent], str] = {
    OrderConfirmed: "confirmed",
    PaymentCaptured: "captured",
    OrderCancelled: "cancelled",
    LineCancelled: "line cancelled",
    ReturnMade: "return",
    ReturnCompleted: "return completed",
    Refunded: "refund",
}


@dataclass(slots=True)
class LivingOrder:
    """An order that something may still happen to.

    Attributes:
        done: What has happened, in the words of `deed`.
        cancelled: Units of each line that will not be sent.
        skipped_before: How much time the shop had skipped when the order was placed.
    """

    placed: OrderPlaced
    done: set[str] = field(default_factory=set)
    cancelled: dict[int, int] = field(default_factory=dict)
    skipped_before: timedelta = timedelta()


@dataclass(slots=True)
class World:
    """The shop as its events left it. Empty until events are applied."""

    now: datetime = BEFORE_ALL
    began: datetime | None = None
    skipped: timedelta = timedelta()
    products: dict[int, ProductListed] = field(default_factory=dict)
    product_ids: list[int] = field(default_factory=list)
    stock: dict[int, int] = field(default_factory=dict)
    sold: Counter[int] = field(default_factory=Counter)
    customers: dict[int, CustomerKnown] = field(default_factory=dict)
    customer_ids: list[int] = field(default_factory=list)
    bought_last: dict[int, tuple[int, int]] = field(default_factory=dict)
    orders: dict[int, LivingOrder] = field(default_factory=dict)
    order_count: int = 0
    last_order: int = OTHERS_ORDERS[-1]
    last_customer: int = OTHERS_CUSTOMERS[-1]
    gone: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, events: Iterable[ShopEvent]) -> World:
        """The world after events, given in the order of time."""
        world = cls()
        for event in events:
            world.apply(event)
        return world

    def apply(self, event: ShopEvent) -> None:
        """Remember one event."""
        if event.at > self.now:
            if event.at.date() != self.now.date():
                self._forget(event.at)
            self.now = event.at
        if _is_told_from_outside(event):
            return
        match event:
            case ProductListed():
                self._list(event)
            case StockChanged():
                self.stock[event.variant_id] = event.stock
                self.sold.pop(event.variant_id, None)
            case CustomerKnown():
                self._know(event)
            case NewsletterChanged():
                customer = self.customers[event.customer_id]
                self.customers[event.customer_id] = structs.replace(customer, newsletter=event.subscribed)
            case ContactLeft():
                self.gone.add(event.email)
            case TimeSkipped():
                self.skipped += timedelta(seconds=event.seconds)
            case OrderPlaced():
                self._place(event)
            case _ if isinstance(event, OrderEvent):
                self._happen(event)

    def variant(self, product_id: int, variant_id: int) -> VariantSpec:
        """A variant that was listed."""
        return next(one for one in self.products[product_id].variants if one.variant_id == variant_id)

    def orders_a_day(self) -> float:
        """The shop's pace so far."""
        if self.began is None:
            return 0.0
        return self.order_count / max((self.now - self.began + self.skipped) / timedelta(days=1), 1.0)

    def _list(self, event: ProductListed) -> None:
        if event.product_id not in self.products:
            self.product_ids.append(event.product_id)
        self.products[event.product_id] = event
        self.stock.update((one.variant_id, one.stock) for one in event.variants)

    def _know(self, event: CustomerKnown) -> None:
        if event.customer_id not in self.customers:
            self.customer_ids.append(event.customer_id)
        self.customers[event.customer_id] = event
        self.last_customer = max(self.last_customer, event.customer_id)

    def _place(self, event: OrderPlaced) -> None:
        self.began = self.began or event.at
        self.order_count += 1
        self.last_order = max(self.last_order, event.number)
        self.orders[event.number] = LivingOrder(event, skipped_before=self.skipped)
        for line in event.lines:
            self.sold[line.variant_id] += line.quantity
        self.bought_last[event.customer_id] = (event.lines[0].product_id, event.lines[0].variant_id)

    def _happen(self, event: OrderEvent) -> None:
        order = self.orders.get(event.return_id - RETURN_IDS if isinstance(event, ReturnCompleted) else event.number)
        if order is None:
            return
        if isinstance(event, LineCancelled):
            order.cancelled[event.line_id] = order.cancelled.get(event.line_id, 0) + event.quantity
        order.done.add(deed(event))

    def _forget(self, at: datetime) -> None:
        """Drop orders whose life is over. Orders are in the order of their time, so the first young one ends it."""
        old = []
        for number, order in self.orders.items():
            if at - order.placed.at + self.skipped - order.skipped_before < ORDER_LIVES:
                break
            old.append(number)
        for number in old:
            del self.orders[number]


def _is_told_from_outside(event: ShopEvent) -> bool:
    return (
        _is_among(getattr(event, "product_id", None), OTHERS_PRODUCTS)
        or _is_among(getattr(event, "customer_id", None), OTHERS_CUSTOMERS)
        or _is_among(getattr(event, "number", None), OTHERS_ORDERS)
    )


def _is_among(number: int | None, numbers: range) -> bool:
    # A range looks at each of its numbers in turn for what is no number.
    return number is not None and number in numbers


def deed(event: ShopEvent) -> str:
    """What an event does to its order: a word for each kind, `parcel 2` for a second parcel."""
    return f"parcel {event.parcel}" if isinstance(event, Shipped) else _DEEDS.get(type(event), "")
