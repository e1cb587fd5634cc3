"""Checks of JSON bodies: small functions that are put together to tables, one table a resource.

Unknown fields and wrong types are refused. The wording of a wrong type is as logs show it; the others are our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from retail_sync.vendors.mailchimp.sandbox.problems import Flaw, Problem, invalid_resource

Json: TypeAlias = dict[str, Any]
#: Gives the flaws of a value; an empty sequence when it fits.
Check: TypeAlias = Callable[[Any], Sequence[Flaw]]
Table: TypeAlias = Mapping[str, Check]

TYPE_NAMES = {
    str: "string",
    int: "integer",
    Decimal: "double",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "NULL",
}
NUMERIC = re.compile(r"-?\d+(\.\d+)?\Z")
NO_FLAW: tuple[Flaw, ...] = ()


def _wrong_type(wanted: str, value: Any) -> Sequence[Flaw]:
    return (Flaw("", f"Schema describes {wanted}, {TYPE_NAMES[type(value)]} found instead"),)


def _of(name: str, *types: type) -> Check:
    def check(value: Any) -> Sequence[Flaw]:
        return NO_FLAW if type(value) in types else _wrong_type(name, value)

    return check


boolean = _of("boolean", bool)
integer = _of("integer", int)
number = _of("number", int, Decimal)


def string(longest: int | None = None, shortest: int = 0) -> Check:
    """Text with that many characters."""

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not str:
            return _wrong_type("string", value)
        if longest is not None and len(value) > longest:
            return (Flaw("", f"Value must be at most {longest} characters"),)
        if shortest and len(value.strip()) < shortest:
            return (Flaw("", "This value should not be blank."),)
        return NO_FLAW

    return check


text = string()
foreign_id = string(longest=50, shortest=1)


def choice(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not str:
            return _wrong_type("string", value)
        return NO_FLAW if value in allowed else (Flaw("", f"Value must be one of: {', '.join(allowed)}"),)

    return check


def money(value: Any) -> Sequence[Flaw]:
    """A number or a string that spells one."""
    if type(value) in (int, Decimal) or (type(value) is str and NUMERIC.match(value)):
        return NO_FLAW
    return _wrong_type("number", value) if type(value) is not str else (Flaw("", "Value must be a number"),)


def moment(value: Any) -> Sequence[Flaw]:
    """A time in ISO 8601; empty text is none."""
    if type(value) is not str:
        return _wrong_type("string", value)
    return NO_FLAW if not value or read_moment(value) else (Flaw("", "Value must be a date in ISO 8601"),)


def amount(value: Any) -> Decimal:
    """A number or numeric text that passed `money`, exactly."""
    return value if type(value) is Decimal else Decimal(value)


def read_moment(value: str) -> datetime | None:
    """The time that a text spells, or None."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def read_date(value: str) -> date | None:
    """The day that `YYYY-MM-DD` spells, or None."""
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


def thing(table: Table, required: Collection[str] = ()) -> Check:
    """An object with the fields of `table` and no others."""
    names = frozenset(required)

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not dict:
            return _wrong_type("object", value)
        flaws: list[Flaw] = []
        if not names <= value.keys():
            missing = ", ".join(sorted(names - value.keys()))
            flaws.append(Flaw("", f"Required fields were not provided: {missing}"))
        for name, inner in value.items():
            field = table.get(name)
            if field is None:
                flaws.append(Flaw(name, "The schema does not describe this field."))
            elif found := field(inner):
                flaws.extend(flaw.under(name) for flaw in found)
        return flaws

    return check


def many(item: Check, most: int | None = None, least: int = 0) -> Check:
    """An array whose entries all fit; flaws name them as `item:<index>`."""

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not list:
            return _wrong_type("array", value)
        if most is not None and len(value) > most:
            return (Flaw("", f"Array must contain no more than {most} items"),)
        if len(value) < least:
            return (Flaw("", f"Array must contain at least {least} items"),)
        flaws: list[Flaw] = []
        for index, entry in enumerate(value):
            if found := item(entry):
                flaws.extend(flaw.under(f"item:{index}") for flaw in found)
        return flaws

    return check


def words(of: Check) -> Check:
    """An object with free names whose values all fit."""

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not dict:
            return _wrong_type("object", value)
        return [flaw.under(name) for name, inner in value.items() for flaw in of(inner)]

    return check


def require(check: Check, body: Any) -> Json:
    """The body, known to fit.

    Raises:
        Problem: 400 with every flaw.
    """
    if flaws := check(body):
        raise invalid_resource(*flaws)
    fitting: Json = body
    return fitting


def missing(*names: str) -> Problem:
    """The refusal of a body that lacks fields which only this case needs."""
    return invalid_resource(Flaw("", f"Required fields were not provided: {', '.join(names)}"))
