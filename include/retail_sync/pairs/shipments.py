"""Parcels in the pair file: how a buyer is told that one has left, and when they are asked what they think of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from retail_sync.model.happenings import HappeningName
from retail_sync.model.plain import plain

from .durations import Duration
from .part import Part

EventName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,29}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Transit(Part):
    """How long after it left a parcel has surely come. What a carrier needs goes before what a country does."""

    default: Duration = timedelta(days=7)
    by_country: dict[Country, Duration] = Field(
        default_factory=dict, description="By the country that the parcel goes to."
    )
    by_carrier: dict[str, Duration] = Field(
        default_factory=dict,
        description="By carrier, whatever the case; `postnord` is `PostNord Sverige AB` too, a longer name first.",
    )

    @field_validator("by_carrier")
    @classmethod
    def _are_different(cls, given: dict[str, timedelta]) -> dict[str, timedelta]:
        names = [plain(name) for name in given]
        if "" in names or len(set(names)) < len(names):
            raise ValueError("each carrier needs a name of its own, whatever its case and punctuation")
        return given

    def of(self, carrier: str | None, country: str | None) -> timedelta:
        """How long a parcel of this carrier takes to that country (ISO 3166 alpha-2)."""
        name = f"{plain(carrier or '')} "
        fitting = [known for known in self.by_carrier if name.startswith(f"{plain(known)} ")]
        if fitting:
            return self.by_carrier[max(fitting, key=lambda known: len(plain(known)))]
        return self.by_country.get((country or "").strip().upper(), self.default)


class Review(Part):
    """A request for a review of what came in a parcel, once it has surely come."""

    event: EventName = Field("review_request", description="What the request is called on the contact's timeline.")
    after: Transit = Field(Transit(), description="How long after the parcel left.")
    useful_for: Duration = Field(
        timedelta(days=7), description="How long after that a request is still sent, should it not go at once."
    )


class Shipments(Part):
    """What is told of parcels. Two automations that listen to the same news write twice: let one of them listen."""

    event: EventName | None = Field(
        "order_shipped",
        description="The event on the contact's timeline, one for each parcel that has left; null tells of none.",
    )
    vendor_mail: bool = Field(
        True,
        description="Whether `triggers` may set off the destination's own shipping mail, one for an order; without it "
        "what has left is said in words that no mail listens to.",
    )
    review: Review | None = Field(None, description="When a review is asked for; null asks for none.")

    @property
    def told(self) -> dict[HappeningName, str]:
        """What is told of parcels, with the name of its event."""
        names: dict[HappeningName, str | None] = {
            "order_shipped": self.event,
            "review_request": self.review.event if self.review else None,
        }
        return {happening: name for happening, name in names.items() if name}
