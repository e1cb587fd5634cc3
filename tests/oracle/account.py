"""An account of a marketing platform in the one plain shape that the oracle judges, whichever platform it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .terms import Json, Terms, normal

#: What is left of an order's line with the buyer: SKU, price of one, how many.
Piece = tuple[str, Decimal, int]


@dataclass(frozen=True)
class Sale:
    """An order as the account holds it. What a platform has no place for is left out, and `Terms.lacks` says so.

    Attributes:
        worth: What it counts for, in its currency.
        whose: The address of the contact with which it stands, in normal form; None for nobody's.
        cancelled: Whether it is marked as called off.
        states: Words of the oracle for what it has come to, by the name that the platform has for the field.
        amounts: Further amounts, by the same.
        tracking: `tracking_number`, `tracking_carrier` and `tracking_url` of the parcel that the order shows.
        unlisted: What its lines cost that lead to no product with a SKU, one by one.
    """

    worth: Decimal
    currency: str
    whose: str | None
    pieces: Sequence[Piece]
    cancelled: bool = False
    states: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    tracking: Mapping[str, str] = field(default_factory=dict)
    unlisted: Sequence[Decimal] = ()


@dataclass(frozen=True)
class Account:
    """What an account holds of the shop.

    Attributes:
        members: Contacts, put away ones included, each with `email_address`; `status`, `created_as`, `left` (whether it
            left by its own hand) and `history` (`at`, `status`, `cause`, oldest first); `facts` by the oracle's names,
            and `tags`; `events` (`name`, `properties`, `occurred_at`), one as often as it was told.
        sales: Orders by number.
        mails: What went out about orders: `kind`, `order_id`, `email`, `at`.
        forgotten: Addresses that were deleted for good.
        store: Products, and the customers and carts of a store where there is one.
        stray: What belongs to nobody, in words.
    """

    members: list[Json]
    sales: Mapping[str, Sale]
    mails: list[Json]
    forgotten: frozenset[str]
    store: Json
    stray: Sequence[str] = ()

    def may_hold(self, email: str, terms: Terms) -> bool:
        """Whether an address in normal form can be a contact: not an invented one, nor one deleted for good."""
        return email not in self.forgotten and terms.can_be_contact(email)

    def by_address(self) -> dict[str, list[Json]]:
        """Members by normal address: more than one under an address is a person doubled."""
        found: defaultdict[str, list[Json]] = defaultdict(list)
        for member in self.members:
            found[normal(member["email_address"]) or member["email_address"]].append(member)
        return dict(found)
