"""What T-SQL can and sqlite can't, as functions of the sandbox's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from retail_sync.vendors.orderwise.sandbox import dates

_SECONDS = {
    "MILLISECOND": 0.001, "MS": 0.001, "SECOND": 1, "SS": 1, "S": 1, "MINUTE": 60, "MI": 60, "N": 60,
    "HOUR": 3600, "HH": 3600, "DAY": 86400, "DD": 86400, "D": 86400, "WEEK": 604800, "WK": 604800, "WW": 604800,
}  # fmt: skip
#: Borders of units are counted from a Monday.
_BEGINNING = datetime(1900, 1, 1)  # noqa: DTZ001 - the server's times have no zone


def add_functions(connection: sqlite3.Connection, now: Callable[[], str]) -> None:
    """Teach a connection the functions that translated definitions call.

    Args:
        connection: The connection.
        now: The server's local time.
    """
    for name, (arguments, function) in _FUNCTIONS.items():
        connection.create_function(name, arguments, function, deterministic=True)
    connection.create_function("ow_now", 0, now)
    # The types of an aggregate's methods are looser than what the stub asks for.
    connection.create_aggregate("ow_string_agg", 3, _StringAgg)  # type: ignore[arg-type]


def _plus(left: Any, right: Any) -> Any:
    """Texts are joined, numbers are added, and nothing makes nothing."""
    if left is None or right is None:
        return None
    if isinstance(left, str) != isinstance(right, str):
        return float(left) + float(right)
    return left + right


def _datetime(value: Any) -> str | None:
    return None if value is None else dates.read(str(value))


def _date(value: Any) -> str | None:
    return None if value is None else dates.day(dates.read(str(value))[:10])


def _text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _bit(value: Any) -> int | None:
    return None if value is None else int(float(value) != 0)


def _dateadd(unit: str, number: Any, value: Any) -> str | None:
    if number is None or value is None:
        return None
    at = datetime.fromisoformat(dates.read(str(value)))
    return dates.text(at + timedelta(seconds=_SECONDS[unit.upper()] * int(number)))


def _datediff(unit: str, start: Any, end: Any) -> int | None:
    """How many borders of the unit lie between two times, as SQL Server counts."""
    if start is None or end is None:
        return None
    size = _SECONDS[unit.upper()]
    first, last = (datetime.fromisoformat(dates.read(str(one))) - _BEGINNING for one in (start, end))
    return int(last.total_seconds() // size) - int(first.total_seconds() // size)


def _left(text: Any, number: int) -> str | None:
    return None if text is None else str(text)[:number]


def _right(text: Any, number: int) -> str | None:
    return None if text is None else str(text)[-number:] if number else ""


def _concat(*parts: Any) -> str:
    return "".join(_text(part) or "" for part in parts)


_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "ow_plus": (2, _plus),
    "ow_datetime": (1, _datetime),
    "ow_date": (1, _date),
    "ow_text": (1, _text),
    "ow_bit": (1, _bit),
    "ow_dateadd": (3, _dateadd),
    "ow_datediff": (3, _datediff),
    "ow_left": (2, _left),
    "ow_right": (2, _right),
    "ow_concat": (-1, _concat),
}


class _StringAgg:
    """`STRING_AGG`, in the order that its `WITHIN GROUP` asks for."""

    def __init__(self) -> None:
        self._parts: list[tuple[Any, str]] = []
        self._separator = ","

    def step(self, value: Any, separator: str, key: Any) -> None:
        self._separator = separator
        if value is not None:
            self._parts.append((key, _text(value) or ""))

    def finalize(self) -> str | None:
        self._parts.sort(key=lambda part: (part[0] is not None, part[0] if part[0] is not None else 0))
        return self._separator.join(part for _, part in self._parts) if self._parts else None
