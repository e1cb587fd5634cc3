"""A contact: its fields, and what only the books know of how it came to be and what became of its consent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from retail_sync.vendors.emarsys.sandbox.field import EMAIL, OPT_IN
from retail_sync.vendors.emarsys.sandbox.field_values import Value


class OptInChange(NamedTuple):
    """An opt-in (`1`, `2` or empty), since when, and what brought it about."""

    at: datetime
    opt_in: str
    cause: str


class Change(NamedTuple):
    """Fields that changed, when, and through which door: `api`, `form`, `link`, `import` or `admin`."""

    at: datetime
    origin: str
    fields: frozenset[int]


@dataclass(slots=True)
class Contact:
    """A contact.

    Attributes:
        id: The vendor's number.
        uid: The vendor's random name for it.
        values: By field; what is empty is not there.
        made_by: The door through which it came.
        made_at: When.
        changes: All changes, its making included, oldest first.
        history: Every opt-in it has had, oldest first.
    """

    id: int
    uid: str
    made_by: str
    made_at: datetime
    values: dict[int, Value] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    history: list[OptInChange] = field(default_factory=list)

    def text(self, number: int) -> str:
        """A field as one text, empty where there is none."""
        value = self.values.get(number)
        if isinstance(value, list):
            return ",".join(value)
        return value or ""

    @property
    def email(self) -> str:
        """Its address, or empty."""
        return self.text(EMAIL)

    @property
    def opt_in(self) -> str:
        """`1`, `2` or empty."""
        return self.text(OPT_IN)

    def fill(self, values: dict[int, Value], at: datetime, origin: str, cause: str, *, new: bool = False) -> None:
        """Take fields over; those that say nothing new are no change."""
        before = self.opt_in
        changed = frozenset(number for number, value in values.items() if self.values.get(number) != value)
        for number in changed:
            if (value := values[number]) is None:
                self.values.pop(number, None)
            else:
                self.values[number] = value
        if changed or new:
            self.changes.append(Change(at, origin, changed))
        if new or self.opt_in != before:
            self.history.append(OptInChange(at, self.opt_in, cause))
