"""The brake: how much a plan may send before a person has looked."""

from __future__ import annotations

from pydantic import Field

from .part import Part


class Brake(Part):
    """When what a plan would send is far from the usual, it waits for a person's approval."""

    rows: int = Field(5000, ge=0, description="A plan of no more rows than this is never held.")
    share: float = Field(
        0.3, ge=0, le=1, description="Above `rows`, a plan is held that changes a larger part of what stands there."
    )
    times: float = Field(
        20, ge=1, description="Above `rows`, a plan is held that is so many times the median of the pair's past plans."
    )
    first_load: bool = Field(False, description="Whether a pair's first load waits for approval, whatever its size.")
