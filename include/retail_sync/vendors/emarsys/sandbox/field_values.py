"""What a contact field takes and how it keeps it: texts, choices by their ids, dates, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from retail_sync.vendors.emarsys.sandbox.field import EMAIL, READ_ONLY, Field

LENGTHS = {"shorttext": 60, "longtext": 255, "url": 255, "largetext": 65_535}
ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}\Z")
_NUMBER = re.compile(r"-?\d{1,24}(?:[.,]\d+)?\Z")
#: The first character that takes four bytes in UTF-8.
_FOUR_BYTES = "\U00010000"
Value = str | list[str] | None


class ValueFlaw(Exception):  # noqa: N818 - becomes a part of an answer
    """A value that a field does not take; the text is the vendor's."""


def read_value(field: Field, raw: Any, *, cut: bool = False) -> Value:
    """A value as the field keeps it; None where it is cleared.

    Args:
        field: The field.
        raw: What the request has.
        cut: Whether a text that is too long is cut instead of refused.

    Raises:
        ValueFlaw: The field does not take it.
    """
    if field.id in READ_ONLY:
        raise ValueFlaw(f"Cannot set field: {field.id}")
    if raw is None or raw in ("", []):
        return None
    if isinstance(raw, bool) or (isinstance(raw, dict | list) and field.type != "multichoice"):
        raise _invalid(field)
    reader = _READERS.get(field.type)
    return reader(field, raw) if reader else _text(field, str(raw), cut=cut)


def _text(field: Field, text: str, *, cut: bool) -> str:
    if field.system and max(text) >= _FOUR_BYTES:
        raise ValueFlaw(f"Unsupported character in field: {field.id}")
    if field.id == EMAIL and not ADDRESS.match(text):
        raise _invalid(field)
    longest = LENGTHS[field.type]
    if len(text) > longest and not cut:
        raise ValueFlaw(f"The value is too long for field: {field.id}")
    return text[:longest]


def _one_choice(field: Field, raw: Any) -> str:
    if str(raw) not in field.choices:
        raise ValueFlaw(f"Invalid choice id: {raw} for field: {field.id}")
    return str(raw)


def _choices(field: Field, raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise _invalid(field)
    return sorted({_one_choice(field, one) for one in raw})


def _date(field: Field, raw: Any) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat() if len(str(raw)) == 10 else _refuse(field)
    except ValueError as error:
        raise _invalid(field) from error


def _number(field: Field, raw: Any) -> str:
    return str(raw) if _NUMBER.match(str(raw)) else _refuse(field)


def _refuse(field: Field) -> str:
    raise _invalid(field)


def _invalid(field: Field) -> ValueFlaw:
    return ValueFlaw(f"Invalid value for field: {field.id}")


_READERS: dict[str, Callable[[Field, Any], Value]] = {
    "singlechoice": _one_choice,
    "multichoice": _choices,
    "date": _date,
    "numeric": _number,
}


def label(field: Field, value: Value) -> str:
    """A value as an export writes it: choices by their labels."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(field.choices.get(one, one) for one in value)
    return field.choices.get(value, value)
