"""What went back of an order, spread over its lines: Ometria takes refunds by line only.

Money that belongs to no line, such as a goodwill refund or the freight, is spread over the lines as well, so that the
order counts at Ometria for what is left of it: its grand total less what its lines say was refunded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from retail_sync.model.records import OrderLine


def spread(amount: Decimal, lines: Sequence[OrderLine], returned: Mapping[str, int]) -> list[Decimal]:
    """The part of an amount that each line bears; they add up to it, to the last digit.

    Args:
        amount: What went back, in the order's currency.
        lines: The order's lines; the parts stand in their order.
        returned: By a line's key, how many came back.
    """
    weights = _weights(lines, returned)
    whole = sum(weights, Decimal(0))
    if not lines or not amount:
        return [Decimal(0)] * len(lines)
    places = Decimal(1).scaleb(min(-2, int(amount.as_tuple().exponent)))
    parts = [(amount * weight / whole).quantize(places, ROUND_DOWN) for weight in weights]
    heaviest = max(range(len(parts)), key=lambda place: weights[place])
    parts[heaviest] += amount - sum(parts, Decimal(0))
    return parts


def _weights(lines: Sequence[OrderLine], returned: Mapping[str, int]) -> list[Decimal]:
    """What came back by its value, else all that was bought, else each line alike."""
    came_back = [_share(line, min(returned.get(line.key, 0), line.quantity)) for line in lines]
    for weights in (came_back, [max(line.total, Decimal(0)) for line in lines]):
        if sum(weights) > 0:
            return weights
    return [Decimal(1)] * len(lines)


def _share(line: OrderLine, quantity: int) -> Decimal:
    return max(line.total, Decimal(0)) * quantity / line.quantity if line.quantity > 0 else Decimal(0)
