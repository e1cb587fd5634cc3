"""Consent in the pair file: who decides, what goes back to the source, and how soon both sides must agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from .durations import Duration
from .part import Part

WayBack = Literal["back", "keep"]


class Leavings(Part):
    """What each way of leaving at the destination means for the source.

    `back`: every source record of the address is opted out. `keep`: the source keeps what it says; the address is
    never created as subscribed again all the same.
    """

    unsubscribed: WayBack = Field("back", description="The contact left, complained, or was taken off by an admin.")
    cleaned: WayBack = Field("back", description="Mail to the contact bounced for good, or it reported spam.")
    compliance: WayBack = Field("back", description="The destination refuses it for having left or bounced before.")
    forgotten: WayBack = Field("keep", description="Deleted for good, and refused since: whoever did that knows why.")
    archived: WayBack = Field("keep", description="Put away by an admin, which says nothing of the contact's wish.")
    removed: WayBack = Field("keep", description="No longer there, though it was: an admin deleted it.")


class Consent(Part):
    """Who decides, and what happens to people who never said yes."""

    without_consent: Literal["transactional", "skip"] = "transactional"
    double_opt_in: bool = False
    source_opt_out: Literal["raise", "apply"] = Field(
        "raise", description="A yes of the source that became a no: told to marketing, or unsubscribed at once."
    )
    resubscribed: Literal["raise", "revert"] = Field(
        "raise",
        description="Subscribed again after leaving, without evidence: told to marketing, or undone as well, but only "
        "where the destination shows who has said yes with their own hand.",
    )
    write_back: bool = Field(
        True, description="Whether leavings are written to the source, or listed for its users to write there by hand."
    )
    statuses: Leavings = Leavings()
    settle_within: Duration = Field(
        timedelta(hours=1), description="How soon after a no both sides must read no; later it is a missed opt-out."
    )
    clock_tolerance: Duration = Field(
        timedelta(hours=4),
        description="How far the clocks of source and destination may be apart; times that are closer count as equal.",
    )

    @property
    def goes_back(self) -> list[str]:
        """The statuses at the destination that the source is to learn of."""
        return [status for status, way in self.statuses.model_dump().items() if way == "back"]
