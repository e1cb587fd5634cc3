"""What an order has come to, when, and the one word that Ometria has room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from retail_sync.model.people import OrderState, SoldOrder
from retail_sync.model.records import Order, Shipment
from retail_sync.vendors.ometria.facts import ORDER_STATUSES

_NOT_CONFIRMED = frozenset({"pending", "unknown"})
#: The later stands before the earlier: what went back says more than what was sent, and that more than what was paid.
_WEIGHT: tuple[OrderState, ...] = (
    "financial.cancelled",
    "financial.refunded",
    "financial.partially_refunded",
    "fulfillment.shipped",
    "fulfillment.partly_shipped",
    "financial.captured",
    "financial.confirmed",
    "fulfillment.none",
    "financial.pending",
)


class Moment(NamedTuple):
    """An order came to a state."""

    state: OrderState
    at: datetime


def moments(sold: SoldOrder) -> list[Moment]:
    """What an order came to, in the order in which it happened.

    A cancelled order is nothing else any more: whoever was not told of it before is not told what it once was.
    """
    order = sold.order
    if order.status == "cancelled":
        return [Moment("financial.cancelled", _cancelled_at(order))]
    money, goods = list(_money(sold)), list(_goods(sold))
    found = [*_in_time(money), *_in_time(goods)]
    return sorted(found, key=lambda moment: moment.at)


def word(sold: SoldOrder, statuses: Mapping[str, str]) -> str:
    """The status of an order: the word of the weightiest state that has one.

    Args:
        sold: The order.
        statuses: The pair's own words, which go before the usual ones.
    """
    words = {**ORDER_STATUSES, **statuses}
    come_to = {moment.state for moment in moments(sold)} | {"fulfillment.none"}
    return next((words[state] for state in _WEIGHT if state in come_to and words.get(state)), "pending")


def is_refunded(sold: SoldOrder) -> bool:
    """Whether the whole order was paid back."""
    return sold.refunded > 0 and sold.refunded_at is not None and sold.net_total <= 0


def _in_time(found: Sequence[Moment]) -> Iterator[Moment]:
    """Nothing goes back in time, whatever the source's times say."""
    at = None
    for moment in found:
        at = max(moment.at, at or moment.at)
        yield Moment(moment.state, at)


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
