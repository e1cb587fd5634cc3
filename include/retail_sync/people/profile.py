"""Who speaks for a person: of its records and its newest order, field by field, as the pair file says (CUS-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from retail_sync.model.records import Address, Customer
from retail_sync.pairs.identity import Profile, ProfileField, Speaker

_NOBODY = Address()
_NAMES = frozenset({"first_name", "last_name"})
_FIELDS: tuple[ProfileField, ...] = ("first_name", "last_name", "phone", "birthdate", "address", "attributes")
#: What an order's address says nothing of.
_NOT_ON_ORDERS = frozenset({"birthdate", "attributes"})


class Said(Struct, frozen=True, kw_only=True):
    """What is said of a person: by its account and by its guest record, of several the newest, and by its newest order.

    `newest` is that of the two records which was changed last.
    """

    registered: Customer | None = None
    guest: Customer | None = None
    newest: Customer | None = None
    order: Address | None = None


def profile_of(said: Said, rule: Profile) -> dict[str, Any]:
    """The profile fields of a person, each from the first of its speakers that there is."""
    return {field: _value(field, said, rule) for field in _FIELDS}


def asks_orders_first(rule: Profile) -> bool:
    """Whether an order may speak where a record has an address."""
    return rule != Profile()


def _value(field: ProfileField, said: Said, rule: Profile) -> Any:
    values = (_by(speaker, field, said) for speaker in rule.speakers(field))
    return next((found[field] for found in values if found is not None), {} if field == "attributes" else None)


def _by(speaker: Speaker, field: ProfileField, said: Said) -> Mapping[str, Any] | None:
    """What a speaker says, or None where it does not speak for the field."""
    if speaker == "order":
        spoken = None if field in _NOT_ON_ORDERS or said.order is None else _of_address(said.order)
    else:
        record: Customer | None = getattr(said, speaker)
        spoken = _of_record(record) if record is not None else None
    if spoken is None:
        return None
    if field in _NAMES:
        return spoken if spoken["first_name"] or spoken["last_name"] else None
    return spoken if field != "address" or spoken["address"] else None


def _of_record(record: Customer) -> dict[str, Any]:
    """A record, whose address stands in for a name or a phone that it has not itself."""
    home = record.address or _NOBODY
    return {
        "first_name": record.first_name or home.first_name,
        "last_name": record.last_name or home.last_name,
        "phone": record.phone or home.phone,
        "birthdate": record.birthdate,
        "address": record.address if home != _NOBODY else None,
        "attributes": record.attributes,
    }


def _of_address(address: Address) -> dict[str, Any]:
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "phone": address.phone,
        "address": address if address != _NOBODY else None,
    }
