"""What somebody does in the shop, in the pair file: what of it is told as events."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from retail_sync.model.happenings import HappeningName

from .durations import Duration
from .part import Part
from .shipments import EventName


class Browsing(Part):
    """Events on the timeline of who may get marketing; null tells of none."""

    added_to_basket: EventName | None = "added_to_basket"
    viewed_collection: EventName | None = "viewed_collection"
    useful_for: Duration = Field(timedelta(hours=4), description="How long after it happened it is still told.")

    @property
    def told(self) -> dict[HappeningName, str]:
        """What is told, with the name of its event."""
        names: dict[HappeningName, str | None] = {
            "added_to_basket": self.added_to_basket,
            "viewed_collection": self.viewed_collection,
        }
        return {happening: name for happening, name in names.items() if name}
