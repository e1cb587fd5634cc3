"""Whoever the merchant deals with, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from retail_sync.vendors.fulfil.sandbox.records.record import Ids, Record


@dataclass(slots=True, kw_only=True)
class Party(Record):
    """Whoever the merchant deals with.

    Attributes:
        registered: Whether the web shop has an account; the ERP does not know, so it is not shown.
        is_erased: Whether the person asked to be forgotten; not shown, it only looks archived.
        was_subscribed: Whether it ever wanted the newsletter; not shown.
    """

    name: str
    code: str | None = None
    active: bool = True
    lang: str | None = "en_US"
    categories: Ids = field(default_factory=list)
    addresses: Ids = field(default_factory=list)
    contact_mechanisms: Ids = field(default_factory=list)
    metafields: Ids = field(default_factory=list)
    account_manager: int | None = None
    sale_price_list: int | None = None
    birthdate: str | None = None
    registered: bool = True
    is_erased: bool = False
    was_subscribed: bool = False


@dataclass(slots=True, kw_only=True)
class Mechanism(Record):
    """A way to reach a party. `former` is what its value was, and until when; not shown."""

    party: int
    type: str
    value: str
    name: str | None = None
    active: bool = True
    comment: str | None = None
    former: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Address(Record):
    """A postal address of a party."""

    party: int
    name: str | None = None
    street: str | None = None
    city: str | None = None
    zip: str | None = None
    country: int | None = None
    subdivision: int | None = None
    email: str | None = None
    phone: str | None = None
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Metafield(Record):
    """A fact that a merchant has hung on a record; `record` is `model,id`."""

    record: str
    key: str
    value: str | None = None
