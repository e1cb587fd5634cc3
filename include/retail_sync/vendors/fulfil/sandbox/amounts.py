"""What sales and their lines amount to."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.records import Invoice, Line, Sale

_PRICE_STEP = Decimal("0.0001")
_NOTHING = Decimal(0)
_STEPS = {digits: Decimal(1).scaleb(-digits) for digits in range(5)}


def rounded(value: Decimal, digits: int) -> Decimal:
    """An amount to the decimals of its currency."""
    return value.quantize(_STEPS[digits], ROUND_HALF_UP)


def without_tax(price: Decimal, rate: Decimal) -> Decimal:
    """A price without its tax, to the four decimals of unit prices."""
    return (price / (1 + rate)).quantize(_PRICE_STEP, ROUND_HALF_UP)


class Amounts:
    """Works out amounts, in the sale's currency.

    Args:
        db: The tables.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def lines(self, sale: Sale) -> list[Line]:
        """The lines of a sale, returned ones too."""
        return [self._db.lines[number] for number in sale.lines]

    def line(self, line: Line) -> Decimal:
        """A line without tax."""
        return rounded(line.unit_price * line.quantity, self._db.sales[line.sale].digits)

    def line_in_company(self, line: Line) -> Decimal:
        """A line without tax in the company's currency."""
        return self.line(line) * self._db.sales[line.sale].rate

    def untaxed(self, sale: Sale) -> Decimal:
        """All lines without tax."""
        digits = sale.digits
        lines = (rounded(one.unit_price * one.quantity, digits) for one in self.lines(sale))
        return sum(lines, _NOTHING)

    def total(self, sale: Sale) -> Decimal:
        """All lines with tax: less than was ordered once something has come back."""
        return rounded(sum((one.gross_price * one.quantity for one in self.lines(sale)), _NOTHING), sale.digits)

    def tax(self, sale: Sale) -> Decimal:
        """The tax, which makes up for what unit prices lose in rounding."""
        return self.total(sale) - self.untaxed(sale)

    def shipping(self, sale: Sale) -> Decimal:
        """What is asked for sending, without tax."""
        return sum((self.line(one) for one in self.lines(sale) if one.is_shipping), _NOTHING)

    def quantity(self, sale: Sale) -> int:
        """The units of its goods."""
        return sum(one.quantity for one in self.lines(sale) if one.product and not one.is_shipping)

    def has_return(self, sale: Sale) -> bool:
        """Whether anything of it has come back."""
        return any(one.quantity < 0 for one in self.lines(sale))

    def paid(self, sale: Sale, state: str) -> Decimal:
        """What its transactions of a state come to."""
        rows = (self._db.transactions[number] for number in sale.gateway_transactions)
        return sum((one.amount for one in rows if one.state == state), _NOTHING)

    def invoices(self, sale: Sale) -> list[Invoice]:
        """What the buyer was asked for; credit notes are not among it."""
        found = (self._db.invoices[number] for number in sale.invoices)
        return [one for one in found if not one.is_credit]
