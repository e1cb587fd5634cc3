"""Stock in the pair file: how who waits for something is told that it can be bought again."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from retail_sync.model.happenings import HappeningName

from .durations import Duration
from .part import Part
from .shipments import EventName


class Stock(Part):
    """Whoever signed up for a variant, and may get marketing, is told once each time that it comes back."""

    event: EventName | None = Field(
        "back_in_stock", description="The event on the contact's timeline; null tells of none."
    )
    useful_for: Duration = Field(timedelta(days=2), description="How long after that it is still told.")

    @property
    def told(self) -> dict[HappeningName, str]:
        """What is told of stock, with the name of its event."""
        return {"back_in_stock": self.event} if self.event else {}
