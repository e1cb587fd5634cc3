"""The shop's books, read as what each order has come to and what each person is worth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from .account import Piece
from .addresses import Addresses
from .carriage import Parcel, parcels
from .terms import Json, Terms, amount, cents, moment


@dataclass
class Sold:
    """An order after everything that happened to it. Amounts are in its own currency.

    Attributes:
        email: Who bought, in normal form and under today's address; None where nobody can be written to.
        own: Whether the shop sold it itself, and not to a reseller or through a marketplace.
        net: What is left of it for the shop, gift cards not counted when they are sold.
        dropped: Whether the catalogue no longer has something of it.
        times: When it was last placed, paid, paid back, called off or sent, whichever has happened.
        paid_back: The money of it that went back.
        all_back: Whether all that it came to has gone back.
        gift_cards: The SKUs of it that are gift cards.
        skus: The SKUs of it that were not cancelled.
        collections: To which of the catalogue's they belong, gift cards left out.
        came_back: When those of them that have come back were last announced to do so.
    """

    number: str
    email: str | None
    own: bool
    status: str
    at: datetime
    currency: str
    rate: Decimal
    market: str
    net: Decimal
    paid_back: Decimal
    all_back: bool
    paid: bool
    pieces: list[Piece]
    parcels: list[Parcel]
    whole: bool
    full_price: bool | None
    awaiting_return: bool
    awaiting_refund: bool
    shipping: Decimal
    discount: Decimal
    cart_id: str | None
    erased: bool
    dropped: bool
    gift_cards: frozenset[str]
    skus: frozenset[str]
    collections: frozenset[str]
    came_back: Mapping[str, datetime]
    times: Mapping[str, datetime]

    @property
    def cancelled(self) -> bool:
        """Whether the whole order was called off."""
        return self.status == "CANCELLED"

    @property
    def waits_for_tracking(self) -> bool:
        """Whether it can't be told that all of it has left, since a parcel of it can't be followed."""
        return any(parcel.lacks_tracking for parcel in self.parcels)

    @property
    def told_parcels(self) -> list[Parcel]:
        """The parcels of which the buyer may be told, the last one last."""
        return [parcel for parcel in self.parcels if not parcel.lacks_tracking]


@dataclass
class Known:
    """Everything that the shop knows under one address: its orders, and when it ordered from somebody else."""

    email: str
    records: list[Json] = field(default_factory=list)
    orders: list[Sold] = field(default_factory=list)
    elsewhere: list[datetime] = field(default_factory=list)

    @property
    def is_contact(self) -> bool:
        """Whether this is somebody to be written to, rather than a reseller or a marketplace's customer."""
        return bool(self.orders) or (bool(self.records) and not self.elsewhere)

    @cached_property
    def counted(self) -> list[Sold]:
        """The orders that stand, the earliest first."""
        return sorted((one for one in self.orders if not one.cancelled), key=lambda one: one.at)

    def value(self, terms: Terms) -> Decimal:
        """The net lifetime value: each order at the rate of its own day."""
        parts = (one.net * (1 if one.currency == terms.currency else one.rate) for one in self.counted)
        return cents(sum(parts, Decimal(0)))


def people(books: Json, terms: Terms) -> dict[str, Known]:
    """Everybody under an address that can be written to, contacts or not."""
    known: dict[str, Known] = {}
    addresses = Addresses(books["customers"], books["orders"])
    for record in books["customers"]:
        if email := addresses.of_record(record):
            known.setdefault(email, Known(email)).records.append(record)
    for one in orders(books, terms):
        if one.email is None:
            continue
        person = known.setdefault(one.email, Known(one.email))
        if one.own:
            person.orders.append(one)
        else:
            person.elsewhere.append(one.at)
    return known


def orders(books: Json, terms: Terms) -> list[Sold]:
    """Every order of the books."""
    returns: defaultdict[int, list[Json]] = defaultdict(list)
    for made in books["returns"]:
        returns[made["order_number"]].append(made)
    addresses = Addresses(books["customers"], books["orders"])
    catalogue = {
        variant["sku"]: product["collection"] for product in books["products"] for variant in product["variants"]
    }
    return [
        _sold(
            order,
            addresses.of_order(order),
            returns[order["number"]],
            terms,
            catalogue,
            erased=addresses.is_erased(order),
        )
        for order in books["orders"]
    ]


def _sold(
    order: Json,
    email: str | None,
    returns: Sequence[Json],
    terms: Terms,
    catalogue: Mapping[str, str | None],
    *,
    erased: bool,
) -> Sold:
    lines = order["lines"]
    goods, gift_cards = _left(order, returns)
    sent = parcels(order, terms)
    return Sold(
        number=str(order["number"]),
        email=email,
        own=order["store_type"] == "DIRECT_TO_CONSUMER"
        and (order["affiliate"] or "").strip().lower() not in terms.marketplaces,
        status=order["status"],
        at=moment(order["created_at"]),
        currency=order["currency"],
        rate=amount(order["rate"]),
        market=order["market"],
        net=Decimal(0) if order["status"] == "CANCELLED" else goods,
        paid_back=_paid_back(order),
        all_back=goods + gift_cards <= 0,
        paid=_is_paid(order),
        pieces=_pieces(lines, returns),
        parcels=sent,
        whole=order["status"] == "SHIPPED" or _all_sent(lines, sent),
        full_price=_is_full_price([line for line in lines if _kept(line)]),
        awaiting_return=any(not made["completed"] for made in returns),
        awaiting_refund=any(_is_owed(made) and terms.is_awaited(moment(made["created_at"])) for made in returns),
        shipping=amount(order["shipping"]),
        discount=amount(order["discount"]),
        cart_id=order["cart_id"],
        erased=erased,
        dropped=any(line["sku"] not in catalogue for line in lines),
        gift_cards=frozenset(line["sku"] for line in lines if line["gift_card"]),
        skus=frozenset(line["sku"] for line in lines if _kept(line)),
        collections=frozenset(
            name for line in lines if _kept(line) and not line["gift_card"] and (name := catalogue.get(line["sku"]))
        ),
        came_back=_came_back(lines, returns),
        times=_times(order, sent),
    )


def _came_back(lines: Iterable[Json], returns: Iterable[Json]) -> dict[str, datetime]:
    skus = {line["id"]: line["sku"] for line in lines}
    back = [made for made in returns if made["completed"] or amount(made["refunded"])]
    times = sorted((moment(made["created_at"]), line["line_id"]) for made in back for line in made["lines"])
    return {skus[line_id]: at for at, line_id in times}


def _is_owed(made: Json) -> bool:
    """Whether goods have come back and no money for them has gone back yet."""
    return bool(made["completed"]) and not amount(made["refunded"])


def _times(order: Json, sent: Sequence[Parcel]) -> dict[str, datetime]:
    kinds = {"CAPTURE": "paid", "REFUND": "paid back"}
    times = {"placed": moment(order["created_at"])}
    times |= {kinds[one["kind"]]: moment(one["at"]) for one in order["payments"] if one["kind"] in kinds}
    if order["cancelled_at"]:
        times["called off"] = moment(order["cancelled_at"])
    if sent:
        times["sent"] = sent[-1].at
    return times


def _is_full_price(bought: Sequence[Json]) -> bool | None:
    """Whether nothing was marked down; nobody can say of an order in which nothing was bought."""
    return all(amount(line["unit_price"]) >= amount(line["list_price"]) for line in bought) if bought else None


def _kept(line: Json) -> int:
    """How many of a line were not cancelled."""
    return int(line["ordered"]) - int(line["cancelled"])


def _left(order: Json, returns: Iterable[Json]) -> tuple[Decimal, Decimal]:
    """What is left of an order for its goods, and for its gift cards.

    Each cause is taken once: a return by the money paid for it, by its goods' worth until then; and money alone. A
    gift card that comes back is paid from what was paid for gift cards; all else from the goods, as long as anything
    is left of them, then from the gift cards, and at last from the shop's own pocket.
    """
    cards = {line["id"]: amount(line["unit_price"]) for line in order["lines"] if line["gift_card"]}
    for_cards = sum((_kept(line) * cards[line["id"]] for line in order["lines"] if line["gift_card"]), Decimal(0))
    for_goods = amount(order["grand_total"]) - for_cards
    loose = _paid_back(order)
    for made in returns:
        money = amount(made["refunded"]) or (amount(made["value"]) if made["completed"] else Decimal(0))
        loose -= amount(made["refunded"])
        worth = sum((cards.get(line["line_id"], Decimal(0)) * line["quantity"] for line in made["lines"]), Decimal(0))
        for_cards -= min(money, worth)
        loose += money - min(money, worth)
    from_goods = min(loose, max(for_goods, Decimal(0)))
    from_cards = min(loose - from_goods, for_cards)
    return for_goods - (loose - from_cards), for_cards - from_cards


def _paid_back(order: Json) -> Decimal:
    return sum((amount(one["amount"]) for one in order["payments"] if one["kind"] == "REFUND"), Decimal(0))


def _is_paid(order: Json) -> bool:
    captured = any(one["kind"] == "CAPTURE" for one in order["payments"])
    return captured or (amount(order["grand_total"]) == 0 and order["status"] != "PENDING")


def _pieces(lines: Iterable[Json], returns: Iterable[Json]) -> list[Piece]:
    """What is left of each line after what was cancelled and what has come back."""
    came_back: Counter[int] = Counter()
    for made in returns:
        if made["completed"] or amount(made["refunded"]):
            came_back.update({line["line_id"]: line["quantity"] for line in made["lines"]})
    left = [(line["sku"], cents(amount(line["unit_price"])), _kept(line) - came_back[line["id"]]) for line in lines]
    return sorted(piece for piece in left if piece[2] > 0)


def _all_sent(lines: Iterable[Json], sent: Iterable[Parcel]) -> bool:
    units: Counter[int] = Counter()
    for parcel in sent:
        units.update(parcel.units)
    return bool(units) and all(units[line["id"]] >= _kept(line) for line in lines if not line["gift_card"])
