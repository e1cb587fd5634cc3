"""What came back of sales, as canonical returns: one for each return shipment, with the credit notes that pay for it.

A line below zero belongs to the shipment whose moves name it. A credit note belongs to the returns whose lines its own
lines name. Where neither can be read, what fits is taken: see `settling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from retail_sync.model.records import Payment, Return, ReturnLine, ReturnStatus
from retail_sync.vendors.fulfil.children import linked
from retail_sync.vendors.fulfil.decoding import utc
from retail_sync.vendors.fulfil.facts import CANCELLED, RETURN_STATUS
from retail_sync.vendors.fulfil.lines import SortedLines, whole
from retail_sync.vendors.fulfil.payloads import LineRow, MoveRow, ReturnRow
from retail_sync.vendors.fulfil.sale import Sale, With
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.settling import settle

_NOTHING = Decimal(0)
#: The state of a sale to which nothing is added any more (CONFIRMED).
_DONE = "done"


@dataclass(slots=True)
class Back:
    """One return.

    Attributes:
        key: Its shipment's id, or what stands for it where goods came back without one.
        pieces: How many of which line, above zero.
        cancelled: Whether it was called off: then nothing of it counts.
        worth: Its goods, with tax.
    """

    key: str
    status: ReturnStatus
    created_at: datetime
    updated_at: datetime
    cancelled: bool = False
    pieces: list[tuple[LineRow, Decimal]] = field(default_factory=list)
    worth: Decimal = _NOTHING


class Returns:
    """Turns what came back of a sale into returns.

    Args:
        settings: The pair file's settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._zone = ZoneInfo(settings.timezone)

    def records(self, sale: Sale) -> list[Return]:
        """The canonical returns of a sale; none where nothing came back."""
        found = _shipped_back(sale)
        refunds = settle(sale, [one for one in found if not one.cancelled], self._settings)
        return [self._record(sale, one, refunds.get(one.key, ())) for one in found]

    def _record(self, sale: Sale, back: Back, refunds: Sequence[Payment]) -> Return:
        sorted_lines = SortedLines(sale.lines, sale.priced, self._settings)
        order_key, order_number = _order(sale, back)
        return Return(
            key=back.key,
            order_key=order_key,
            order_number=order_number,
            status=back.status,
            created_at=back.created_at,
            updated_at=back.updated_at,
            currency=sale.row.currency,
            total=back.worth,
            lines=tuple(
                ReturnLine(
                    key=str(line.id),
                    line_key=_other_line(sale, line) or sorted_lines.taken_from(line),
                    quantity=whole(pieces),
                    total=_worth(sale, line, pieces),
                )
                for line, pieces in back.pieces
            ),
            refunds=(_nothing_paid(back),) if back.cancelled else tuple(refunds),
            customer_key=sale.customer_key,
        )


def _shipped_back(sale: Sale) -> list[Back]:
    """The returns of a sale, and what is left of its negative lines once those have theirs."""
    left = {line.id: -line.pieces for line in sale.lines if line.pieces < 0}
    lines = {line.id: line for line in sale.lines}
    found = [_of_shipment(one, lines, left) for one in sorted(sale.returns, key=lambda one: one.row.id)]
    rest = [(lines[number], pieces) for number, pieces in left.items() if pieces > 0]
    takers = [one for one in found if not one.cancelled and not one.pieces]
    if rest and takers:
        takers[0].pieces += rest
    elif rest and sale.row.state == _DONE:
        found.append(_without_shipment(sale, rest))
    for one in found:
        one.worth = sum((_worth(sale, line, pieces) for line, pieces in one.pieces), _NOTHING)
    return [one for one in found if one.pieces or one.cancelled]


def _of_shipment(shipment: With[ReturnRow, MoveRow], lines: dict[int, LineRow], left: dict[int, Decimal]) -> Back:
    row = shipment.row
    back = Back(
        key=str(row.id),
        status=RETURN_STATUS.get(row.state, "unknown"),
        created_at=utc(row.create_date),
        updated_at=row.changed,
        cancelled=row.state in CANCELLED,
    )
    for move in shipment.details:
        for number in linked(move.origin, "sale.line"):
            pieces = min(abs(move.quantity or _NOTHING), left.get(number, _NOTHING))
            if pieces and not back.cancelled and move.state not in CANCELLED:
                back.pieces.append((lines[number], pieces))
                left[number] -= pieces
    if back.cancelled:
        back.status = "completed"
    return back


def _without_shipment(sale: Sale, rest: list[tuple[LineRow, Decimal]]) -> Back:
    """Goods that came back over the counter, or need not come back. A sale that is not done may still ship them."""
    changed = sale.row.changed
    return Back(f"line {rest[0][0].id}", "completed", changed, changed, pieces=rest)


def _other_line(sale: Sale, line: LineRow) -> str | None:
    """The key of the line of another sale that a returned line is of."""
    return next((str(number) for number in linked(line.origin, "sale.line") if number in sale.others), None)


def _order(sale: Sale, back: Back) -> tuple[str, str | None]:
    """Key and number of the order whose goods came back: another one where the lines name it, else the sale itself."""
    for line, _ in back.pieces:
        owner = sale.others.get(int(_other_line(sale, line) or 0))
        if owner is not None and owner.sale is not None:
            return str(owner.sale), owner.number
    return str(sale.row.id), sale.row.number


def _worth(sale: Sale, line: LineRow, pieces: Decimal) -> Decimal:
    """So many pieces of a returned line, with tax."""
    return sale.priced.rounded(sale.priced.gross[line.id] * pieces / line.pieces)


def _nothing_paid(back: Back) -> Payment:
    """A return that was called off is settled: nobody waits for its goods, nor for money."""
    return Payment(key=f"none {back.key}", kind="refunded", succeeded=True, amount=_NOTHING, at=back.updated_at)
