"""Which earlier order lines a cancellation takes back: the customer's latest of the same code and price first."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from retail_sync.sandbox.world.invoice_lines import InvoiceLine

_Goods = tuple[int | None, str, Decimal]


@dataclass(slots=True)
class _Sold:
    """An order line and how much of it has not come back."""

    line: InvoiceLine
    left: int


@dataclass(slots=True)
class ReturnedGoods:
    """What one cancellation takes back of one order: its lines, and how many units of each."""

    at: datetime
    order: str
    units: list[tuple[InvoiceLine, int]] = field(default_factory=list)


def match_returns(
    sold: Iterable[InvoiceLine], cancelled: Iterable[InvoiceLine]
) -> tuple[list[ReturnedGoods], Counter[str]]:
    """Match cancelled goods to order lines; also gives what matches none, by reason."""
    shelves: defaultdict[_Goods, list[_Sold]] = defaultdict(list)
    for line in sorted(sold, key=_place_in_time):
        shelves[line.customer, line.code, line.price].append(_Sold(line, line.quantity))
    found: dict[tuple[str, str], ReturnedGoods] = {}
    left_out: Counter[str] = Counter()
    for line in sorted(cancelled, key=_place_in_time):
        missing = _take_back(line, shelves[line.customer, line.code, line.price], found)
        if missing:
            left_out["cancellation that finds no earlier sale for all of it"] += 1
            left_out["units of such cancellations"] += missing
    return list(found.values()), left_out


def _place_in_time(line: InvoiceLine) -> tuple[datetime, str, int]:
    return line.at, line.invoice, line.row


def _take_back(line: InvoiceLine, shelf: list[_Sold], found: dict[tuple[str, str], ReturnedGoods]) -> int:
    """Take a cancelled line's units from the shelf, latest sale first; gives how many it did not hold."""
    missing = -line.quantity
    before = bisect_right(shelf, line.at, key=lambda one: one.line.at)
    for sale in reversed(shelf[:before]):
        taken = min(missing, sale.left)
        if taken:
            sale.left -= taken
            missing -= taken
            goods = found.setdefault((line.invoice, sale.line.invoice), ReturnedGoods(line.at, sale.line.invoice))
            goods.at = max(goods.at, line.at)
            _add(goods, sale.line, taken)
        if not missing:
            break
    return missing


def _add(goods: ReturnedGoods, line: InvoiceLine, quantity: int) -> None:
    """Two cancelled lines may take from the same sale: that is one line of the return."""
    for place, (known, before) in enumerate(goods.units):
        if known is line:
            goods.units[place] = (line, before + quantity)
            return
    goods.units.append((line, quantity))
