"""After which time an open exception becomes somebody else's affair too."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from .durations import Duration
from .part import Owner, Part


class Escalation(Part):
    """How long an exception may be open before it is escalated, and to whom."""

    after: Duration = timedelta(days=2)
    to: Owner = "operations"
    owners: dict[Owner, Duration] = Field(default_factory=dict, description="Another length for single owners.")

    def after_of(self, owner: str) -> timedelta:
        """How long an exception of that owner may be open."""
        return next((length for name, length in self.owners.items() if name == owner), self.after)
