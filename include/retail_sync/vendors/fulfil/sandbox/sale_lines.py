"""The lines of a sale: goods, sending, discounts, and goods that come back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import LineSpec
from retail_sync.vendors.fulfil.sandbox.amounts import without_tax
from retail_sync.vendors.fulfil.sandbox.records import Line, Sale

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop


class Lines:
    """Adds lines to a sale; prices come with tax.

    Args:
        shop: The books.
        sale: The sale.
        tax: The id of the tax on all lines.
        at: When.
    """

    def __init__(self, shop: Shop, sale: Sale, tax: int, at: datetime) -> None:
        self._shop, self._sale, self._tax, self._at = shop, sale, tax, at
        self._rate = shop.db.taxes[tax].rate

    def goods(self, spec: LineSpec) -> None:
        """What was bought, which is kept for the buyer from now on."""
        product = self._shop.products.get(spec.variant_id)
        self._add(
            spec.name,
            spec.quantity,
            spec.unit_price,
            product=product,
            gross_unit_price=without_tax(spec.list_price, self._rate),
            is_gift_card=spec.gift_card,
            key=spec.line_id,
        )
        reserve(self._shop, product, spec.quantity)

    def shipping(self, price: Decimal) -> None:
        """What is asked for sending, as a line of its own."""
        self._add("Shipping", 1, price, is_shipping=True)

    def discount(self, name: str, amount: Decimal) -> None:
        """A discount on the whole sale: a line with a price below zero, which is not a return."""
        self._add(name, 1, -amount)

    def back(self, line: Line, quantity: int, price: Decimal) -> Line:
        """Goods of another line that come back: a line with a quantity below zero."""
        return self._add(
            line.description,
            -quantity,
            price,
            product=line.product,
            is_gift_card=line.is_gift_card,
            origin=f"sale.line,{line.id}",
        )

    def _add(self, text: str, quantity: int, price: Decimal, **fields: Any) -> Line:
        line = self._shop.db.lines.add(
            create_date=self._at,
            sale=self._sale.id,
            description=text,
            quantity=quantity,
            unit_price=without_tax(price, self._rate),
            gross_price=price,
            taxes=[self._tax],
            sequence=len(self._sale.lines) + 1,
            **fields,
        )
        self._sale.lines.append(line.id)
        return line


def reserve(shop: Shop, product: int | None, quantity: int) -> None:
    """Units are sold and have not left, or no longer so where the quantity is below zero."""
    if product is not None:
        shop.db.products[product].reserved += quantity
