"""What happens to orders once they are sent: parcels, returns, refunds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    ParcelLine,
    Refunded,
    ReturnCompleted,
    ReturnLineSpec,
    ReturnMade,
    Shipped,
    ShopEvent,
)
from retail_sync.vendors.centra.sandbox.records import Order, Return, ReturnLine, Shipment, ShipmentLine

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.shop import Shop


def new_shipment(shop: Shop, order: Order, parcel: int, lines: Iterable[ParcelLine], at: datetime) -> Shipment:
    """Make a shipment that is good to go; it has neither carrier nor tracking number until it is completed."""
    packed = [ShipmentLine(shop.number(), order.lines[one.line_id], one.quantity) for one in lines]
    shipment = Shipment(shop.number(), f"{order.number}-{parcel}", order, at, at, packed)
    order.shipments[parcel] = shipment
    shop.shipments[shipment.id] = shipment
    shop.announce(order, "Shipment", "CREATED", shipment.id, at)
    return shipment


def _shipped(shop: Shop, event: Shipped) -> None:
    order = shop.orders[event.number]
    shipment = order.shipments.get(event.parcel)
    if shipment is None:
        shipment = new_shipment(shop, order, event.parcel, event.lines, event.at)
    else:
        shipment.lines = [ShipmentLine(shop.number(), order.lines[one.line_id], one.quantity) for one in event.lines]
    shipment.shipped_at = shipment.updated_at = event.at
    shipment.carrier, shipment.service = event.carrier, event.service
    shipment.tracking_number = event.tracking_number
    shop.notices.post(
        "Shipment", "COMPLETED", shipment.id, event.at, store_id=order.store_id, market=order.placed.market
    )
    shop.set_status(order, "SHIPPED" if event.last else "PROCESSING", event.at, "shipment")


def _returned(shop: Shop, event: ReturnMade) -> None:
    order = shop.orders[event.number]
    lines = [_return_line(shop, order, one) for one in event.lines]
    carried = next((line.shipment_line for line in lines if line.shipment_line), None)
    shipment = next((one for one in order.shipments.values() if carried in one.lines), None)
    made = Return(event.return_id, order, event.at, event.completed, lines, shipment)
    order.returns.append(made)
    shop.returns[made.id] = made
    _announce(shop, made, "CREATED", event.at)


def _return_line(shop: Shop, order: Order, spec: ReturnLineSpec) -> ReturnLine:
    line = order.lines[spec.line_id]
    line.returned += spec.quantity
    carried = (one for shipment in order.shipments.values() for one in shipment.lines if one.line is line)
    return ReturnLine(shop.number(), line, spec.quantity, spec.unit_price, next(carried, None))


def _return_completed(shop: Shop, event: ReturnCompleted) -> None:
    made = shop.returns[event.return_id]
    made.completed = True
    _announce(shop, made, "COMPLETED", event.at)


def _announce(shop: Shop, made: Return, change: str, at: datetime) -> None:
    shop.announce(made.order, "Return", change, made.id, at)
    shop.touch(made.order, at, "return")


def _refunded(shop: Shop, event: Refunded) -> None:
    order = shop.orders[event.number]
    made = shop.returns[event.return_id] if event.return_id is not None else None
    payment = shop.pay(order, "REFUND", event.amount * shop.settings.refund_sign, event.at, made)
    if made is not None:
        made.refunds.append(payment)
    shop.touch(order, event.at, "refund")


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    Shipped: _shipped,
    ReturnMade: _returned,
    ReturnCompleted: _return_completed,
    Refunded: _refunded,
}
