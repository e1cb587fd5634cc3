"""Contact fields: from a path into `Person` to the text that a field of Emarsys holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.mapped import day_of, finder, number_of, text_of
from retail_sync.model.people import Person
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
from retail_sync.vendors.emarsys.text import clean

#: What the whole text of a number and of a web address must look like. ASSUMED: the documentation names the types only.
NUMBER = r"[+-]?[0-9]{1,17}([.][0-9]{1,6})?"
URL = r"https?://[^ /]+[^ ]*"
_NUMBER, _URL = re.compile(NUMBER), re.compile(URL)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
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
    find = finder(mapped.value, record=_record(name))
    return ContactField(name, kind, length, own, find, _writer(kind, length, choices))


def _writer(kind: str, length: int | None, choices: Mapping[str, str] | None) -> Write:
    """How a value is written: as nothing where the field would refuse it, and the whole contact with it."""
    if choices is not None:
        return lambda value: choices.get(text_of(value, clean, None), "")
    if kind == "number":
        return number
    if kind == "date":
        return day
    if kind == "url":
        return lambda value: _address(text_of(value, clean, None), length)
    return lambda value: text_of(value, clean, length)


def number(value: Any) -> str:
    """A number as a text; of several things, how many there are."""
    return number_of(value, clean, _NUMBER)


def day(value: Any) -> str:
    """A day as `2026-05-01`, from a time or from a text that begins with one."""
    found = day_of(value, clean)
    return found.isoformat()[:10] if found else ""


def _address(text: str, length: int | None) -> str:
    """A web address, whole or not at all: what is left of one leads nowhere."""
    return text if _URL.fullmatch(text) and (length is None or len(text) <= length) else ""


def _wrong(name: str, what: str, fix: str) -> ConfigurationError:
    return ConfigurationError(what, fix=fix, record=_record(name))


def _record(name: str) -> str:
    return f"contact field {name}"
