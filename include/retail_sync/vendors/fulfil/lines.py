"""Lines of a sale: which sell goods, which charge for shipping, which take off, and which take goods back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from retail_sync.model.records import Discount, OrderLine
from retail_sync.vendors.fulfil.children import linked
from retail_sync.vendors.fulfil.payloads import LineRow
from retail_sync.vendors.fulfil.prices import Priced
from retail_sync.vendors.fulfil.settings import Settings

_NOTHING = Decimal(0)
_MODEL = "sale.line"


class SortedLines:
    """The lines of a sale by what they are.

    Args:
        lines: All lines.
        priced: What they come to with tax.
        settings: The pair file's settings.

    Attributes:
        ordered: Lines of what was ordered: goods, shipping and discounts. Of a line that was cancelled whole nothing
            is left.
        back: Lines of a negative quantity: what came back (ASSUMED, by the open ancestor).
    """

    def __init__(self, lines: Sequence[LineRow], priced: Priced, settings: Settings) -> None:
        self.ordered = [line for line in lines if line.pieces > 0]
        self.back = [line for line in lines if line.pieces < 0]
        self._priced = priced
        self._settings = settings

    @property
    def taken_back(self) -> Decimal:
        """What came back is worth, with tax; above zero."""
        return -sum((self._priced.gross[line.id] for line in self.back), _NOTHING)

    @property
    def shipping(self) -> Decimal:
        """What was charged for shipping, with tax."""
        return sum((self._priced.gross[line.id] for line in self._shipping()), self._priced.apart)

    @property
    def shipping_untaxed(self) -> Decimal:
        """What was charged for shipping, without tax."""
        return sum((line.untaxed for line in self._shipping()), self._priced.apart_untaxed)

    @property
    def untaxed(self) -> Decimal:
        """All that was ordered, without tax."""
        return sum((line.untaxed for line in self.ordered), self._priced.apart_untaxed)

    def discounts(self) -> tuple[Discount, ...]:
        """Lines that take something off the whole order, by what they are called."""
        return tuple(
            Discount(code=line.code or line.description or "discount", amount=-self._priced.gross[line.id])
            for line in self.ordered
            if self._priced.gross[line.id] < 0
        )

    def goods(self) -> tuple[OrderLine, ...]:
        """Lines of what was bought, gift cards among them."""
        shipping = {line.id for line in self._shipping()}
        return tuple(
            self._bought(line) for line in self.ordered if line.id not in shipping and self._priced.gross[line.id] >= 0
        )

    def taken_from(self, back: LineRow) -> str | None:
        """The key of the line that a returned line is of: the one that it names, else one of the same product."""
        named = linked(back.origin, _MODEL)
        same = [line for line in self.ordered if back.product is not None and line.product == back.product]
        found = [line for line in self.ordered if line.id in named] or same
        return str(found[0].id) if found else None

    def _shipping(self) -> list[LineRow]:
        codes = self._settings.shipping_codes
        return [line for line in self.ordered if line.shipping is not None or line.code in codes]

    def _bought(self, line: LineRow) -> OrderLine:
        total, pieces = self._priced.gross[line.id], whole(line.pieces)
        is_gift_card = bool(line.gift_card) or line.code in self._settings.gift_card_codes
        return OrderLine(
            key=str(line.id),
            name=line.description or line.code or "line",
            quantity=pieces,
            unit_price=self._price(total, pieces),
            total=total,
            kind="gift_card" if is_gift_card else "goods",
            list_price=self._priced.unit(line, line.list_price),
            sku=line.code or None,
            product_key=None if line.template is None else str(line.template),
            variant_key=None if line.product is None else str(line.product),
            variant_name=line.variant_name or None,
            collection=line.collection or None,
        )

    def _price(self, total: Decimal, pieces: int) -> Decimal:
        """The price of one; with four decimals where the total can't be divided."""
        price = self._priced.rounded(total / pieces)
        return price if price * pieces == total else round(total / pieces, 4)


def whole(pieces: Decimal) -> int:
    """How many pieces a quantity is; what is sold by measure, such as metres, is one."""
    return int(abs(pieces)) if pieces == pieces.to_integral_value() else 1
