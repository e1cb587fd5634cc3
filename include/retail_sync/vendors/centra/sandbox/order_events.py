"""What happens to orders before they are sent: placed, confirmed, paid, cut, called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    LineCancelled,
    OrderCancelled,
    OrderConfirmed,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    ParcelLine,
    PaymentCaptured,
    ShopEvent,
)
from retail_sync.vendors.centra.sandbox.fulfilment_events import new_shipment
from retail_sync.vendors.centra.sandbox.records import Line, Order

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.shop import Shop


def _placed(shop: Shop, event: OrderPlaced) -> None:
    order_id = blake2s(str(event.number).encode(), digest_size=16, key=b"order").hexdigest()
    refs = shop.refs(
        event.market,
        event.currency,
        event.ship_to.country,
        affiliateId=shop.affiliates[event.affiliate].id if event.affiliate else None,
        paymentMethodId=shop.payment_methods[event.payment_method].id,
    )
    order = Order(order_id, event, "PENDING", event.at, {spec.line_id: Line(spec) for spec in event.lines}, refs)
    shop.orders[order.number] = shop.orders_by_id[order_id] = order
    shop.orders_of.setdefault(event.customer_id, []).append(order)
    shop.pay(order, "AUTH", order.total, event.at)
    if event.captured:
        _capture(shop, order, event.at)
    shop.announce(order, "Order", "CREATED", order_id, event.at)


def _capture(shop: Shop, order: Order, at: datetime) -> None:
    order.captured_at = at
    shop.pay(order, "CAPTURE", order.total, at)


def _confirmed(shop: Shop, event: OrderConfirmed) -> None:
    order = shop.orders[event.number]
    if order.status != "PENDING":
        return
    shop.set_status(order, "CONFIRMED", event.at, "confirmed")
    if shop.settings.direct_to_shipment:
        wanted = tuple(ParcelLine(line_id=key, quantity=line.quantity) for key, line in order.lines.items())
        new_shipment(shop, order, 1, wanted, event.at)
        shop.set_status(order, "PROCESSING", event.at, "shipment")


def _captured(shop: Shop, event: PaymentCaptured) -> None:
    order = shop.orders[event.number]
    if order.captured_at is None:
        _capture(shop, order, event.at)
        shop.touch(order, event.at, "captured")


def _line_cancelled(shop: Shop, event: LineCancelled) -> None:
    order = shop.orders[event.number]
    line = order.lines[event.line_id]
    line.cancelled += min(event.quantity, line.quantity)
    shop.touch(order, event.at, "line_cancelled")


def _cancelled(shop: Shop, event: OrderCancelled) -> None:
    """The lines keep their quantities; what was only authorised is released."""
    order = shop.orders[event.number]
    order.cancelled_at = event.at
    if order.captured_at is None:
        shop.pay(order, "CANCEL", -order.total, event.at)
    shop.set_status(order, "CANCELLED", event.at, "cancelled")


def _held(shop: Shop, event: OrderHeld) -> None:
    order = shop.orders[event.number]
    order.hold_reason = event.reason
    shop.touch(order, event.at, "hold")


def _released(shop: Shop, event: OrderReleased) -> None:
    order = shop.orders[event.number]
    order.hold_reason = None
    shop.touch(order, event.at, "hold")


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    OrderPlaced: _placed,
    OrderConfirmed: _confirmed,
    OrderHeld: _held,
    OrderReleased: _released,
    PaymentCaptured: _captured,
    LineCancelled: _line_cancelled,
    OrderCancelled: _cancelled,
}
