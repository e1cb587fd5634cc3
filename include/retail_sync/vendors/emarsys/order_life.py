"""The life of an order: which states its money and its goods have come to, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from retail_sync.model.people import OrderState, SoldOrder
from retail_sync.model.records import Order


class Moment(NamedTuple):
    """An order came to a state (aware UTC)."""

    state: OrderState
    at: datetime


def moments(sold: SoldOrder) -> list[Moment]:
    """What an order came to, in the order in which it happened.

    A cancelled order is nothing else any more: whoever was not told of it before is not told what it once was.
    """
    order = sold.order
    if order.status == "cancelled":
        return [Moment("financial.cancelled", _cancelled_at(order))]
    return sorted((*_money(sold), *_goods(sold)), key=lambda moment: moment.at)


def _money(sold: SoldOrder) -> Iterator[Moment]:
    order = sold.order
    accepted = order.status not in {"pending", "unknown"}
    yield Moment("financial.pending", order.placed_at)
    if accepted:
        # No source says when an order was confirmed.
        yield Moment("financial.confirmed", order.placed_at)
    captured = [payment.at for payment in order.payments if payment.kind == "captured" and payment.succeeded]
    # Nothing is captured of an order that a voucher paid whole.
    if captured or (order.total == 0 and accepted):
        yield Moment("financial.captured", max(captured, default=order.placed_at))
    if sold.refunded > 0 and sold.refunded_at is not None:
        whole = sold.net_total <= 0
        yield Moment("financial.refunded" if whole else "financial.partially_refunded", sold.refunded_at)


def _goods(sold: SoldOrder) -> Iterator[Moment]:
    """What has left, without the parcels that a rule holds back."""
    if sold.hold_shipping:
        return
    order, left = sold.order, sold.told_parcels
    # A parcel that does not say when it left is not younger than its order.
    times = [parcel.shipped_at or order.placed_at for parcel in left]
    whole = not sold.untold and (order.status == "shipped" or _all_left(sold))
    if left and (len(left) > 1 or not whole):
        yield Moment("fulfillment.partly_shipped", min(times))
    if whole:
        yield Moment("fulfillment.shipped", max(times, default=order.placed_at))


def _all_left(sold: SoldOrder) -> bool:
    sent: Counter[str] = Counter()
    for line in (line for parcel in sold.told_parcels for line in parcel.lines):
        sent[line.line_key] += line.quantity
    return bool(sent) and all(sent[line.key] >= line.quantity for line in sold.order.lines if line.kind == "goods")


def _cancelled_at(order: Order) -> datetime:
    """When money that was set aside was let go, else when the order last changed."""
    released = [payment.at for payment in order.payments if payment.kind == "released" and payment.succeeded]
    return max(released, default=order.updated_at)
