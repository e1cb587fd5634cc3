"""Contact fields: what the pair file maps, as Ometria wants it written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.mapped import day_of, finder, number_of, text_of
from retail_sync.model.people import Person
from retail_sync.model.texts import cut
from retail_sync.model.views import FieldMapping
from retail_sync.vendors.ometria.facts import CONTACT_FIELDS, PROPERTY_TYPES, OmetriaSettings
from retail_sync.vendors.ometria.text import clean

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: E.164, as Ometria wants telephone numbers.
PHONE = r"[+][1-9][0-9]{5,14}"
#: What a number must look like that comes as a text.
NUMBER = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
GENDERS = ("m", "f", "o")
_NUMBER = re.compile(NUMBER)
Format = Callable[[Any], Any]


class ContactField(NamedTuple):
    """One mapped field.

    Attributes:
        name: As Ometria has it.
        type: One of `PROPERTY_TYPES`, or of the types of a contact's own fields.
        is_property: Whether it stands among the contact's properties.
        find: Finds a person's value.
        write: Writes that; None where there is nothing to be written.
    """

    name: str
    type: str
    is_property: bool
    find: Callable[[Person], Any]
    write: Format


def fields(mapping: Mapping[str, FieldMapping], settings: OmetriaSettings) -> tuple[ContactField, ...]:
    """The mapped fields of a pair, in the order of their names.

    Raises:
        ConfigurationError: A name, type or path that can't be.
    """
    return tuple(_field(name, mapping[name], settings) for name in sorted(mapping))


def field_type(name: str, mapped: FieldMapping) -> str:
    """The type of a field: a contact's own fields have theirs."""
    return CONTACT_FIELDS.get(name, mapped.type)


def text_length(mapped: FieldMapping, settings: OmetriaSettings) -> int:
    """How many characters of a text a field is given."""
    return min(mapped.length or settings.text_length, settings.text_length)


def numbers(mapped: tuple[ContactField, ...]) -> frozenset[str]:
    """The properties that are numbers on the wire."""
    return frozenset(field.name for field in mapped if field.is_property and field.type == "number")


def _field(name: str, mapped: FieldMapping, settings: OmetriaSettings) -> ContactField:
    if not _NAME.fullmatch(name):
        raise _wrong(name, f"{name!r} can't be a contact field", "Use letters, digits and _.")
    if name in {"id", "email", "customer_id", "marketing_optin", "properties"}:
        raise _wrong(name, f"{name!r} is not filled by a mapping", "Take it out of mapping.fields.")
    own = name in CONTACT_FIELDS
    kind = field_type(name, mapped)
    if not own and kind not in PROPERTY_TYPES:
        raise _wrong(name, f"Ometria has no property type {kind!r}", f"It has {', '.join(sorted(PROPERTY_TYPES))}.")
    find = finder(mapped.value, record=_record(name), whole_address=False)
    return ContactField(name, kind, not own, find, _format(kind, mapped, settings))


def _format(kind: str, mapped: FieldMapping, settings: OmetriaSettings) -> Format:
    """How a value is written: as nothing where Ometria would refuse it, and the whole contact with it."""
    length = text_length(mapped, settings)
    formats: dict[str, Format] = {
        "number": lambda value: number_of(value, clean, _NUMBER) or None,
        "date": _day,
        "boolean": lambda value: value if isinstance(value, bool) else None,
        "phone": _phone,
        "country": _country,
        "gender": lambda value: word if (word := _text(value)[:1].lower()) in GENDERS else None,
        "list": lambda value: [cut(clean(part), length) for part in sorted(value)] if value else None,
    }
    if kind in formats:
        return formats[kind]
    if mapped.choices:
        return lambda value: text if (text := _text(value)) in mapped.choices else None
    return lambda value: text_of(value, clean, length) or None


def _text(value: Any) -> str:
    return text_of(value, clean, None)


def _day(value: Any) -> str | None:
    found = day_of(value, clean)
    return found.isoformat()[:10] if found else None


def _phone(value: Any) -> str | None:
    """A telephone number in E.164; one without its country says too little to be sent."""
    digits = re.sub(r"[\s().\-/]", "", _text(value))
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    return digits if re.fullmatch(PHONE, digits) else None


def _country(value: Any) -> str | None:
    code = _text(value).upper()
    return code if re.fullmatch(r"[A-Z]{2}", code) else None


def _wrong(name: str, what: str, fix: str) -> ConfigurationError:
    return ConfigurationError(what, fix=fix, record=_record(name))


def _record(name: str) -> str:
    return f"contact field {name}"
