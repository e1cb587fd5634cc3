"""Order mails that went out: each had its cause, and none told what must not be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from .addresses import Addresses
from .shop import Sold
from .terms import Json, Terms, moment, normal

#: How long a run may take from judging what is useful to sending it.
_MARGIN = timedelta(minutes=15)

#: What must be true of an order for a mail of that kind to be in place, in words for when it is not.
_CAUSES: dict[str, tuple[str, str, Callable[[Sold], bool]]] = {
    "order_confirmation": ("placed", "nobody placed it", lambda sold: bool(sold.number)),
    "order_invoice": ("paid", "nothing was paid", lambda sold: sold.paid),
    "refund_confirmation": (
        "paid back",
        "nothing was paid back",
        lambda sold: sold.paid_back > 0 and not sold.cancelled,
    ),
    "cancellation_confirmation": ("called off", "it was not called off", lambda sold: sold.cancelled),
    "shipping_confirmation": ("sent", "nothing was sent", lambda sold: bool(sold.parcels)),
}


def compare(orders: list[Sold], mails: list[Json], addresses: Addresses, terms: Terms) -> Iterator[str]:
    """What is wrong with the mails about orders."""
    by_number = {one.number: one for one in orders}
    about_orders = [mail for mail in mails if "order_id" in mail]
    for mail in about_orders:
        yield from _mail(mail, by_number.get(mail["order_id"]), addresses, terms)
    times = Counter((mail["order_id"], mail["kind"]) for mail in about_orders)
    yield from (f"mail {kind} about order {number} went out {n} times" for (number, kind), n in times.items() if n > 1)


def _mail(mail: Json, sold: Sold | None, addresses: Addresses, terms: Terms) -> Iterator[str]:
    name = f"mail {mail['kind']} about order {mail['order_id']}"
    if sold is None or not sold.own:
        yield f"{name}: the shop sold no such order itself"
        return
    if sold.email not in addresses.led_to(normal(mail["email"])):
        yield f"{name} went to somebody else than {sold.email}"
    cause, why_not, is_due = _CAUSES[mail["kind"]]
    if not is_due(sold):
        yield f"{name}: {why_not}"
    elif cause in sold.times and moment(mail["at"]) - sold.times[cause] > terms.useful_for + _MARGIN:
        yield f"{name}: it was {cause} too long ago to be told, at {sold.times[cause]:%Y-%m-%d %H:%M}"
    if mail["kind"] == "shipping_confirmation":
        yield from _shipping(name, mail, sold)


def _shipping(name: str, mail: Json, sold: Sold) -> Iterator[str]:
    """A shipping mail shows a parcel of the order; if none can be followed, the order's news is held back."""
    if sold.waits_for_tracking:
        yield f"{name}: a parcel of it can't be followed, so that it should have waited"
    numbers = {parcel.tracking_number for parcel in sold.parcels if parcel.can_be_followed}
    if mail["tracking_number"] not in (numbers or {""}):
        yield f"{name}: it shows parcel {mail['tracking_number']!r}, which is none of the order's"
    elif numbers and not mail["tracking_url"]:
        yield f"{name}: nobody can follow parcel {mail['tracking_number']!r} by it"
