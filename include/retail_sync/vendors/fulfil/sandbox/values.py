"""Values as JSON carries them: dates, times and decimals as objects that name their class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from retail_sync.vendors.fulfil.sandbox.settings import DateForm

Encode = Callable[[Any], Any]


def naive(at: datetime) -> datetime:
    """A time as the vendor keeps it: in UTC, and without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def encoders(form: DateForm) -> Mapping[str, Encode]:
    """How each kind of field goes out; kinds that are not here go out as they are."""
    return {
        "datetime": lambda at: _datetime(at, iso=form != "parts"),
        "date": (lambda day: day.isoformat()) if form == "bare_days" else lambda day: _date(day, iso=form != "parts"),
        "numeric": lambda number: {"__class__": "Decimal", "decimal": str(number)},
    }


def _datetime(at: datetime, *, iso: bool) -> dict[str, Any]:
    encoded: dict[str, Any] = {"__class__": "datetime"}
    if iso:
        encoded["iso_string"] = at.isoformat()
    parts = {"hour": at.hour, "minute": at.minute, "second": at.second, "microsecond": at.microsecond}
    return {**encoded, "year": at.year, "month": at.month, "day": at.day, **parts}


def _date(day: date, *, iso: bool) -> dict[str, Any]:
    encoded: dict[str, Any] = {"__class__": "date", "iso_string": day.isoformat()} if iso else {"__class__": "date"}
    return {**encoded, "year": day.year, "month": day.month, "day": day.day}


def decode(value: Any) -> Any:
    """What a request sends, with every object that names a class read as a value of it; times become naive UTC.

    Raises:
        ValueError: An object is none of the class that it names.
    """
    if isinstance(value, list):
        return [decode(one) for one in value]
    if not isinstance(value, dict):
        return value
    reader = _READERS.get(value.get("__class__", ""))
    if reader is None:
        return {name: decode(one) for name, one in value.items()}
    try:
        return reader(value)
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ValueError(f"this is no {value['__class__']}: {value}") from error


def _read_datetime(value: dict[str, Any]) -> datetime:
    if value.get("iso_string"):
        return naive(datetime.fromisoformat(value["iso_string"]))
    parts = {name: value[name] for name in ("year", "month", "day", "hour", "minute", "second")}
    return datetime(**parts, microsecond=value.get("microsecond", 0))  # noqa: DTZ001 - the vendor's are


def _read_date(value: dict[str, Any]) -> date:
    if value.get("iso_string"):
        return date.fromisoformat(value["iso_string"])
    return date(value["year"], value["month"], value["day"])


def _read_timedelta(value: dict[str, Any]) -> timedelta:
    return timedelta(seconds=value["seconds"])


_READERS: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "datetime": _read_datetime,
    "date": _read_date,
    "timedelta": _read_timedelta,
    "Decimal": lambda value: Decimal(value["decimal"]),
}


def as_kind(kind: str, value: Any) -> Any:
    """A value as a field of a kind compares or keeps it: text may stand for a time, a day or a number.

    Raises:
        ValueError: It is nothing of that kind.
    """
    if value is None or kind not in _KINDS:
        return value
    try:
        return _KINDS[kind](value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise ValueError(f"{value!r} is no {kind}") from error


def _as_datetime(value: Any) -> datetime:
    if isinstance(value, datetime):
        return naive(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the vendor's are
    return naive(datetime.fromisoformat(value))


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)


def _as_whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("whole numbers only")
    return value


def _as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text only")
    return value


def _as_truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false only")
    return value


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "datetime": _as_datetime,
    "date": _as_date,
    "numeric": lambda value: Decimal(str(value)),
    "float": float,
    "integer": _as_whole,
    "many2one": _as_whole,
    "char": _as_text,
    "reference": _as_text,
    "boolean": _as_truth,
}
