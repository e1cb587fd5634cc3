"""What happens to sales once they are sent: parcels and returns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import ReturnCompleted, ReturnMade, Shipped, ShopEvent
from retail_sync.vendors.fulfil.sandbox.amounts import Amounts
from retail_sync.vendors.fulfil.sandbox.records import Line, Shipment
from retail_sync.vendors.fulfil.sandbox.sale_lines import Lines, reserve
from retail_sync.vendors.fulfil.sandbox.values import naive

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop


def _shipped(shop: Shop, event: Shipped) -> None:
    sale, at = shop.sale(event.number), naive(event.at)
    lines = {one.key: one for one in Amounts(shop.db).lines(sale) if one.key is not None}
    shipment = shop.db.shipments.add(
        create_date=at,
        number=f"CS{event.number}-{event.parcel}",
        reference=sale.reference,
        customer=sale.party,
        sale=sale.id,
        delivery_address=sale.shipment_address,
        warehouse=sale.warehouse,
        state="done",
        planned_date=at.date(),
        effective_date=at.date(),
        shipped_at=at,
    )
    _carried(shop, shipment, event, at)
    for packed in event.lines:
        line = lines[packed.line_id]
        _move(shop, shipment, line, packed.quantity, model="stock.shipment.out", at=at)
        reserve(shop, line.product, -packed.quantity)
    sale.shipments.append(shipment.id)
    sale.shipment_state = "sent" if event.last else "waiting"
    sale.state = "done" if event.last and Amounts(shop.db).invoices(sale) else "processing"
    shop.touch(sale, at)


def _carried(shop: Shop, shipment: Shipment, event: Shipped, at: datetime) -> None:
    """Who carries a parcel, and how it can be followed."""
    if event.carrier:
        shipment.carrier = shop.named(shop.db.carriers, event.carrier)
    if event.service:
        shipment.carrier_service = shop.named(shop.db.services, event.service, parent=shipment.carrier)
    shipment.tracking_number = event.tracking_number
    if event.tracking_number and shop.settings.tracking_urls:
        shipment.tracking_url = f"https://track.shop.test/{event.tracking_number}"
    if event.tracking_number and shop.settings.tracking == "record":
        shipment.tracking_number = shop.db.trackings.add(
            create_date=at,
            tracking_number=event.tracking_number,
            tracking_url=shipment.tracking_url,
            carrier=shipment.carrier,
        ).id


def _move(shop: Shop, shipment: Shipment, line: Line, quantity: int, *, model: str, at: datetime) -> None:
    move = shop.db.moves.add(
        create_date=at,
        shipment=f"{model},{shipment.id}",
        product=line.product,
        quantity=quantity,
        origin=f"sale.line,{line.id}",
        state="done" if shipment.state == "done" else "draft",
    )
    shipment.moves.append(move.id)


def _returned(shop: Shop, event: ReturnMade) -> None:
    """The sale has a line below zero for what comes back, and a shipment on its way back."""
    sale, at = shop.sale(event.number), naive(event.at)
    lines = {one.key: one for one in Amounts(shop.db).lines(sale) if one.key is not None}
    shipment = shop.db.return_shipments.add(
        create_date=at,
        number=f"RET{event.return_id}",
        reference=sale.reference,
        customer=sale.party,
        sale=sale.id,
        delivery_address=sale.shipment_address,
        warehouse=sale.warehouse,
        state="done" if event.completed else "draft",
        planned_date=at.date(),
        effective_date=at.date() if event.completed else None,
    )
    for back in event.lines:
        bought = lines[back.line_id]
        line = Lines(shop, sale, bought.taxes[0], at).back(bought, back.quantity, back.unit_price)
        _move(shop, shipment, line, back.quantity, model="stock.shipment.out.return", at=at)
    sale.shipment_returns.append(shipment.id)
    shop.returns[event.return_id] = shipment.id
    shop.touch_parent(sale, at)


def _return_completed(shop: Shop, event: ReturnCompleted) -> None:
    shipment, at = shop.db.return_shipments[shop.returns[event.return_id]], naive(event.at)
    shipment.state, shipment.effective_date = "done", at.date()
    shop.touch(shipment, at)
    for move in (shop.db.moves[number] for number in shipment.moves):
        move.state = "done"
        shop.touch(move, at)
    shop.touch_parent(shop.db.sales[shipment.sale], at)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    Shipped: _shipped,
    ReturnMade: _returned,
    ReturnCompleted: _return_completed,
}
