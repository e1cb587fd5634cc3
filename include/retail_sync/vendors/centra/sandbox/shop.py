"""The instance's books: everything that the API shows, changed by world events and by mutations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.centra.sandbox import catalogue_events, customer_events, fulfilment_events, order_events
from retail_sync.vendors.centra.sandbox.books import books
from retail_sync.vendors.centra.sandbox.notices import NoticeBoard
from retail_sync.vendors.centra.sandbox.records import (
    Customer,
    Names,
    Order,
    Payment,
    Product,
    Refs,
    Return,
    Shipment,
    Size,
    StockChange,
    Subscription,
    Variant,
)
from retail_sync.vendors.centra.sandbox.settings import Cause, Settings

_HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    **catalogue_events.HAPPENINGS,
    **customer_events.HAPPENINGS,
    **order_events.HAPPENINGS,
    **fulfilment_events.HAPPENINGS,
}


class Shop:
    """The books.

    Attributes:
        revision: Counts the changes, so that readers know whether what they found is still so.
        now: The sandbox's time, for what the API itself changes.
        apart: What a snapshot leaves as it is. The count of changes never goes back: readers would take what they
            found at that number before for what is there now.
    """

    apart = frozenset({"settings", "revision", "now"})

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.revision = 0
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.reset()

    def reset(self) -> None:
        """Empty the books; the event queues go with them."""
        self.revision += 1
        self.customers: dict[int, Customer] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.products: dict[int, Product] = {}
        self.sizes: dict[int, Size] = {}
        self.stock_changes: dict[int, StockChange] = {}
        self.displays: dict[int, Variant] = {}
        self.orders: dict[int, Order] = {}
        self.orders_by_id: dict[str, Order] = {}
        self.orders_of: dict[int, list[Order]] = {}
        self.payments: dict[int, Payment] = {}
        self.shipments: dict[int, Shipment] = {}
        self.returns: dict[int, Return] = {}
        self.markets, self.currencies, self.countries = Names(), Names(), Names()
        self.brands, self.collections = Names(), Names()
        self.affiliates, self.payment_methods, self.campaigns = Names(), Names(), Names()
        self.notices = NoticeBoard()
        self._numbers = count(1)

    def number(self) -> int:
        """A number that no other object of these books has had from here."""
        return next(self._numbers)

    def apply(self, event: ShopEvent) -> None:
        """Let something happen; what a shop never hears of changes nothing."""
        happening = _HAPPENINGS.get(type(event))
        if happening is not None:
            self.revision += 1
            happening(self, event)

    def state(self) -> dict[str, Any]:
        """The books as plain values; see `books`."""
        return books(self)

    def refs(self, market: str, currency: str | None, country: str, **named: int | None) -> Refs:
        """The numbers of what an order or a customer refers to."""
        currency_id = self.currencies[currency].id if currency else None
        return {
            "marketId": self.markets[market].id,
            "currencyId": currency_id,
            "pricelistId": currency_id,
            "countryId": self.countries[country].id,
            **named,
        }

    def touch(self, order: Order, at: datetime, *causes: Cause) -> None:
        """An order changes; whether its `updatedAt` moves, the settings say."""
        if self.settings.order_updated_by.intersection(causes):
            order.updated_at = at
        self.announce(order, "Order", "UPDATED", order.id, at)

    def set_status(self, order: Order, status: str, at: datetime, *causes: Cause) -> None:
        """An order's status may change, for a cause of its own."""
        if order.status != status:
            order.status = status
            causes = ("status", *causes)
        self.touch(order, at, *causes)

    def announce(self, order: Order, kind: str, change: str, reference: int | str, at: datetime) -> None:
        """Tell the listeners of a change to an order or to something of it."""
        self.notices.post(kind, change, reference, at, store_id=order.store_id, market=order.placed.market)

    def pay(self, order: Order, kind: str, amount: Decimal, at: datetime, made_for: Return | None = None) -> Payment:
        """Add an entry to an order's payment history."""
        payment = Payment(self.number(), at, kind, amount, order, made_for)
        order.payments.append(payment)
        self.payments[payment.id] = payment
        self.announce(order, "PaymentHistoryEntry", "CREATED", payment.id, at)
        return payment
