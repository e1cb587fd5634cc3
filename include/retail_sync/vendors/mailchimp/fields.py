"""Merge fields: from a path into `Person` to the text that a contact's field holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Facts, Person
from retail_sync.model.records import Address
from retail_sync.model.views import FieldMapping
from retail_sync.vendors.mailchimp.facts import (
    CHOICE_TYPES,
    DEFAULT_FIELDS,
    FIELD_TYPES,
    TAG_LENGTH,
    MailchimpSettings,
)
from retail_sync.vendors.mailchimp.forms import FORMS, day_of, fits
from retail_sync.vendors.mailchimp.payloads import plain
from retail_sync.vendors.mailchimp.text import clean, cut, joined

#: No length at all.
_ANY = sys.maxsize
_PARTS = {"facts": Facts, "address": Address}
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
    return Field(tag, kind, _path(tag, mapped.value), _format(kind, mapped, settings))


def text_length(mapped: FieldMapping, settings: MailchimpSettings) -> int:
    """How many characters of a text a field is given."""
    return min(mapped.length or settings.text_length, settings.text_length)


def field_type(tag: str, mapped: FieldMapping) -> str:
    """The type that the field should have; ADDRESS and PHONE stand in every audience with their own."""
    return DEFAULT_FIELDS.get(tag, mapped.type) if mapped.type == "text" else mapped.type


def _path(tag: str, path: str) -> Callable[[Person], Any]:
    head, _, rest = path.partition(".")
    if head == "attributes" and rest:
        return lambda person: person.attributes.get(rest)
    part = _PARTS.get(head)
    if not rest and head in Person.__struct_fields__ and head not in {"facts", "attributes"}:
        return attrgetter(head)
    if part is None or rest not in part.__struct_fields__:
        raise _wrong(tag, f"{path!r} is nothing that a person has", "Use such as first_name, address.city, facts.skus.")
    if head == "facts":
        return attrgetter(path)
    return lambda person: getattr(person.address, rest, None)


def _format(kind: str, mapped: FieldMapping, settings: MailchimpSettings) -> Format:
    """How a value is written: as nothing where the field would refuse it, and the whole contact with it."""
    plainly: dict[str, Format] = {"number": _number, "date": _day, "birthday": _birthday}
    length = text_length(mapped, settings)
    if kind in plainly:
        return plainly[kind]
    if kind == "address":
        return lambda value: _address(value, length, settings.state_filler)
    if kind in CHOICE_TYPES:
        return lambda value: _one_of(mapped.choices, _text(value, _ANY))
    if kind in FORMS:
        return lambda value: _formed(kind, _text(value, _ANY), length)
    return lambda value: _text(value, length)


def _one_of(choices: Sequence[str], text: str) -> str:
    return text if text in choices else ""


def _formed(kind: str, text: str, length: int) -> str:
    """A text of that form, whole or not at all: what is left of a web address leads nowhere."""
    return text if len(text) <= length and fits(kind, text) else ""


def _text(value: Any, length: int) -> str:
    if isinstance(value, str):
        return cut(clean(value), length)
    if isinstance(value, tuple):
        return joined(sorted(clean(part) for part in value), length)
    if isinstance(value, Address):
        return _line(value, length)
    return _word(value)


def _word(value: bool | Decimal | int | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat()[:10] if isinstance(value, date) else plain(value)


def _line(address: Address, length: int) -> str:
    parts = (address.line1, address.line2, address.postcode, address.city, address.country)
    return joined((clean(part) for part in parts if part), length)


def _number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return str(len(value))
    if isinstance(value, str):
        text = clean(value)
        return plain(Decimal(text)) if fits("number", text) else ""
    return plain(Decimal(value)) if isinstance(value, Decimal | int) else ""


def _day(value: Any) -> str:
    found = _date(value)
    return found.isoformat()[:10] if found else ""


def _birthday(value: Any) -> str:
    found = _date(value)
    return f"{found:%m/%d}" if found else ""


def _date(value: Any) -> date | None:
    return day_of(clean(value)) if isinstance(value, str) else value if isinstance(value, date) else None


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
    return ConfigurationError(what, fix=fix, record=f"merge field {tag}")
