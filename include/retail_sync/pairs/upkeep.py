"""How a pair looks after itself: what is read back, what is put right, what is read again."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field

from .durations import Duration
from .part import Part


class Reconcile(Part):
    """How much of the destination is read back after a run, and what an audit puts right."""

    sample: int = Field(50, ge=0)
    full_below: int = Field(20_000, ge=0, description="Up to how many objects of a kind all of its keys are compared.")
    heal: bool = Field(True, description="Whether an audit puts right what was changed at the destination.")
    heal_at_most: int = Field(
        500, ge=0, description="If more objects of a kind than this differ, none is put right before a person looked."
    )


class History(Part):
    """Which orders the nightly history run reads again, and in which slots."""

    days: int = Field(30, ge=1)
    begins: date | None = Field(
        None,
        description="Before that day (UTC) the shop had no orders: a history that was read from there is whole. Where "
        "the first read of orders does not reach back that far, lifetime facts wait for such a history.",
    )
    slot: Duration = Field(timedelta(days=1), description="A history goes on at the slot where it was broken off.")
