"""The life of an order: which states its money and its goods have come to, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from .people import OrderState, SoldOrder
from .records import Order, Shipment

_START: OrderState = "fulfillment.none"
_NOT_CONFIRMED = frozenset({"pending", "unknown"})


class Moment(NamedTuple):
    """An order came to a state (aware UTC)."""

    state: OrderState
    at: datetime


def moments(sold: SoldOrder) -> list[Moment]:
    """What an order came to, in the order in which it happened, from its being placed on.

    A cancelled order is nothing else any more: whoever was not told of it before is not told what it once was.
    """
    order = sold.order
    start = Moment(_START, order.placed_at)
    if order.status == "cancelled":
        return [start, Moment("financial.cancelled", _cancelled_at(order))]
    money, goods = list(_money(sold)), [start, *_goods(sold)]
    # Within each of the two nothing goes back in time, whatever the source's times say.
    for one in (money, goods):
        for place in range(1, len(one)):
            one[place] = one[place]._replace(at=max(one[place].at, one[place - 1].at))
    return sorted(chain(money, goods), key=lambda moment: moment.at)


def happened(sold: SoldOrder) -> list[Moment]:
    """The moments of an order at which something happened to it: that nothing has left yet is none."""
    return [moment for moment in moments(sold) if moment.state != _START]


def is_refunded(sold: SoldOrder) -> bool:
    """Whether the whole order was paid back."""
    return sold.refunded_at is not None and sold.went_back_whole


def _money(sold: SoldOrder) -> Iterator[Moment]:
    order = sold.order
    yield Moment("financial.pending", order.placed_at)
    confirmed = order.status not in _NOT_CONFIRMED
    if confirmed:
        # No source says when an order was confirmed.
        yield Moment("financial.confirmed", order.placed_at)
    captured = [payment.at for payment in order.payments if payment.kind == "captured" and payment.succeeded]
    # Nothing is captured of an order that a voucher paid whole.
    if captured or (order.total == 0 and confirmed):
        yield Moment("financial.captured", max(captured, default=order.placed_at))
    if sold.refunded > 0 and sold.refunded_at is not None:
        # Goods that came back reduce an order at once; that money went back is only said once it has.
        yield Moment("financial.refunded" if is_refunded(sold) else "financial.partially_refunded", sold.refunded_at)


def _goods(sold: SoldOrder) -> Iterator[Moment]:
    """What has left, without the parcels that a rule holds back."""
    if sold.hold_shipping:
        return
    order, left = sold.order, sold.told_parcels
    # A parcel that does not say when it left is not younger than its order.
    times = [parcel.shipped_at or order.placed_at for parcel in left]
    whole = not sold.untold and (order.status == "shipped" or _all_left(order, left))
    if left and (len(left) > 1 or not whole):
        yield Moment("fulfillment.partly_shipped", min(times))
    if whole:
        yield Moment("fulfillment.shipped", max(times, default=order.placed_at))


def _all_left(order: Order, left: Sequence[Shipment]) -> bool:
    sent: dict[str, int] = {}
    for line in (line for parcel in left for line in parcel.lines):
        sent[line.line_key] = sent.get(line.line_key, 0) + line.quantity
    return bool(sent) and all(sent.get(line.key, 0) >= line.quantity for line in order.lines if line.kind == "goods")


def _cancelled_at(order: Order) -> datetime:
    """When money that was set aside was let go, else when the order last changed."""
    released = [payment.at for payment in order.payments if payment.kind == "released" and payment.succeeded]
    return max(released, default=order.updated_at)
