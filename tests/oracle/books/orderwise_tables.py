"""OrderWise's tables: their rows by what they are or belong to, and their times as times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from tests.oracle.terms import Json, amount

#: Order types that are credits.
_CREDITS = {4, 9}


class Tables:
    """The tables of a state.

    Args:
        state: What the sandbox says of itself.

    Attributes:
        one: Gives the rows of a table by the column that tells one from the other.
        many: Gives the rows of a table by a column that several may share.
        sold: The headers of orders.
        credits: The headers of credits, which are orders of a type of their own.
    """

    def __init__(self, state: Json) -> None:
        self.state = state
        self._tables: dict[str, list[Json]] = state["tables"]
        self._zone = ZoneInfo(state["timezone"])
        self.one: Callable[[str, str], dict[int, Json]] = cache(self._by_key)
        self.many: Callable[[str, str], defaultdict[int, list[Json]]] = cache(self._by_owner)
        self.sold = [row for row in self._tables["order_header"] if row["oh_sot_id"] not in _CREDITS]
        self.credits = [row for row in self._tables["order_header"] if row["oh_sot_id"] in _CREDITS]

    def rows(self, table: str) -> list[Json]:
        """All rows of a table."""
        return self._tables[table]

    def at(self, text: str | None) -> str | None:
        """A local time as one that names its zone; of an hour that comes twice it is the first."""
        if text is None:
            return None
        return datetime.fromisoformat(text).replace(tzinfo=self._zone).astimezone(UTC).isoformat()

    def _by_key(self, table: str, key: str) -> dict[int, Json]:
        return {row[key]: row for row in self._tables[table]}

    def _by_owner(self, table: str, key: str) -> defaultdict[int, list[Json]]:
        found: defaultdict[int, list[Json]] = defaultdict(list)
        for row in self._tables[table]:
            found[row.get(key, 0)].append(row)
        return found


def units(quantity: str | Decimal) -> int:
    """A quantity of whole units."""
    return int(amount(quantity))


def plain(text: str | None) -> str:
    """A text without the blanks that somebody has typed behind it."""
    return (text or "").strip()
