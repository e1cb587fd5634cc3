"""Money that goes back: credit notes, as this merchant writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import Refunded, ShopEvent
from retail_sync.vendors.fulfil.sandbox.records import Invoice, Shipment
from retail_sync.vendors.fulfil.sandbox.values import naive

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop


def _refunded(shop: Shop, event: Refunded) -> None:
    sale, at = shop.sale(event.number), naive(event.at)
    number = shop.returns.get(event.return_id) if event.return_id is not None else None
    made_for = shop.db.return_shipments[number] if number is not None else None
    below_zero = shop.settings.credit_notes == "negative_invoice"
    credit = shop.db.invoices.add(
        create_date=at,
        number=f"CN{sale.number[2:]}-{len(sale.invoices)}",
        party=sale.party,
        type="out" if below_zero else "out_credit_note",
        state="paid",
        total_amount=-event.amount if below_zero else event.amount,
        currency=sale.currency,
        invoice_date=at.date(),
        sales=[sale.id],
        reference=made_for.number if made_for and shop.settings.credit_names_return else None,
    )
    sale.invoices.append(credit.id)
    left = event.amount - (_credit_goods(shop, credit, made_for, at) if made_for else 0)
    if left:
        _credit(shop, credit, f"Credit for {sale.number}", 1, price=left, at=at)
    shop.touch_parent(sale, at)


def _credit_goods(shop: Shop, credit: Invoice, made_for: Shipment, at: datetime) -> Decimal:
    """A line for each that came back, naming it where the merchant does; gives what they are worth."""
    worth = Decimal(0)
    for move in (shop.db.moves[number] for number in made_for.moves):
        line = shop.db.lines[int(move.origin.partition(",")[2])]
        origin = move.origin if shop.settings.credit_names_return else None
        _credit(shop, credit, line.description, move.quantity, price=line.gross_price, at=at, origin=origin)
        worth += move.quantity * line.gross_price
    return worth


def _credit(
    shop: Shop, credit: Invoice, text: str, quantity: int, *, price: Decimal, at: datetime, origin: str | None = None
) -> None:
    line = shop.db.invoice_lines.add(
        create_date=at,
        invoice=credit.id,
        description=text,
        quantity=-quantity if credit.type == "out" else quantity,
        unit_price=price,
        origin=origin,
    )
    credit.lines.append(line.id)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {Refunded: _refunded}
