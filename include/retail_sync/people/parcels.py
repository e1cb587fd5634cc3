"""What is told of parcels: of each that it has left, and when it has surely come, that a review is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from retail_sync.model.happenings import Happening, HappeningName
from retail_sync.model.people import SoldOrder
from retail_sync.model.records import OrderLine, Shipment
from retail_sync.pairs.config import Pair
from retail_sync.pairs.shipments import Review


class Telling(NamedTuple):
    """What there is to tell of an order's parcels.

    Attributes:
        happenings: What has happened by now, long told things included.
        unsaid: Ids of what could be told of its parcels and must not be, now: it has not come to that, or no more.
        next_due: When there will be something else to tell, though nothing changes by then; None where nothing will.
    """

    happenings: Sequence[Happening]
    unsaid: Sequence[str]
    next_due: datetime | None


class Parcels:
    """Tells of parcels as one pair wants it.

    What left before the pair went live is past: it is neither told nor logged as being late.

    Args:
        pair: The pair.
        live_at: When it went live (aware UTC), or None where it has not.
        now: When this is asked (aware UTC).
    """

    def __init__(self, pair: Pair, live_at: datetime | None, now: datetime) -> None:
        self._account = pair.source.account
        self._useful_for = pair.triggers.useful_for
        self._review = pair.shipments.review
        # Sources give whole seconds.
        self._since = live_at.replace(microsecond=0) if live_at and pair.shipments.told else None
        self._names = pair.shipments.told
        self._now = now

    def of(self, sold: SoldOrder) -> Telling:
        """What there is to tell of an order's parcels."""
        happenings: list[Happening] = []
        unsaid: list[str] = []
        coming: list[datetime] = []
        if self._since is not None:
            for parcel in sold.order.shipments:
                told = {happening.event_id: happening for happening in self._told(sold, parcel)}
                happenings += [one for one in told.values() if one.name != "review_request" or one.at <= self._now]
                coming += [one.at for one in told.values() if one.at > self._now]
                due = {one.event_id for one in happenings}
                unsaid += [found for name in self._names if (found := self._id(name, parcel)) not in due]
        return Telling(happenings, unsaid, min(coming, default=None))

    def _told(self, sold: SoldOrder, parcel: Shipment) -> Iterator[Happening]:
        # A parcel that does not say when it left is not younger than its order.
        left_at = parcel.shipped_at or sold.order.placed_at
        if not parcel.shipped or self._since is None or left_at < self._since or sold.order.status == "cancelled":
            return
        if "order_shipped" in self._names and parcel in sold.told_parcels:
            yield self._shipped(sold, parcel, left_at)
        if self._review and (kept := _kept(sold, parcel)):
            yield self._request(sold, parcel, left_at, self._review, kept)

    def _shipped(self, sold: SoldOrder, parcel: Shipment, left_at: datetime) -> Happening:
        packed = _packed(sold, parcel)
        properties = _about(sold, parcel, packed)
        properties |= {
            "carrier": parcel.carrier or "",
            "service": parcel.service or "",
            "tracking_number": parcel.tracking_number or "",
            "tracking_url": parcel.tracking_url or "",
        }
        return Happening(
            event_id=self._id("order_shipped", parcel),
            name="order_shipped",
            person_id=sold.person_id,
            email=sold.email,
            at=left_at,
            useful_until=left_at + self._useful_for,
            properties=properties,
            sold=sold,
            content=packed,
        )

    def _request(
        self, sold: SoldOrder, parcel: Shipment, left_at: datetime, review: Review, kept: dict[str, int]
    ) -> Happening:
        to = sold.order.shipping_address
        due_at = left_at + review.after.of(parcel.carrier, to.country if to else None)
        return Happening(
            event_id=self._id("review_request", parcel),
            name="review_request",
            person_id=sold.person_id,
            email=sold.email,
            at=due_at,
            useful_until=due_at + review.useful_for,
            properties=_about(sold, parcel, kept),
            sold=sold,
            content=kept,
        )

    def _id(self, name: HappeningName, parcel: Shipment) -> str:
        sort = "shipment" if name == "order_shipped" else "review"
        return f"{sort}:{self._account}:{parcel.key}"


def _packed(sold: SoldOrder, parcel: Shipment) -> dict[str, int]:
    """What is in a parcel, by order line; all goods of the order where the source does not say."""
    if parcel.lines:
        packed: Counter[str] = Counter()
        for line in parcel.lines:
            packed[line.line_key] += line.quantity
        return dict(packed)
    return {line.key: line.quantity for line in sold.order.lines if line.kind in {"goods", "bundle"}}


def _kept(sold: SoldOrder, parcel: Shipment) -> dict[str, int]:
    """What of a parcel's content stays with the buyer: nothing of a line that went back, or is about to, whole."""
    if sold.went_back_whole:
        return {}
    left = {
        line.key: line.quantity - sold.returned.get(line.key, 0) - sold.coming_back.get(line.key, 0)
        for line in sold.order.lines
    }
    packed = _packed(sold, parcel)
    return {key: min(packed[key], left[key]) for key in packed if left.get(key, 0) > 0}


def _about(sold: SoldOrder, parcel: Shipment, content: Mapping[str, int]) -> dict[str, str]:
    """Order, parcel and content as texts; lines in the order's own order."""
    lines = [line for line in sold.order.lines if content.get(line.key, 0) > 0]
    return {
        "order": sold.order.number,
        "shipment": parcel.number,
        "items": "; ".join(f"{content[line.key]} x {_named(line)}" for line in lines),
        "skus": ", ".join(dict.fromkeys(line.sku for line in lines if line.sku)),
    }


def _named(line: OrderLine) -> str:
    return f"{line.name} ({line.variant_name})" if line.variant_name else line.name
