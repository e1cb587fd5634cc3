"""What every row of the merchant's database has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Ids = list[int]


@dataclass(slots=True, kw_only=True)
class Record:
    """What every row has; `write_date` is empty until the first edit."""

    id: int
    create_date: datetime
    write_date: datetime | None = None
    create_uid: int = 1
    write_uid: int | None = None


@dataclass(slots=True, kw_only=True)
class Named(Record):
    """A row that is known by its name or code: a category, a country, a carrier, a location."""

    name: str
    code: str | None = None
    parent: int | None = None
