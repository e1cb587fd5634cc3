"""What happens to orders before they are sent: approved, paid, held, cut, called off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    LineCancelled,
    OrderCancelled,
    OrderConfirmed,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    PaymentCaptured,
    ShopEvent,
)
from retail_sync.vendors.orderwise.sandbox.order_entry import pay, place, totals

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop


def _confirmed(shop: Shop, event: OrderConfirmed) -> None:
    sale = shop.sales[event.number]
    if sale.stage == "new":
        shop.set_stage(sale, "accepted")
        shop.amend(sale.order_id, event.at)


def _captured(shop: Shop, event: PaymentCaptured) -> None:
    sale = shop.sales[event.number]
    if not sale.paid:
        pay(shop, sale, event.at)
        shop.amend(sale.order_id, event.at)


def _line_cancelled(shop: Shop, event: LineCancelled) -> None:
    sale = shop.sales[event.number]
    ordered = next(line.quantity for line in sale.placed.lines if line.line_id == event.line_id)
    number = min(event.quantity, ordered - sale.cancelled[event.line_id])
    sale.cancelled[event.line_id] += number
    shop.database.run(
        "UPDATE order_line_item SET oli_qty_required = oli_qty_required - ?,"
        " oli_qty_tbsent = MAX(oli_qty_tbsent - ?, 0), oli_qty_cancelled = oli_qty_cancelled + ? WHERE oli_id = ?",
        number,
        number,
        number,
        sale.lines[event.line_id],
    )
    shop.database.update("order_header_total", "oht_oh_id", sale.order_id, **totals(sale))
    shop.amend(sale.order_id, event.at)


def _cancelled(shop: Shop, event: OrderCancelled) -> None:
    """The order keeps its lines and its total; nothing of it will be sent."""
    sale = shop.sales[event.number]
    shop.set_stage(sale, "cancelled")
    shop.database.update("order_line_item", "oli_oh_id", sale.order_id, oli_qty_tbsent=0)
    shop.amend(sale.order_id, event.at)


def _held(shop: Shop, event: OrderHeld) -> None:
    """The reason is for the people at the desk: no field of it is known."""
    sale = shop.sales[event.number]
    if sale.stage != "held":
        sale.before_hold = sale.stage
        shop.set_stage(sale, "held")
        shop.amend(sale.order_id, event.at)


def _released(shop: Shop, event: OrderReleased) -> None:
    sale = shop.sales[event.number]
    if sale.stage == "held":
        shop.set_stage(sale, sale.before_hold or "accepted")
        shop.amend(sale.order_id, event.at)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    OrderPlaced: place,
    OrderConfirmed: _confirmed,
    OrderHeld: _held,
    OrderReleased: _released,
    PaymentCaptured: _captured,
    LineCancelled: _line_cancelled,
    OrderCancelled: _cancelled,
}
