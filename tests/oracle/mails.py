"""Order mails that went out: each had its cause, and none told what must not be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from .shop import Sold
from .terms import Json, normal

#: What must be true of an order for a mail of that kind to be in place, in words for when it is not.
_CAUSES: dict[str, tuple[str, Callable[[Sold], bool]]] = {
    "order_confirmation": ("nobody placed it", lambda sold: bool(sold.number)),
    "order_invoice": ("nothing was paid", lambda sold: sold.paid),
    "refund_confirmation": ("nothing was paid back", lambda sold: sold.back > 0 and not sold.cancelled),
    "cancellation_confirmation": ("it was not called off", lambda sold: sold.cancelled),
    "shipping_confirmation": ("nothing was sent", lambda sold: bool(sold.parcels)),
}


def compare(orders: list[Sold], mails: list[Json]) -> Iterator[str]:
    """What is wrong with the mails about orders."""
    by_number = {one.number: one for one in orders}
    about_orders = [mail for mail in mails if "order_id" in mail]
    for mail in about_orders:
        yield from _mail(mail, by_number.get(mail["order_id"]))
    times = Counter((mail["order_id"], mail["kind"]) for mail in about_orders)
    yield from (f"mail {kind} about order {number} went out {n} times" for (number, kind), n in times.items() if n > 1)


def _mail(mail: Json, sold: Sold | None) -> Iterator[str]:
    name = f"mail {mail['kind']} about order {mail['order_id']}"
    if sold is None or not sold.own:
        yield f"{name}: the shop sold no such order itself"
        return
    if normal(mail["email"]) != sold.email:
        yield f"{name} went to somebody else than {sold.email}"
    why_not, is_due = _CAUSES[mail["kind"]]
    if not is_due(sold):
        yield f"{name}: {why_not}"
    if mail["kind"] == "shipping_confirmation":
        yield from _shipping(name, mail, sold)


def _shipping(name: str, mail: Json, sold: Sold) -> Iterator[str]:
    """A shipping mail shows a parcel of the order; if none can be followed, the order's news is held back."""
    if sold.waits_for_tracking:
        yield f"{name}: a parcel of it can't be followed, so that it should have waited"
    numbers = {parcel.tracking_number for parcel in sold.parcels if parcel.can_be_followed}
    if mail["tracking_number"] not in (numbers or {""}):
        yield f"{name}: it shows parcel {mail['tracking_number']!r}, which is none of the order's"
