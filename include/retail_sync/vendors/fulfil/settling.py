"""Which credit note pays for which return.

What a credit note's lines name decides. One that names nothing pays for the return of its very amount, else for the
first that waits for money and could be worth it; what is left is money without goods. So each cause reduces an order
once: a return that is paid for counts with what was paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from retail_sync.model.records import Payment, ReturnStatus
from retail_sync.vendors.fulfil.children import linked
from retail_sync.vendors.fulfil.lines import SortedLines
from retail_sync.vendors.fulfil.money import refund
from retail_sync.vendors.fulfil.payloads import InvoiceLineRow, InvoiceRow, LineRow
from retail_sync.vendors.fulfil.prices import Priced
from retail_sync.vendors.fulfil.sale import Sale, With
from retail_sync.vendors.fulfil.settings import Settings

_NOTHING = Decimal(0)
_ONE = Decimal(1)
#: A fee may be kept of what came back, and shipping paid on top; what is less than half of it is for something else.
_LEAST = Decimal("0.5")


class Waiting(Protocol):
    """A return that may be paid for."""

    key: str
    status: ReturnStatus
    pieces: list[tuple[LineRow, Decimal]]
    worth: Decimal


def settle(sale: Sale, returns: Sequence[Waiting], settings: Settings) -> Mapping[str, list[Payment]]:
    """The refunds of each return, by its key. One credit note for several returns is shared out among them."""
    paid: dict[str, list[Payment]] = {one.key: [] for one in returns}
    if settings.refunds != "credit_notes" or not returns:
        return paid
    zone, unnamed = ZoneInfo(settings.timezone), list[Payment]()
    shipping = SortedLines(sale.lines, sale.priced, settings).shipping
    for credit in sorted(sale.credits, key=lambda one: one.row.id):
        payment = refund(credit.row, zone, settings)
        shares = _named(credit, returns)
        if shares:
            _share(payment, shares, sale.priced, paid)
        elif payment.succeeded and not any(line.origin for line in credit.details):
            unnamed.append(payment)
    for payment in unnamed:
        waiting = [one for one in returns if not paid[one.key]]
        taker = next((one for one in waiting if one.worth == payment.amount), None) or next(
            (one for one in waiting if one.status == "completed" and _could_be(payment.amount, one.worth, shipping)),
            None,
        )
        if taker is not None:
            paid[taker.key].append(payment)
    return paid


def _could_be(amount: Decimal, worth: Decimal, shipping: Decimal) -> bool:
    return worth * _LEAST <= amount <= worth + shipping


def _named(credit: With[InvoiceRow, InvoiceLineRow], returns: Sequence[Waiting]) -> dict[str, Decimal]:
    """What of a credit note is for which return, as far as its lines name theirs."""
    found: dict[str, Decimal] = {}
    for line in credit.details:
        for number in linked(line.origin, "sale.line"):
            for one in returns:
                if any(number == piece.id for piece, _ in one.pieces):
                    found[one.key] = found.get(one.key, _NOTHING) + abs(line.amount or _ONE)
                    break
    return found


def _share(payment: Payment, shares: Mapping[str, Decimal], priced: Priced, paid: dict[str, list[Payment]]) -> None:
    whole, left = sum(shares.values(), _NOTHING), payment.amount
    *others, last = shares
    for key in others:
        part = priced.rounded(payment.amount * shares[key] / whole) if whole else _NOTHING
        paid[key].append(replace(payment, amount=part))
        left -= part
    paid[last].append(replace(payment, amount=left))
