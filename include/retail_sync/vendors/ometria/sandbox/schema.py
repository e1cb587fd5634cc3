"""Checks of records: small functions that are put together to tables, one a type. Unknown fields are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]


class Flaw(NamedTuple):
    """What is wrong with a record, and where: a dotted path, empty for the record itself."""

    path: str
    message: str

    def under(self, name: str) -> Flaw:
        """The same flaw as seen from what holds `name`."""
        return Flaw(f"{name}.{self.path}" if self.path else name, self.message)


#: Gives the flaws of a value; an empty sequence when it fits.
Check: TypeAlias = Callable[[Any], Sequence[Flaw]]
Table: TypeAlias = Mapping[str, Check]

EMAIL = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z0-9-]{2,}\Z")
_NUMERIC = re.compile(r"-?\d+(\.\d+)?\Z")
_TYPE_NAMES: Mapping[type, str] = {
    str: "string",
    int: "integer",
    Decimal: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
}
_FITS: tuple[Flaw, ...] = ()


def _wrong_type(wanted: str, value: Any) -> Sequence[Flaw]:
    return (Flaw("", f"Expected {wanted}, got {_TYPE_NAMES[type(value)]}"),)


def _of(name: str, *types: type) -> Check:
    def check(value: Any) -> Sequence[Flaw]:
        return _FITS if type(value) in types else _wrong_type(name, value)

    return check


integer = _of("integer", int)


def string(longest: int | None = None, shortest: int = 0) -> Check:
    """Text with that many characters."""

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not str:
            return _wrong_type("string", value)
        if longest is not None and len(value) > longest:
            return (Flaw("", f"String is longer than {longest} characters"),)
        return (Flaw("", "String is empty"),) if len(value.strip()) < shortest else _FITS

    return check


text = string()
key = string(shortest=1)


def matching(pattern: str, what: str) -> Check:
    """Text of a form."""
    form = re.compile(pattern)

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not str:
            return _wrong_type("string", value)
        return _FITS if form.fullmatch(value) else (Flaw("", f"Not a valid {what}"),)

    return check


email = matching(EMAIL.pattern, "email address")
phone = matching(r"\+[1-9]\d{5,14}", "E.164 phone number")
currency = matching(r"[A-Z]{3}", "ISO 4217 currency")
country = matching(r"[A-Z]{2}", "ISO 3166 country")


def choice(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any) -> Sequence[Flaw]:
        return _FITS if value in allowed else (Flaw("", f"Must be one of {', '.join(allowed)}"),)

    return check


def boolean(value: Any) -> Sequence[Flaw]:
    """True or false; the vendor's own examples write them as text too."""
    return _FITS if type(value) is bool or value in ("true", "false") else _wrong_type("boolean", value)


def number(value: Any) -> Sequence[Flaw]:
    """A number, or text that spells one, as in the vendor's own examples."""
    if type(value) in (int, Decimal) or (type(value) is str and _NUMERIC.match(value)):
        return _FITS
    return _wrong_type("number", value)


def moment(value: Any) -> Sequence[Flaw]:
    """A time in ISO 8601."""
    if type(value) is not str:
        return _wrong_type("string", value)
    return _FITS if read_moment(value) else (Flaw("", "Not a valid ISO 8601 timestamp"),)


def day(value: Any) -> Sequence[Flaw]:
    """A day as `yyyy-mm-dd`."""
    try:
        fits = type(value) is str and len(value) == 10 and date.fromisoformat(value)
    except ValueError:
        fits = False
    return _FITS if fits else (Flaw("", "Not a valid date (yyyy-mm-dd)"),)


def anything(_: Any) -> Sequence[Flaw]:
    """Whatever it is."""
    return _FITS


def scalar(value: Any) -> Sequence[Flaw]:
    """Text, a number, true or false, or a list of those."""
    if type(value) is dict:
        return _wrong_type("string, number, boolean or array", value)
    return _FITS


def optional(check: Check) -> Check:
    """What may be null."""
    return lambda value: _FITS if value is None else check(value)


def thing(table: Table, required: Collection[str] = ()) -> Check:
    """An object with the fields of `table`, which may be null unless they are required, and no others."""
    names = frozenset(required)
    fields = {name: check if name in names else optional(check) for name, check in table.items()}

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not dict:
            return _wrong_type("object", value)
        flaws = [Flaw(name, "Required field is missing") for name in sorted(names - value.keys())]
        for name, inner in value.items():
            field = fields.get(name)
            if field is None:
                flaws.append(Flaw(name, "Unknown field"))
            elif found := field(inner):
                flaws.extend(flaw.under(name) for flaw in found)
        return flaws

    return check


def many(item: Check) -> Check:
    """An array whose entries all fit."""

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not list:
            return _wrong_type("array", value)
        return [flaw.under(str(place)) for place, entry in enumerate(value) for flaw in item(entry)]

    return check


def words(of: Check) -> Check:
    """An object with free names whose values all fit or are null."""
    inner = optional(of)

    def check(value: Any) -> Sequence[Flaw]:
        if type(value) is not dict:
            return _wrong_type("object", value)
        return [flaw.under(name) for name, entry in value.items() for flaw in inner(entry)]

    return check


def amount(value: Any) -> Decimal:
    """A number or numeric text that passed `number`, exactly; nothing is 0."""
    return Decimal(value) if value is not None else Decimal(0)


def is_true(value: Any) -> bool:
    """What passed `boolean`."""
    return value is True or value == "true"


def read_moment(value: str) -> datetime | None:
    """The time that a text spells, in UTC where it says nothing else, or None."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
