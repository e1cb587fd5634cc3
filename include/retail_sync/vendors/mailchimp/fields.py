"""Merge fields: from a path into `Person` to the text that a contact's field holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.mapped import day_of, finder, number_of, text_of
from retail_sync.model.people import Person
from retail_sync.model.records import Address
from retail_sync.model.texts import cut
from retail_sync.model.views import FieldMapping
from retail_sync.vendors.mailchimp.facts import (
    CHOICE_TYPES,
    DEFAULT_FIELDS,
    FIELD_TYPES,
    TAG_LENGTH,
    MailchimpSettings,
)
from retail_sync.vendors.mailchimp.forms import FORMS, fits
from retail_sync.vendors.mailchimp.text import clean

_NUMBER = re.compile(FORMS["number"])
Format = Callable[[Any], Any]


class Field(NamedTuple):
    """One merge field: its tag and type, and how a person's value is found and written."""

    tag: str
    type: str
    find: Callable[[Person], Any]
    write: Format


def fields(mapping: Mapping[str, FieldMapping], settings: MailchimpSettings) -> tuple[Field, ...]:
    """The merge fields of a pair, in the order of their tags.

    Raises:
        ConfigurationError: A tag, type or path that can't be.
    """
    return tuple(_field(tag, mapping[tag], settings) for tag in sorted(mapping))


def _field(tag: str, mapped: FieldMapping, settings: MailchimpSettings) -> Field:
    if not tag.replace("_", "").isalnum() or not tag.isascii() or tag != tag.upper() or tag == "EMAIL":
        raise _wrong(tag, f"{tag!r} can't be a merge field's tag", "Use capitals, digits and _; EMAIL is the contact.")
    if len(tag) > TAG_LENGTH:
        raise _wrong(tag, f"the tag {tag!r} is too long", f"Mailchimp allows {TAG_LENGTH} characters.")
    kind = field_type(tag, mapped)
    if kind not in FIELD_TYPES:
        raise _wrong(tag, f"Mailchimp has no field type {kind!r}", f"It has {', '.join(sorted(FIELD_TYPES))}.")
    if kind in CHOICE_TYPES and not mapped.choices:
        raise _wrong(tag, f"a {kind} needs choices", "Name them under choices.")
    return Field(tag, kind, finder(mapped.value, record=_record(tag)), _format(kind, mapped, settings))


def text_length(mapped: FieldMapping, settings: MailchimpSettings) -> int:
    """How many characters of a text a field is given."""
    return min(mapped.length or settings.text_length, settings.text_length)


def field_type(tag: str, mapped: FieldMapping) -> str:
    """The type that the field should have; ADDRESS and PHONE stand in every audience with their own."""
    return DEFAULT_FIELDS.get(tag, mapped.type) if mapped.type == "text" else mapped.type


def _format(kind: str, mapped: FieldMapping, settings: MailchimpSettings) -> Format:
    """How a value is written: as nothing where the field would refuse it, and the whole contact with it."""
    plainly: dict[str, Format] = {"number": _number, "date": _day, "birthday": _birthday}
    length = text_length(mapped, settings)
    if kind in plainly:
        return plainly[kind]
    if kind == "address":
        return lambda value: _address(value, length, settings.state_filler)
    if kind in CHOICE_TYPES:
        return lambda value: _one_of(mapped.choices, text_of(value, clean, None))
    if kind in FORMS:
        return lambda value: _formed(kind, text_of(value, clean, None), length)
    return lambda value: text_of(value, clean, length)


def _one_of(choices: Sequence[str], text: str) -> str:
    return text if text in choices else ""


def _formed(kind: str, text: str, length: int) -> str:
    """A text of that form, whole or not at all: what is left of a web address leads nowhere."""
    return text if len(text) <= length and fits(kind, text) else ""


def _number(value: Any) -> str:
    return number_of(value, clean, _NUMBER)


def _day(value: Any) -> str:
    found = day_of(value, clean)
    return found.isoformat()[:10] if found else ""


def _birthday(value: Any) -> str:
    found = day_of(value, clean)
    return f"{found:%m/%d}" if found else ""


def _address(value: Any, length: int, state_filler: str) -> Any:
    """A whole address or none: Mailchimp refuses a contact whose address lacks a part."""
    if not isinstance(value, Address) or not (value.line1 and value.city and value.postcode):
        return ""
    parts = {
        "addr1": value.line1,
        "addr2": value.line2,
        "city": value.city,
        "state": value.region or state_filler,
        "zip": value.postcode,
        "country": value.country,
    }
    return {key: cut(clean(part or ""), length) for key, part in parts.items()}


def _wrong(tag: str, what: str, fix: str) -> ConfigurationError:
    return ConfigurationError(what, fix=fix, record=_record(tag))


def _record(tag: str) -> str:
    return f"merge field {tag}"
