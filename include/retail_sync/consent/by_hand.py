"""Leavings that nobody but the source's own users can write there: a list for them, which each run makes anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.pairs.config import Pair

from . import contested

_LIST = f"""
    {contested.CONTESTED}
    select contested.key as customer, version.doc ->> 'email' as email,
           coalesce(version.doc ->> 'first_name', '') as first_name,
           coalesce(version.doc ->> 'last_name', '') as last_name,
           contested.status, contested.since
      from contested
      join people.customer on customer.pair = %(pair)s and customer.key = contested.key
      join stage.version using (version_id)
     where not newer
     order by contested.since, contested.key
"""  # noqa: S608 - a constant

_COUNT = f"{contested.CONTESTED} select count(*) from contested where not newer"  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Leaving:
    """A customer record that still says yes to marketing although its address has left.

    Attributes:
        customer: The record's key at the source.
        status: How the address left at the destination.
        since: Since when (aware UTC).
    """

    customer: str
    email: str
    first_name: str
    last_name: str
    status: str
    since: datetime


def to_take_off(connection: Connection[Any], pair: Pair) -> list[Leaving]:
    """The records that the source's users are to take off the mailing list, who left first first."""
    with connection.cursor(row_factory=class_row(Leaving)) as cursor:
        return cursor.execute(_LIST, contested.parameters(pair)).fetchall()


def count(connection: Connection[Any], parameters: dict[str, Any]) -> int:
    """How many records are on that list."""
    row = connection.execute(_COUNT, parameters).fetchone()
    return int(row[0]) if row else 0
