"""Contact fields: from a path into `Person` to the text that a field of Emarsys holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Facts, Person
from retail_sync.model.records import Address
from retail_sync.model.views import FieldMapping
from retail_sync.vendors.emarsys.facts import (
    CHOICE_FIELDS,
    FIELD_TYPES,
    LONG_FIELDS,
    RESERVED_FIELDS,
    SYSTEM_FIELDS,
    SYSTEM_LENGTH,
    EmarsysSettings,
)
from retail_sync.vendors.emarsys.payloads import plain
from retail_sync.vendors.emarsys.text import clean, cut, joined

#: What the whole text of a number and of a web address must look like. ASSUMED: the documentation names the types only.
NUMBER = r"[+-]?[0-9]{1,17}([.][0-9]{1,6})?"
URL = r"https?://[^ /]+[^ ]*"
_NUMBER, _URL = re.compile(NUMBER), re.compile(URL)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=[T ]|$)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PARTS = {"facts": Facts, "address": Address}
Write = Callable[[Any], str]


class ContactField(NamedTuple):
    """One contact field: its name and type, and how a person's value is found and written.

    Attributes:
        type: The pair file's word for the type; of a field that every account has, how we write it.
        length: Characters that it holds, or None.
        own: Whether it is made by us; else every account has it.
    """

    name: str
    type: str
    length: int | None
    own: bool
    find: Callable[[Person], Any]
    write: Write


def contact_fields(mapping: Mapping[str, FieldMapping], settings: EmarsysSettings) -> tuple[ContactField, ...]:
    """The contact fields of a pair, in the order of their names.

    Raises:
        ConfigurationError: A name, type or path that can't be.
    """
    return tuple(_field(name, mapping[name], settings) for name in sorted(mapping))


def _field(name: str, mapped: FieldMapping, settings: EmarsysSettings) -> ContactField:
    if not _NAME.fullmatch(name):
        raise _wrong(name, f"{name!r} can't be a contact field's name", "Use small letters, digits and _.")
    if name in RESERVED_FIELDS or name == settings.key_field:
        raise _wrong(name, f"{name} is never filled by a mapping", "Take it out of the mapping.")
    if mapped.type not in FIELD_TYPES:
        raise _wrong(name, f"there is no field type {mapped.type!r}", f"There are {', '.join(sorted(FIELD_TYPES))}.")
    choices = settings.choices.get(name)
    if name in CHOICE_FIELDS and choices is None:
        raise _wrong(name, f"{name} takes the ids of choices", "Name them in destination.settings.choices.")
    own = name not in SYSTEM_FIELDS
    kind = "date" if name == "birth_date" else mapped.type
    longest = FIELD_TYPES[kind][1] if own or name in LONG_FIELDS else SYSTEM_LENGTH
    length = min(mapped.length, longest) if mapped.length and longest else mapped.length or longest
    return ContactField(name, kind, length, own, _path(name, mapped.value), _writer(kind, length, choices))


def _path(name: str, path: str) -> Callable[[Person], Any]:
    head, _, rest = path.partition(".")
    if head == "attributes" and rest:
        return lambda person: person.attributes.get(rest)
    part = _PARTS.get(head)
    if not rest and head in Person.__struct_fields__ and head not in {"facts", "attributes"}:
        return attrgetter(head)
    if part is None or rest not in part.__struct_fields__:
        raise _wrong(
            name, f"{path!r} is nothing that a person has", "Use such as first_name, address.city, facts.skus."
        )
    if head == "facts":
        return attrgetter(path)
    return lambda person: getattr(person.address, rest, None)


def _writer(kind: str, length: int | None, choices: Mapping[str, str] | None) -> Write:
    """How a value is written: as nothing where the field would refuse it, and the whole contact with it."""
    if choices is not None:
        return lambda value: choices.get(_text(value, None), "")
    if kind == "number":
        return number
    if kind == "date":
        return day
    if kind == "url":
        return lambda value: _address(_text(value, None), length)
    return lambda value: _text(value, length)


def number(value: Any) -> str:
    """A number as a text; of several things, how many there are."""
    if isinstance(value, tuple):
        return str(len(value))
    if isinstance(value, str):
        text = clean(value)
        return plain(Decimal(text)) if _NUMBER.fullmatch(text) else ""
    return plain(Decimal(value)) if isinstance(value, Decimal | int) else ""


def day(value: Any) -> str:
    """A day as `2026-05-01`, from a time or from a text that begins with one."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    found = _DAY.match(clean(value)) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]).isoformat() if found else ""
    except ValueError:
        return ""


def _address(text: str, length: int | None) -> str:
    """A web address, whole or not at all: what is left of one leads nowhere."""
    return text if _URL.fullmatch(text) and (length is None or len(text) <= length) else ""


def _text(value: Any, length: int | None) -> str:
    if isinstance(value, str):
        return cut(clean(value), length)
    if isinstance(value, tuple):
        return joined(sorted(clean(part) for part in value), length)
    if isinstance(value, Address):
        parts = (value.line1, value.line2, value.postcode, value.city, value.country)
        return joined((clean(part) for part in parts if part), length)
    return _word(value)


def _word(value: bool | Decimal | int | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat()[:10] if isinstance(value, date) else plain(value)


def _wrong(name: str, what: str, fix: str) -> ConfigurationError:
    return ConfigurationError(what, fix=fix, record=f"contact field {name}")
