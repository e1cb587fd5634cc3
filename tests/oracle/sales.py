"""Orders: every one that the shop sold itself is there, with what is left of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from .audience import Audience
from .shop import Known, Piece, Sold
from .terms import Json, Terms, amount, cents, normal

_TRACKING = ("tracking_number", "tracking_carrier", "tracking_url")


def compare(people: dict[str, Known], orders: list[Sold], audience: Audience, terms: Terms) -> Iterator[str]:
    """What is wrong with orders, carts and customers; orders of who was forgotten or erased may be there or not."""
    store = audience.store
    free = {one.number for one in orders if one.email in audience.forgotten or one.erased}
    held = {number: order for number, order in store["orders"].items() if number not in free}
    reachable = [one for one in orders if one.email and audience.may_hold(one.email, terms)]
    wanted = {one.number: one for one in reachable if one.own}
    yield from (f"order missing: {number}" for number in sorted(wanted.keys() - held.keys()))
    foreign = {one.number for one in orders if not one.own}
    for number in sorted(held.keys() - wanted.keys()):
        reason = "was sold by a reseller or a marketplace" if number in foreign else "can't be written to or is unknown"
        yield f"order too many: {number} {reason}"
    skus = _skus(store)
    for number in sorted(wanted.keys() & held.keys()):
        yield from _order(wanted[number], held[number], skus, terms)
    yield from _customers({email: one for email, one in people.items() if audience.may_hold(email, terms)}, store)
    yield from _carts(orders, store)


def _carts(orders: list[Sold], store: Json) -> Iterator[str]:
    """A cart goes when its order comes."""
    for one in orders:
        if one.cart_id in store["carts"]:
            yield f"cart too many: {one.cart_id} was bought as order {one.number}"


def _skus(store: Json) -> dict[tuple[str, str], str]:
    return {
        (product["id"], variant["id"]): variant["sku"]
        for product in store["products"].values()
        for variant in product["variants"]
    }


def _order(sold: Sold, held: Json, skus: Mapping[tuple[str, str], str], terms: Terms) -> Iterator[str]:
    amounts = {"order_total": sold.net, "shipping_total": sold.shipping, "discount_total": sold.discount}
    for name, wanted in amounts.items():
        if amount(held[name]) != wanted:
            yield f"order {sold.number}: {name} is {held[name]}, not {wanted}"
    texts = {
        "currency_code": sold.currency,
        "financial_status": financial(sold),
        "fulfillment_status": fulfilment(sold),
    }
    for name, text in texts.items():
        if text not in (held[name], terms.quiet.get(held[name])):
            yield f"order {sold.number}: {name} is {held[name]!r}, not {text!r}"
    if normal(held["customer"].get("email_address")) != sold.email:
        yield f"order {sold.number} stands with another customer than {sold.email}"
    if sold.cancelled != bool(held["cancelled_at_foreign"]):
        yield f"order {sold.number}: {'not marked' if sold.cancelled else 'wrongly marked'} as cancelled"
    if "stubs carry their SKU" in terms.promised or not sold.dropped:
        yield from _lines(sold, held, skus)
    yield from tracking(sold, held)


def financial(sold: Sold) -> str:
    """The state of an order's money."""
    if sold.cancelled:
        return "cancelled"
    if sold.paid_back > 0:
        return "refunded" if sold.net <= 0 else "partially_refunded"
    return "paid" if sold.paid else "pending"


def fulfilment(sold: Sold) -> str:
    """How much of an order has left, as far as the buyer may be told."""
    if not sold.told_parcels:
        return ""
    return "shipped" if sold.whole and not sold.waits_for_tracking else "partially_shipped"


def _lines(sold: Sold, held: Json, skus: Mapping[tuple[str, str], str]) -> Iterator[str]:
    found: list[Piece] = []
    for line in held["lines"]:
        sku = skus.get((line["product_id"], line["product_variant_id"]))
        if sku:
            found.append((sku, cents(amount(line["price"])), int(line["quantity"])))
        elif amount(line["price"]) != Decimal(0):
            yield f"order {sold.number}: a line without a product costs {line['price']}"
    if sorted(found) != sold.pieces:
        yield f"order {sold.number}: lines are {_shown(sorted(found))}, not {_shown(sold.pieces)}"


def _shown(pieces: list[Piece]) -> str:
    return ", ".join(f"{quantity} x {sku} at {price}" for sku, price, quantity in pieces) or "none"


def tracking(sold: Sold, held: Json) -> Iterator[str]:
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


def _customers(people: dict[str, Known], store: Json) -> Iterator[str]:
    """The store's customers are the contacts, each with as many orders as stand."""
    held = {normal(one["email_address"]): one for one in store["customers"].values()}
    if len(held) != len(store["customers"]):
        yield f"the store has {len(store['customers'])} customers under {len(held)} addresses"
    for email, person in sorted(people.items()):
        if not person.is_contact:
            continue
        customer = held.get(email)
        if customer is None:
            yield f"customer missing in the store: {email}"
        elif customer["orders_count"] != len(person.counted):
            yield f"customer {email} has {customer['orders_count']} orders in the store, not {len(person.counted)}"
