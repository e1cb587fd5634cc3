"""Finding objects: filtered, sorted, and remembered while nothing changes, so that paging does not filter again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from retail_sync.vendors.centra.sandbox.filters import predicates
from retail_sync.vendors.centra.sandbox.tables import Table

LONGEST_PAGE = 200
_REMEMBERED = 32


def select(
    table: Table, rows: Iterable[Any], where: Mapping[str, Any] | None, sort: Sequence[str], store: int | None = None
) -> list[Any]:
    """The rows that a filter lets through, in the order of a sort, the table's key last.

    Raises:
        GraphQLError: The filter contradicts itself.
    """
    tests = predicates(table, where)
    if store is not None:
        tests.append(lambda row: table.store(row) == store)
    found = [row for row in rows if all(test(row) for test in tests)] if tests else list(rows)
    found.sort(key=table.key)
    for name in reversed(sort):
        by, direction = name.rsplit("_", 1)
        found.sort(key=table.sorts[by], reverse=direction == "DESC")
    return found


def page_of(rows: Sequence[Any], limit: int | None, page: int | None, *, early: int = 0) -> Sequence[Any]:
    """One page by its number, counted in the rows as they stand now: they move when something comes or goes.

    Args:
        rows: All rows.
        limit: Rows a page.
        page: Its number, from 1.
        early: How many rows too early it begins and ends.

    Raises:
        GraphQLError: Limit or page are out of range.
    """
    size, number = 20 if limit is None else limit, 1 if page is None else page
    check_size("limit", size)
    if number < 1:
        raise GraphQLError("Page must be 1 or more.")
    return rows[max(0, (number - 1) * size - early) : max(0, number * size - early)]


def check_size(name: str, size: int) -> None:
    """Refuse a page that is too long.

    Raises:
        GraphQLError: The size is not within 1 to 200.
    """
    if not 1 <= size <= LONGEST_PAGE:
        raise GraphQLError(f"Argument {name} must be in range 1 - {LONGEST_PAGE}, {size} given.")


class Memory:
    """What was found lately, for as long as the books are unchanged."""

    def __init__(self) -> None:
        self._revision = -1
        self._found: dict[str, list[Any]] = {}

    def select(
        self,
        table: Table,
        rows: Iterable[Any],
        where: Mapping[str, Any] | None,
        sort: Sequence[str],
        *,
        store: int | None,
        revision: int,
    ) -> list[Any]:
        """As `select`, of books of that revision. The result is not to be changed."""
        if revision != self._revision or len(self._found) >= _REMEMBERED:
            self._revision, self._found = revision, {}
        asked = f"{id(table)} {where!r} {sort!r} {store}"
        found = self._found.get(asked)
        if found is None:
            found = self._found[asked] = select(table, rows, where, sort, store)
        return found
