"""What an order sets off at the destination, and for how long after it happened that is of use."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from retail_sync.model.people import OrderState

from .durations import Duration
from .part import Part


class Triggers(Part):
    """Which states of an order are told as steps of their own, each once; any other state sets nothing off."""

    useful_for: Duration = Field(
        timedelta(hours=48), description="What happened longer ago is logged as expired and sets nothing off."
    )
    orders: dict[OrderState, list[str]] = Field(
        default_factory=dict,
        description="By state of an order, the destination's words that set something off, in the order in which they "
        "are said when the order comes to that state. `financial.captured: [pending, paid]` confirms an order when its "
        "payment was captured.",
    )
