"""What happens to orders once they are sent: despatches, goods that come back, money that goes back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import Refunded, ReturnCompleted, ReturnMade, Shipped, ShopEvent
from retail_sync.vendors.orderwise.sandbox.credits import credit
from retail_sync.vendors.orderwise.sandbox.records import PhysicalReturn

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

_SEND = "UPDATE order_line_item SET oli_qty_tbsent = MAX(oli_qty_tbsent - ?, 0) WHERE oli_id = ?"


def _shipped(shop: Shop, event: Shipped) -> None:
    sale = shop.sales[event.number]
    sale.despatches += 1
    method = shop.lists.delivery_method(event.carrier, event.service)
    delivery = shop.database.insert(
        "delivery_header",
        dh_oh_id=sale.order_id,
        dh_number=f"D{event.number}-{event.parcel}",
        dh_consignment_number=event.tracking_number,
        dh_datetime=shop.local(event.at),
        dh_dm_id=method,
    )
    for packed in event.lines:
        line_id = sale.lines[packed.line_id]
        shop.database.insert("delivery_line_item", dli_dh_id=delivery, dli_oli_id=line_id, dli_qty=packed.quantity)
        shop.database.run(_SEND, packed.quantity, line_id)
    if sale.despatches == 1:
        shop.database.update("order_header_detail", "ohd_oh_id", sale.order_id, ohd_dm_id=method)
    shop.set_stage(sale, "sent" if event.last else "part_sent")
    if shop.settings.despatch_amends_order:
        shop.amend(sale.order_id, event.at)


def _returned(shop: Shop, event: ReturnMade) -> None:
    back = shop.returns[event.return_id] = PhysicalReturn(event, event.completed)
    shop.sales[event.number].returns.append(back)


def _return_completed(shop: Shop, event: ReturnCompleted) -> None:
    shop.returns[event.return_id].completed = True


def _refunded(shop: Shop, event: Refunded) -> None:
    """Goods are credited once; what is paid for them later, or without any, is credited as money alone.

    What an exchange has credited already is not credited again.
    """
    back = shop.returns.get(event.return_id) if event.return_id is not None else None
    amount = event.amount
    if back is not None:
        amount -= back.exchanged
        back.exchanged = max(back.exchanged - event.amount, Decimal(0))
    if amount > 0:
        goods = back if back is not None and not back.credited else None
        credit(shop, shop.sales[event.number], amount, event.at, goods)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    Shipped: _shipped,
    ReturnMade: _returned,
    ReturnCompleted: _return_completed,
    Refunded: _refunded,
}
