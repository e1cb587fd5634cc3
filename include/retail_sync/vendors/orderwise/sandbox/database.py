"""The database of the installation: tables as `tables.sql` has them, in memory."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from retail_sync.vendors.orderwise.sandbox.functions import add_functions

_TABLES = (Path(__file__).parent / "tables.sql").read_text(encoding="utf-8")
#: Digits behind the point of an amount that leaves; sqlite counts in binary fractions, SQL Server does not.
_DIGITS = 6

#: Columns that are true or false.
BITS = frozenset(re.findall(r"\b(\w+) BIT\b", _TABLES))

Row = dict[str, Any]


class Database:
    """One connection, which the server's only thread and the tests use in turn.

    Args:
        now: The server's local time as text.
    """

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self.clear()

    def clear(self) -> None:
        """Empty tables."""
        # No two threads use it at once: whoever does holds the sandbox's lock.
        self._sqlite = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._sqlite.executescript(_TABLES)
        add_functions(self._sqlite, self._now)

    def insert(self, table: str, **values: Any) -> int:
        """Add a row; gives its id. `Decimal` is stored as a number."""
        cursor = self._sqlite.execute(_insertion(table, tuple(values)), [_plain(one) for one in values.values()])
        return cursor.lastrowid or 0

    def insert_all(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows at once."""
        self._sqlite.executemany(_insertion(table, tuple(columns)), ([_plain(one) for one in row] for row in rows))

    def put(self, table: str, **values: Any) -> None:
        """Add a row in place of the one that has its key; columns that are not named become NULL."""
        sql = _insertion(table, tuple(values)).replace("INSERT", "INSERT OR REPLACE", 1)
        self._sqlite.execute(sql, [_plain(one) for one in values.values()])

    def update(self, table: str, where: str, key: Any, **values: Any) -> None:
        """Change the rows whose column `where` is `key`."""
        sql = _change(table, where, tuple(values))
        self._sqlite.execute(sql, [*(_plain(one) for one in values.values()), key])

    def run(self, sql: str, *values: Any) -> None:
        """Run a statement that gives nothing."""
        self._sqlite.execute(sql, values)

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._sqlite.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """Rows by column, fractions rounded as SQL Server's decimals would come."""
        cursor = self._sqlite.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, map(_rounded, row), strict=True)) for row in cursor]

    def row(self, sql: str, *values: Any) -> Row | None:
        """The first row by column, or None."""
        return next(iter(self.rows(sql, values)), None)

    def compile(self, sql: str, parameters: Iterable[str]) -> None:
        """Try whether a query can be run.

        Raises:
            sqlite3.Error: It can't; the text says why.
        """
        self._sqlite.execute(f"EXPLAIN {sql}", dict.fromkeys(parameters))

    def tables(self) -> dict[str, list[Row]]:
        """Every table, whole: columns that are NULL are left out of a row, fractions are `Decimal`."""
        names = [row["name"] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [_kept(row) for row in self.rows(f"SELECT * FROM {name}")] for name in names}  # noqa: S608


@lru_cache(maxsize=512)
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - both are our own


@lru_cache(maxsize=512)
def _change(table: str, where: str, columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{column} = ?" for column in columns)
    return f"UPDATE {table} SET {changes} WHERE {where} = ?"  # noqa: S608 - all are our own


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _rounded(value: Any) -> Any:
    return round(value, _DIGITS) if isinstance(value, float) else value


def _kept(row: Row) -> Row:
    return {
        name: Decimal(repr(value)) if isinstance(value, float) else value
        for name, value in row.items()
        if value is not None
    }
