"""Merge fields: from a path into `Person` to the text that a contact's field holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Facts, Person
from retail_sync.model.ports import FieldMapping
from retail_sync.model.records import Address
from retail_sync.vendors.mailchimp.facts import DEFAULT_FIELDS, FIELD_TYPES, TAG_LENGTH, MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import plain
from retail_sync.vendors.mailchimp.text import clean, cut, joined

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
    length = min(mapped.length or settings.text_length, settings.text_length)
    return Field(tag, kind, _path(tag, mapped.value), _format(kind, length, settings))


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


def _format(kind: str, length: int, settings: MailchimpSettings) -> Format:
    if kind == "number":
        return _number
    if kind == "date":
        return _day
    if kind == "birthday":
        return lambda value: f"{value:%m/%d}" if isinstance(value, date) else ""
    if kind == "address":
        return lambda value: _address(value, length, settings.state_filler)
    return lambda value: _text(value, length)


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
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError):
        return ""
    return plain(number) if number.is_finite() else ""


def _day(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return _day_of(value) if isinstance(value, str) else ""


def _day_of(text: str) -> str:
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return ""


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
