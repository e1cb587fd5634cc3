"""Carts in the pair file: when one counts as left, and until when somebody may be reminded of it."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from .durations import Duration
from .part import Part


class Carts(Part):
    """Only who may get marketing is reminded of a cart, and nobody who has ordered since. It needs a way back."""

    abandoned_after: Duration = Field(
        timedelta(hours=1), description="How long after its last change a cart counts as left; then it is sent."
    )
    withdrawn_after: Duration = Field(
        timedelta(days=7), description="How long after its last change nobody is reminded of a cart any more."
    )

    @model_validator(mode="after")
    def _are_in_order(self) -> Carts:
        if self.withdrawn_after <= self.abandoned_after:
            raise ValueError("withdrawn_after must be longer than abandoned_after")
        return self
