"""Merge values: what each type of field takes, and how a refusal reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from retail_sync.vendors.mailchimp.sandbox.merge_fields import MergeField
from retail_sync.vendors.mailchimp.sandbox.problems import Flaw
from retail_sync.vendors.mailchimp.sandbox.schema import NO_FLAW, NUMERIC, TYPE_NAMES, read_date

#: ASSUMED: refused beyond this, not cut.
LONGEST_TEXT = 255
US_PHONE = re.compile(r"\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\Z")
US_ZIP = re.compile(r"\d{5}\Z")
WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*\Z")
ADDRESS_PARTS = frozenset({"addr1", "addr2", "city", "state", "zip", "country"})
ADDRESS_NEEDS = ("addr1", "city", "state", "zip")
VALUE_TYPES = frozenset({str, int, Decimal, dict})
NO_SCHEMA = "Data did not match any of the schemas described in anyOf."
NO_VALUE = "Please enter a value"
NO_ADDRESS = "Please enter a complete address"


class Unfit(Exception):  # noqa: N818 - becomes a flaw, never leaves this module
    """The value is not for this field; the message says why."""


Reader: TypeAlias = Callable[[Any, MergeField], Any]


def merge_values(value: Any) -> Sequence[Flaw]:
    """The schema's part of the check: text, a number or an address object, any of these for every field."""
    if type(value) is not dict:
        return (Flaw("", f"Schema describes object, {TYPE_NAMES[type(value)]} found instead"),)
    if VALUE_TYPES.issuperset(map(type, value.values())):
        return NO_FLAW
    return [Flaw(tag, NO_SCHEMA) for tag, inner in value.items() if type(inner) not in VALUE_TYPES]


def _text(value: Any, _field: MergeField) -> str:
    if type(value) is not str:
        if type(value) is dict:
            raise Unfit(NO_VALUE)
        value = str(value)
    if len(value) > LONGEST_TEXT:
        raise Unfit(f"Please enter at most {LONGEST_TEXT} characters")
    return str(value)


def _number(value: Any, _field: MergeField) -> int | Decimal:
    if type(value) is int or type(value) is Decimal:
        return value
    if type(value) is str and NUMERIC.match(value):
        return Decimal(value)
    raise Unfit("Please enter a number")


def _date(value: Any, _field: MergeField) -> str:
    if type(value) is str and read_date(value):
        return value
    raise Unfit("Please enter a date as YYYY-MM-DD")


def _birthday(value: Any, _field: MergeField) -> str:
    # A leap year, so that the 29th of February is a birthday.
    if type(value) is str and len(value) == 5 and read_date(f"2024-{value.replace('/', '-')}") and value[2] == "/":
        return value
    raise Unfit("Please enter a birthday as MM/DD")


def _phone(value: Any, field: MergeField) -> str:
    text = _text(value, field)
    if field.options.get("phone_format") == "US" and not US_PHONE.match(text):
        raise Unfit("Please enter a phone number of ten digits")
    return text


def _choice(value: Any, field: MergeField) -> str:
    if value in field.options.get("choices", ()):
        return str(value)
    raise Unfit("Please choose one of the options")


def _matching(pattern: re.Pattern[str], message: str) -> Reader:
    def read(value: Any, field: MergeField) -> str:
        text = _text(value, field)
        if not pattern.match(text):
            raise Unfit(message)
        return text

    return read


def _address(value: Any, _field: MergeField) -> dict[str, str]:
    if type(value) is not dict or value.keys() - ADDRESS_PARTS or any(type(part) is not str for part in value.values()):
        raise Unfit(NO_ADDRESS)
    if not all(value.get(part) for part in ADDRESS_NEEDS):
        raise Unfit(NO_ADDRESS)
    return {"addr2": "", "country": "US", **value}


READERS: Mapping[str, Reader] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "birthday": _birthday,
    "phone": _phone,
    "radio": _choice,
    "dropdown": _choice,
    "address": _address,
    "url": _matching(WEB_ADDRESS, "Please enter a complete web address"),
    "imageurl": _matching(WEB_ADDRESS, "Please enter a complete web address"),
    "zip": _matching(US_ZIP, "Please enter a zip code of five digits"),
}


def read_values(
    fields: Mapping[str, MergeField], given: Mapping[str, Any], stored: Mapping[str, Any], skip_required: bool
) -> tuple[dict[str, Any], list[Flaw]]:
    """The values as they would be kept, and the flaws of those that no field takes.

    Empty text clears any field. Required fields are judged on what would stand afterwards.

    Args:
        fields: The audience's fields by tag.
        given: What the request says, schema-checked.
        stored: What the member has.
        skip_required: Whether the caller waives required fields.
    """
    values: dict[str, Any] = {}
    flaws: list[Flaw] = []
    for tag, value in given.items():
        field = fields.get(tag)
        if field is None:
            # ASSUMED: the real API may drop it silently; a value lost that way must be seen here.
            flaws.append(Flaw(tag, "There is no merge field with this tag"))
        elif type(value) is str and field.type == "text" and len(value) <= LONGEST_TEXT:
            # What most values are: the readers' table costs several times as much.
            values[tag] = value
        elif value == "" or value == stored.get(tag):
            values[tag] = value
        else:
            try:
                values[tag] = READERS[field.type](value, field)
            except Unfit as unfit:
                flaws.append(Flaw(tag, str(unfit)))
    if not skip_required:
        flaws.extend(_unmet(fields, values, stored))
    return values, flaws


def _unmet(fields: Mapping[str, MergeField], values: Mapping[str, Any], stored: Mapping[str, Any]) -> list[Flaw]:
    return [
        Flaw(tag, NO_ADDRESS if field.type == "address" else NO_VALUE)
        for tag, field in fields.items()
        if field.required and values.get(tag, stored.get(tag, "")) == ""
    ]
