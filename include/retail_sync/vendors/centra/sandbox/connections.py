"""Relay connections: pages that begin behind a row, wherever that row stands by then."""

from __future__ import annotations

from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from retail_sync.vendors.centra.sandbox.finder import check_size
from retail_sync.vendors.centra.sandbox.nodes import Node
from retail_sync.vendors.centra.sandbox.tables import Table

_Key = tuple[Any, ...]


class Order:
    """The order of a connection's rows: one sort field, ties broken by the table's key.

    Args:
        table: What is sorted.
        sort: The sort values as asked for; only the first one places cursors.
    """

    def __init__(self, table: Table, sort: Sequence[str]) -> None:
        self._field, direction = sort[0].rsplit("_", 1)
        self._value, self._key = table.sorts[self._field], table.key
        self.descending = direction == "DESC"
        self._unique = self._value is self._key

    def key(self, row: Any) -> _Key:
        """Where a row stands; grows along the rows unless they descend."""
        return (self._value(row),) if self._unique else (self._value(row), self._key(row))

    def cursor(self, row: Any) -> str:
        """The row's place as base64 of `field:value`, with the key behind it where values may repeat."""
        value, *rest = self.key(row)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return b64encode(f"{self._field}:{'|'.join([text, *map(str, rest)])}".encode()).decode()

    def place(self, cursor: str) -> _Key:
        """The key that a cursor stands for.

        Raises:
            GraphQLError: It is no cursor of this sort.
        """
        try:
            field, text = b64decode(cursor, validate=True).decode().split(":", 1)
            first, *rest = text.split("|")
            value = datetime.fromisoformat(first) if "T" in first else int(first)
            if field == self._field and len(rest) == (not self._unique):
                return (value, *map(int, rest))
        except ValueError:
            pass
        raise GraphQLError("The cursor is not one of this sort.")


def connection(
    rows: Sequence[Any], order: Order, node: Callable[[Any], Node], arguments: Mapping[str, Any], *, early: int = 0
) -> Node:
    """A page of sorted rows, counted from one of the ends or from a cursor.

    Args:
        rows: All rows, in that order.
        order: Their order.
        node: Makes their nodes.
        arguments: `first` or `last`, `after`, `before`.
        early: How many rows too early it begins.

    Raises:
        GraphQLError: Not exactly one of first and last is given, it is out of range, or a cursor is wrong.
    """
    first, last = arguments.get("first"), arguments.get("last")
    if (first is None) == (last is None):
        raise GraphQLError("Exactly one of the arguments first and last must be given.")
    low, high = _bounds(rows, order, arguments.get("after"), arguments.get("before"))
    low = max(0, low - early)
    if first is not None:
        check_size("first", first)
        high = min(high, low + first)
    elif last is not None:
        check_size("last", last)
        low = max(low, high - last)
    page = rows[low:high]
    return {
        "totalCount": len(rows),
        "edges": lambda: [{"cursor": order.cursor(row), "node": node(row)} for row in page],
        "pageInfo": {
            "hasNextPage": high < len(rows),
            "hasPreviousPage": low > 0,
            "startCursor": order.cursor(page[0]) if page else None,
            "endCursor": order.cursor(page[-1]) if page else None,
        },
    }


def _bounds(rows: Sequence[Any], order: Order, after: str | None, before: str | None) -> tuple[int, int]:
    """What stands behind one cursor and in front of the other, whether or not their rows are still there."""
    low, high = 0, len(rows)
    if after is not None:
        low = _count(rows, order, order.place(after), and_it=True)
    if before is not None:
        high = _count(rows, order, order.place(before), and_it=False)
    return low, max(low, high)


def _count(rows: Sequence[Any], order: Order, place: _Key, *, and_it: bool) -> int:
    """How many rows stand before a place, or up to it."""
    if order.descending:
        behind = bisect_left if and_it else bisect_right
        return len(rows) - behind(_Reversed(rows), place, key=order.key)
    return (bisect_right if and_it else bisect_left)(rows, place, key=order.key)


class _Reversed(Sequence[Any]):
    """Rows from the last to the first, without a copy."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        return self._rows[len(self._rows) - 1 - place]
