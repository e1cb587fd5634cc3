"""Orders: every one that the shop sold itself is there, with what is left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from .account import Account, Piece, Sale
from .shop import Sold
from .terms import Terms, cents

_TRACKING = ("tracking_number", "tracking_carrier", "tracking_url")


def compare(orders: list[Sold], account: Account, terms: Terms) -> Iterator[str]:
    """What is wrong with orders; those of who was forgotten or erased may be there or not."""
    free = {one.number for one in orders if one.email in account.forgotten or one.erased}
    held = {number: sale for number, sale in account.sales.items() if number not in free}
    reachable = [one for one in orders if one.email and account.may_hold(one.email, terms)]
    wanted = {one.number: one for one in reachable if one.own}
    missing = [one for number, one in sorted(wanted.items()) if number not in held and not _is_nothing(one, terms)]
    yield from (f"order missing: {one.number}" for one in missing)
    foreign = {one.number for one in orders if not one.own}
    for number in sorted(held.keys() - wanted.keys()):
        reason = "was sold by a reseller or a marketplace" if number in foreign else "can't be written to or is unknown"
        yield f"order too many: {number} {reason}"
    for number in sorted(wanted.keys() & held.keys()):
        yield from _order(wanted[number], held[number], terms)


def _is_nothing(sold: Sold, terms: Terms) -> bool:
    """Whether nothing of an order stands where gift cards are no goods."""
    return (
        "gift cards as goods" in terms.lacks and not sold.net and {piece[0] for piece in sold.pieces} <= sold.gift_cards
    )


def _order(sold: Sold, held: Sale, terms: Terms) -> Iterator[str]:
    yield from _money(sold, held, terms)
    if held.whose != sold.email:
        yield f"order {sold.number} stands with another customer than {sold.email}"
    if "order states" not in terms.lacks:
        yield from _states(sold, held, terms)
    if "stubs carry their SKU" in terms.promised or not sold.dropped:
        yield from _lines(sold, held, terms)
    if "tracking of orders" not in terms.lacks:
        yield from tracking(sold, held.tracking)


def _money(sold: Sold, held: Sale, terms: Terms) -> Iterator[str]:
    turned = "currencies" in terms.lacks and sold.currency != terms.currency
    worth, currency = (cents(sold.net * sold.rate), terms.currency) if turned else (sold.net, sold.currency)
    if held.worth != worth:
        yield f"order {sold.number}: it counts for {held.worth}, not {worth}"
    if held.currency != currency:
        yield f"order {sold.number}: its currency is {held.currency!r}, not {currency!r}"
    if "amounts beside the total" in terms.lacks:
        return
    for name, wanted in (("shipping", sold.shipping), ("discount", sold.discount)):
        if held.amounts[name] != wanted:
            yield f"order {sold.number}: {name} is {held.amounts[name]}, not {wanted}"


def _states(sold: Sold, held: Sale, terms: Terms) -> Iterator[str]:
    for name, told in held.states.items():
        text = _STATES[name](sold)
        if text not in (told, terms.quiet.get(told)):
            yield f"order {sold.number}: {name} is {told!r}, not {text!r}"
    if sold.cancelled != held.cancelled:
        yield f"order {sold.number}: {'not marked' if sold.cancelled else 'wrongly marked'} as cancelled"


def financial(sold: Sold) -> str:
    """The state of an order's money."""
    if sold.cancelled:
        return "cancelled"
    if sold.paid_back > 0:
        return "refunded" if sold.all_back else "partially_refunded"
    return "paid" if sold.paid else "pending"


def fulfilment(sold: Sold) -> str:
    """How much of an order has left, as far as the buyer may be told."""
    if not sold.told_parcels:
        return ""
    return "shipped" if sold.whole and not sold.waits_for_tracking else "partially_shipped"


def in_one_word(sold: Sold) -> str:
    """The weightiest of all that an order has come to: what went back, then what was sent, then what was paid."""
    money = financial(sold)
    if money in {"cancelled", "refunded", "partially_refunded"}:
        return money
    return "shipped" if fulfilment(sold) == "shipped" else money


_STATES: Mapping[str, Callable[[Sold], str]] = {
    "financial_status": financial,
    "fulfillment_status": fulfilment,
    "status": in_one_word,
}


def _lines(sold: Sold, held: Sale, terms: Terms) -> Iterator[str]:
    wanted = sold.pieces
    if "gift cards as goods" in terms.lacks:
        wanted = [piece for piece in wanted if piece[0] not in sold.gift_cards]
    found = list(held.pieces)
    if "unit prices" in terms.lacks:
        # What was called off has rows of its own that take it off again.
        found, wanted = _counted(found), [] if sold.cancelled else _counted(wanted)
    for cost in held.unlisted:
        if cost:
            yield f"order {sold.number}: a line without a product costs {cost}"
    if sorted(found) != wanted:
        yield f"order {sold.number}: lines are {_shown(sorted(found))}, not {_shown(wanted)}"


def _counted(pieces: list[Piece]) -> list[Piece]:
    units: Counter[str] = Counter()
    for sku, _, quantity in pieces:
        units[sku] += quantity
    return sorted((sku, Decimal(0), quantity) for sku, quantity in units.items() if quantity)


def _shown(pieces: list[Piece]) -> str:
    return ", ".join(f"{quantity} x {sku} at {price}" for sku, price, quantity in pieces) or "none"


def tracking(sold: Sold, held: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the tracking of an order: that of the last parcel that can be followed, or none at all."""
    followed = [one for one in sold.parcels if one.can_be_followed]
    if not followed:
        yield from (f"order {sold.number}: {name} is {held[name]!r}, not empty" for name in _TRACKING if held[name])
        return
    last = followed[-1]
    if held["tracking_number"] != last.tracking_number:
        yield f"order {sold.number}: tracking number is {held['tracking_number']!r}, not {last.tracking_number!r}"
    if held["tracking_carrier"] != last.carrier:
        yield f"order {sold.number}: carrier is {held['tracking_carrier']!r}, not {last.carrier!r}"
    url = held["tracking_url"].lower()
    parts = (last.place or "", last.tracking_number.lower())
    if not url.startswith("https://") or not all(part in url for part in parts):
        yield f"order {sold.number}: {held['tracking_url']!r} does not lead to parcel {last.tracking_number}"
