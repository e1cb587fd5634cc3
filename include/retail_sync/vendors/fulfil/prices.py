"""What lines come to with tax, so that they add up to their sale's total.

Lines are priced without tax (SEEN), their prices with four decimals, and the total states the tax of all lines together
(CONFIRMED), of those too that take something back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from retail_sync.vendors.fulfil.payloads import LineRow, SaleRow
from retail_sync.vendors.fulfil.shapes import UnfitError

_NOTHING = Decimal(0)
_CENTS = 2
#: With how many decimals a share of tax is looked for: 0.25, 0.255, 0.08875.
_DECIMALS = range(2, 8)

Rates = Mapping[int, Decimal]
Gross = dict[int, Decimal]


def tax_share(untaxed: Decimal, tax: Decimal, slack: Decimal) -> Decimal:
    """The roundest share that makes this tax of this amount, give or take what rounding may have done.

    >>> tax_share(Decimal("66.07"), Decimal("13.88"), Decimal("0.01"))
    Decimal('0.21')
    """
    if not untaxed:
        return _NOTHING
    share = tax / untaxed
    for decimals in _DECIMALS:
        round_one = round(share, decimals)
        if abs(round_one * untaxed - tax) <= slack:
            return round_one
    return share


class Priced:
    """The lines of a sale with tax.

    Args:
        sale: The sale.
        lines: All its lines, returned ones too.
        rates: The tax of each line as a share, by its id; None where lines don't tell.
        invoiced: What was invoiced for the sale, credit notes aside: with tax.

    Attributes:
        step: The smallest amount of the sale's currency.
        total: What the sale comes to now.
        apart: What is charged for shipping and stands in no line, with tax.
        apart_untaxed: The same without tax.
        rate: The tax of each line as a share.
        gross: What each line comes to, by its id.

    Raises:
        UnfitError: The sale states no total.
    """

    def __init__(
        self, sale: SaleRow, lines: Sequence[LineRow], rates: Rates | None, invoiced: Decimal = _NOTHING
    ) -> None:
        if sale.total_amount is None or sale.untaxed_amount is None or sale.tax_amount is None:
            raise UnfitError("its total, untaxed_amount or tax_amount is null")
        self.step = Decimal(1).scaleb(-(_CENTS if sale.digits is None else sale.digits))
        # By so much lines may be off in a total that was rounded.
        slack = self.step * (len(lines) + 1)
        share = tax_share(*_told(sale.untaxed_amount, sale.tax_amount, lines, invoiced), slack)
        self.total = sale.total_amount
        self.apart_untaxed = _apart(sale, lines, slack)
        self.apart = self.rounded(self.apart_untaxed * (1 + share))
        target = self.total - self.apart
        uniform = {line.id: share for line in lines}
        # What lines say of their tax goes before the whole's ratio, unless it does not lead to the total.
        self.rate: Rates = uniform
        self.gross: Gross = {}
        for one in filter(None, (rates, uniform)):
            self.rate = one
            found = _fitting([self._of_pieces(lines, one), self._of_lines(lines, one)], lines, target, slack)
            if found is not None:
                self.gross = found
                return
        self.gross = self._of_lines(lines, self.rate)

    def rounded(self, amount: Decimal) -> Decimal:
        """An amount as the sale's currency has it."""
        return amount.quantize(self.step, ROUND_HALF_UP)

    def unit(self, line: LineRow, price: Decimal | None) -> Decimal | None:
        """A price of one piece of a line, with the line's tax."""
        return None if price is None else self.rounded(price * (1 + self.rate[line.id]))

    def _of_pieces(self, lines: Sequence[LineRow], rates: Rates) -> Gross:
        """As a shop sells: the price of one with tax is a round one."""
        one = {line.id: self.rounded((line.unit_price or _NOTHING) * (1 + rates[line.id])) for line in lines}
        return {line.id: self.rounded(one[line.id] * line.pieces) for line in lines}

    def _of_lines(self, lines: Sequence[LineRow], rates: Rates) -> Gross:
        """As an invoice is written: the tax of a line is rounded once."""
        return {line.id: self.rounded(line.untaxed * (1 + rates[line.id])) for line in lines}


def _told(untaxed: Decimal, tax: Decimal, lines: Sequence[LineRow], invoiced: Decimal) -> tuple[Decimal, Decimal]:
    """An amount and its tax: the sale's own, unless so little is left of it that an invoice tells more."""
    ordered = sum((line.untaxed for line in lines if line.pieces > 0), _NOTHING)
    return (ordered, invoiced - ordered) if abs(untaxed) * 2 < ordered <= invoiced else (untaxed, tax)


def _apart(sale: SaleRow, lines: Sequence[LineRow], slack: Decimal) -> Decimal:
    """Shipping that stands beside the lines. Whether it does is not known of all merchants; the sums tell."""
    gap = (sale.untaxed_amount or _NOTHING) - sum((line.untaxed for line in lines), _NOTHING)
    charged = sale.shipment_amount or _NOTHING
    return charged if charged and abs(gap - charged) <= slack < abs(gap) else _NOTHING


def _fitting(ways: Sequence[Gross], lines: Sequence[LineRow], target: Decimal, slack: Decimal) -> Gross | None:
    """The way of rounding that leads to the total; else the nearest, what is left over put on the greatest line."""
    left, best = min(((target - sum(way.values(), _NOTHING), way) for way in ways), key=lambda found: abs(found[0]))
    if abs(left) > slack:
        return None
    if left:
        greatest = max(lines, key=lambda line: best[line.id])
        best[greatest.id] += left
    return best
