"""A table of the merchant's database: rows by id, in the order of their ids."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from retail_sync.vendors.fulfil.sandbox.records import Record

R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """The rows of one model.

    Args:
        kind: The class of its rows.
        first: The id of the first row.
    """

    def __init__(self, kind: type[R], first: int = 1) -> None:
        self.kind = kind
        self.rows: dict[int, R] = {}
        self._ids: list[int] = []
        self._first = self._next = first

    def add(self, **fields: Any) -> R:
        """Add a row under the next id."""
        row = self.kind(id=self._next, **fields)
        self._next += 1
        self.rows[row.id] = row
        self._ids.append(row.id)
        return row

    @property
    def next_id(self) -> int:
        """The id that the next row will have."""
        return self._next

    def clear(self) -> None:
        """Take all rows away, and begin with the first id again."""
        self.rows.clear()
        self._ids.clear()
        self._next = self._first

    def delete(self, number: int) -> None:
        """Take a row away; its id is never given again."""
        del self.rows[number]
        del self._ids[bisect_left(self._ids, number)]

    def after(self, number: int) -> Iterator[R]:
        """The rows with a greater id, by id."""
        for place in range(bisect_right(self._ids, number), len(self._ids)):
            yield self.rows[self._ids[place]]

    def __getitem__(self, number: int) -> R:
        return self.rows[number]

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)


Tables = Mapping[str, Table[Any]]
