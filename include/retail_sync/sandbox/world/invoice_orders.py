"""Which invoice lines are orders, which take goods back, and which are none of the shop's business.

Only goods (codes that start with a digit), gift cards and shipping are the shop's; a number that starts with `C` is a
cancellation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from retail_sync.sandbox.world.invoice_lines import InvoiceLine

SHIPPING_CODES = frozenset({"POST", "DOT", "C2"})
GIFT_CARD_PREFIX = "gift_"
#: A guest's customer number is the invoice's and this, out of the way of the file's own customers.
GUESTS = 10_000_000
_DOMAIN = "retail.test"


@dataclass(slots=True)
class Order:
    """An invoice as an order: its goods and gift cards as lines, its shipping as one amount."""

    number: int
    at: datetime
    customer: int | None
    country: str
    lines: list[InvoiceLine] = field(default_factory=list)
    postage: list[InvoiceLine] = field(default_factory=list)

    @property
    def customer_id(self) -> int:
        """The customer's number, a guest's own where the invoice names none."""
        return GUESTS + self.number if self.customer is None else self.customer

    @property
    def shipping(self) -> Decimal:
        """What the invoice asks for sending."""
        return sum((line.price * line.quantity for line in self.postage), Decimal(0))

    @property
    def email(self) -> str:
        """The invented address of who ordered."""
        return guest_email(self.number) if self.customer is None else customer_email(self.customer)


def customer_email(customer: int) -> str:
    """The invented address of a customer of the file."""
    return f"customer{customer}@{_DOMAIN}"


def guest_email(number: int) -> str:
    """The invented address of whoever placed an order that names no customer."""
    return f"guest{number}@{_DOMAIN}"


def sort_in(line: InvoiceLine, orders: dict[str, Order], returns: list[InvoiceLine]) -> str:
    """Put a line where it belongs; gives the reason if that is nowhere."""
    goods = line.code[:1].isdigit()
    if line.invoice.startswith("C"):
        reason = _no_return(line, goods=goods)
        if not reason:
            returns.append(line)
        return reason
    shipping, gift_card = line.code in SHIPPING_CODES, line.code.startswith(GIFT_CARD_PREFIX)
    reason = _no_sale(line, known=goods or shipping or gift_card, priced=goods)
    if not reason:
        order = orders.get(line.invoice)
        if order is None:
            order = orders[line.invoice] = Order(int(line.invoice), line.at, line.customer, line.country)
        order.at = min(order.at, line.at)
        (order.postage if shipping else order.lines).append(line)
    return reason


def _no_return(line: InvoiceLine, *, goods: bool) -> str:
    if line.customer is None:
        return "cancellation without a customer"
    if not goods:
        return "cancellation of something that is no product"
    return "cancellation without a quantity" if line.quantity >= 0 else ""


def _no_sale(line: InvoiceLine, *, known: bool, priced: bool) -> str:
    if not known:
        return "neither product, gift card nor shipping"
    if line.quantity <= 0:
        return "stock correction: nothing was sold"
    return "negative price" if priced and line.price < 0 else ""


def real_orders(orders: Iterable[Order], left_out: Counter[str]) -> list[Order]:
    """The orders that have goods or shipping; gift cards alone make no order."""
    kept = []
    for order in orders:
        if order.postage or any(not is_gift_card(line) for line in order.lines):
            kept.append(order)
        else:
            left_out["gift card without anything else"] += len(order.lines)
    return kept


def is_gift_card(line: InvoiceLine) -> bool:
    """Whether a line is a gift card: money put aside, not goods."""
    return line.code.startswith(GIFT_CARD_PREFIX)
