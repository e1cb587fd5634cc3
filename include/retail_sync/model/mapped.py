"""Mapped fields: a path into `Person` becomes a value, and a value what a contact field can hold.

What a vendor's fields refuse is the vendor's own affair: it brings what takes that out of a text, and what numbers look
like there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from retail_sync.errors import ConfigurationError

from .people import Facts, Person
from .records import Address
from .texts import cut, joined, numeral

#: Takes out of a text what a vendor refuses.
Clean = Callable[[str], str]

_PARTS = {"facts": Facts, "address": Address}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=[T ]|$)")


def finder(path: str, *, record: str, whole_address: bool = True) -> Callable[[Person], Any]:
    """What finds a person's value by a path such as `first_name`, `address.city` or `facts.skus`.

    Args:
        path: The path.
        record: The field that it is to fill, for errors.
        whole_address: Whether the path may be that of a whole address.

    Raises:
        ConfigurationError: There is nothing at that path.
    """
    head, _, rest = path.partition(".")
    if head == "attributes" and rest:
        return lambda person: person.attributes.get(rest)
    parts = {"facts", "attributes"} if whole_address else {"facts", "attributes", "address"}
    if not rest and head in Person.__struct_fields__ and head not in parts:
        return attrgetter(head)
    part = _PARTS.get(head)
    if part is None or rest not in part.__struct_fields__:
        raise ConfigurationError(
            f"{path!r} is nothing that a person has",
            record=record,
            fix="Use such as first_name, address.city, facts.skus.",
        )
    if head == "facts":
        return attrgetter(path)
    return lambda person: getattr(person.address, rest, None)


def text_of(value: Any, clean: Clean, length: int | None) -> str:
    """A value as a text of so many characters; several things as a list, an address as a line."""
    if isinstance(value, str):
        return cut(clean(value), length)
    if isinstance(value, tuple):
        return joined(sorted(clean(part) for part in value), length)
    if isinstance(value, Address):
        parts = (value.line1, value.line2, value.postcode, value.city, value.country)
        return joined((clean(part) for part in parts if part), length)
    return _word(value)


def number_of(value: Any, clean: Clean, form: re.Pattern[str]) -> str:
    """A number as a text; of several things, how many there are; empty where it is none that fits the form."""
    if isinstance(value, tuple):
        return str(len(value))
    if isinstance(value, str):
        text = clean(value)
        return numeral(Decimal(text)) if form.fullmatch(text) else ""
    return numeral(Decimal(value)) if isinstance(value, Decimal | int) else ""


def day_of(value: Any, clean: Clean) -> date | None:
    """The day of a time, or with which a text begins, as `2026-05-01`; None where there is none."""
    if isinstance(value, date):
        return value
    found = _DAY.match(clean(value)) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _word(value: bool | Decimal | int | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat()[:10] if isinstance(value, date) else numeral(value)
