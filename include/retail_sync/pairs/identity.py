"""Identity in the pair file: which addresses and records are one person, and which of them speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .part import Part

Speaker = Literal["registered", "guest", "newest", "order"]
ProfileField = Literal["first_name", "last_name", "phone", "birthdate", "address", "attributes"]


def _distinct(speakers: Sequence[Speaker]) -> Sequence[Speaker]:
    if len(set(speakers)) < len(speakers):
        raise ValueError("names a speaker twice")
    return speakers


Speakers = Annotated[tuple[Speaker, ...], Field(min_length=1), AfterValidator(_distinct)]


class Profile(Part):
    """Who speaks for a person, field by field: the first of a field's list that there is.

    `registered` and `guest` are the person's account and guest record, of several the one changed last; `newest` is
    whichever record was changed last; `order` is the address on the newest order. Who has no name at all does not
    speak for the names, who has no address not for the address. Other fields that a speaker leaves empty are empty.
    """

    default: Speakers = Field(("registered", "newest", "order"), description="For fields without a list of their own.")
    first_name: Speakers | None = None
    last_name: Speakers | None = None
    phone: Speakers | None = None
    birthdate: Speakers | None = None
    address: Speakers | None = None
    attributes: Speakers | None = None

    def speakers(self, field: ProfileField) -> Speakers:
        """Who speaks for a field, the foremost first."""
        own: Speakers | None = getattr(self, field)
        return own or self.default


class Identity(Part):
    """Which addresses and source records are one person."""

    aliases: str | None = Field(
        None, description="A CSV file beside the pair file: columns alias and primary. It goes before commands."
    )
    order_email: Literal["order", "account"] = Field(
        "order",
        description="Whose an order is that carries an address which its account never had: that address's (order), "
        "or the account's.",
    )
    guests_follow: bool = Field(
        True,
        description="When an account changes its address, what guests had bought under the old one goes with it.",
    )
    anonymous_customers: list[str] = Field(
        default_factory=list, description="Keys of customers that stand for many: their orders' own addresses count."
    )
    wait_for_first_order: bool = Field(
        False, description="Whether who has registered and not bought yet waits for the first order to be a contact."
    )
    profile: Profile = Profile()
