"""What a pair has promised: the few settings that decide what is right, and plain readings of the books' values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

#: An object of a sandbox's state.
Json: TypeAlias = dict[str, Any]

_CENT = Decimal("0.01")
_LABEL = r"[^\s@<>(),;:\"\\.]+"
_ADDRESS = re.compile(rf"{_LABEL}(\.{_LABEL})*@({_LABEL}\.)+{_LABEL[:-1]}{{2,}}")


#: Judgements that wait for what they judge, each passed only once a pair promises it.
LATER: Mapping[str, str] = {
    "erased people are gone": "a customer whom the shop has erased has neither contact nor store customer",
    "imports are reverted": "who had left is not left subscribed by an import without evidence",
    "parcels are told once": "each parcel that left since the pair went live has one member event, and no second one",
    "stubs carry their SKU": "what was bought stands with its SKU even where the shop's catalogue has dropped it",
    "withdrawn goods are out of stock": "a product that has left the shop's catalogue can't be bought any more",
}


#: What a pair may say of an order in place of the word that mails somebody.
QUIET: Mapping[str, str] = {
    "awaiting_payment": "pending",
    "settled": "paid",
    "paid_back": "refunded",
    "called_off": "cancelled",
    "despatched": "shipped",
}


#: What a marketing platform may have no place for, and what is judged in its stead.
LACKING: Mapping[str, str] = {
    "amounts beside the total": "shipping and discount are within what an order's rows add up to",
    "bounces": "that mail to an address comes back is shown to nobody, so that its contact stays what it was",
    "carts": "carts are watched by a script of the platform's own",
    "catalogue": "products are taken whole from a file, which is no part of a run",
    "currencies": "all money is in the account's one currency: each order at its own rate",
    "emoji": "no field holds signs beyond the basic plane, so that they are taken out of names",
    "gift cards as goods": "a gift card counts when it is spent, so that none stands among what was bought",
    "order states": "an order is nothing but rows that add up: what it has come to is told in events",
    "store customers": "buyers are the contacts themselves",
    "tracking of orders": "a parcel is followed by its own event alone",
    "unit prices": "a row has the price of all its pieces: they are counted, and the rows add up",
}


@dataclass(frozen=True)
class Terms:
    """The terms of a pair.

    Attributes:
        currency: The currency of lifetime values.
        vip_from: The lifetime value from which a buyer is a VIP.
        marketplaces: Affiliates whose orders are not the shop's own.
        carriers: Further carriers whose parcels can be followed, with a word of the address.
        refused: Domains whose addresses the audience takes for invented.
        quiet: Words for a state of an order that no mail listens to, with the word that one would.
        useful_for: How long after its cause a mail about an order may still go out.
        at: When it is, or None where that does not matter.
        awaited_for: How long after goods came back money for them is awaited.
        just_bought_for: How long after an order what was bought by it counts as just bought.
        recently_returned_for: How long what has come back counts as recently returned.
        lasts: How long after an order what was bought by it may be used up.
        parcel_event: The member event that tells of a parcel, and the property that holds the parcel's number.
        review_event: The member event that asks for a review of a parcel.
        writes_back: Whether the shop is told who left; else its own people write it there, when they do.
        promised: Judgements of `LATER` that the pair stands by.
        lacks: What the marketing platform has no place for, by the names of `LACKING`.
    """

    currency: str = "SEK"
    vip_from: Decimal = Decimal(10000)
    marketplaces: frozenset[str] = frozenset({"zalando", "amazon", "boozt"})
    carriers: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset({"example.com", "example.org", "example.net", "yopmail.com"})
    quiet: Mapping[str, str] = field(default_factory=lambda: dict(QUIET))
    useful_for: timedelta = timedelta(hours=48)
    at: datetime | None = None
    awaited_for: timedelta = timedelta(days=60)
    just_bought_for: timedelta = timedelta(days=14)
    recently_returned_for: timedelta = timedelta(days=30)
    lasts: timedelta = timedelta(days=60)
    parcel_event: tuple[str, str] = ("order_shipped", "shipment")
    review_event: str = "review_request"
    writes_back: bool = True
    promised: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if unknown := (self.promised - LATER.keys()) | (self.lacks - LACKING.keys()):
            raise ValueError(f"there is no judgement {sorted(unknown)}")

    def is_awaited(self, since: datetime) -> bool:
        """Whether money that is owed since then is still awaited."""
        return self.at is None or since > self.at - self.awaited_for

    def can_be_contact(self, email: str) -> bool:
        """Whether the audience takes an address in normal form."""
        return email.partition("@")[2] not in self.refused


def normal(address: str | None) -> str | None:
    """An address as identity: one person writes it in many ways. None where nobody can be written to."""
    plain = unicodedata.normalize("NFC", address or "").strip().lower()
    return plain if _ADDRESS.fullmatch(plain) else None


def amount(value: Any) -> Decimal:
    """An amount of the books; an empty one is nothing."""
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent, halves away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def moment(text: str) -> datetime:
    """A time of the books, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
