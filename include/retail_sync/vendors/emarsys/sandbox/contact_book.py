"""All contacts of an account, found by whatever can be a key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.field import EMAIL, Field, Fields
from retail_sync.vendors.emarsys.sandbox.field_values import Value

FIRST_ID = 100_000_001
#: Names of a contact that the vendor gives; no write can choose them.
OWN_KEYS = ("id", "uid", "eid")
Keys = dict[str, dict[int, None]]


class Key(NamedTuple):
    """What contacts are told apart by in one call: its name there, and the field unless it is the vendor's own."""

    name: str
    field: Field | None


class Deleted(NamedTuple):
    """A contact that is no more."""

    id: int
    email: str
    at: datetime
    by: str


def plain(value: object) -> str:
    """A key's value as it is compared: without case. ASSUMED for other keys than the address."""
    return str(value).strip().lower()


class ContactBook:
    """The contacts.

    Attributes:
        by_id: In the order of their making.
        deleted: Those that are no more, oldest first.
    """

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.by_id: dict[int, Contact] = {}
        self.deleted: list[Deleted] = []
        self._uids: dict[str, int] = {}
        self._next = FIRST_ID
        self._indexes: dict[int, Keys] = {field.id: {} for field in fields.known.values() if field.indexed}

    def follow(self, field: Field) -> None:
        """Keep an index of a new field that may be a key."""
        if field.indexed:
            self._indexes[field.id] = {}

    def key(self, name: object) -> Key | None:
        """What may be a key under this name, or None: there is no such field, or it has no index."""
        if str(name) in OWN_KEYS:
            return Key(str(name), None)
        field = self._fields.named(name)
        return Key(str(name), field) if field is not None and field.indexed else None

    def find(self, key: Key, value: object) -> list[Contact]:
        """All contacts with a value of a key."""
        text = plain(value)
        if key.field is not None:
            return [self.by_id[number] for number in self._indexes[key.field.id].get(text, ())]
        if key.name == "id":
            found = self.by_id.get(int(text)) if text.isdigit() else None
        else:
            found = self.by_id.get(self._uids.get(str(value).strip(), 0))
        return [found] if found else []

    def with_email(self, email: str) -> list[Contact]:
        """All contacts of an address: there may be several."""
        return [self.by_id[number] for number in self._indexes[EMAIL].get(plain(email), ())]

    def create(self, values: Mapping[int, Value], at: datetime, origin: str, cause: str) -> Contact:
        """A new contact, whether or not others have its address."""
        number, self._next = self._next, self._next + 1
        uid = hashlib.sha256(f"contact {number}".encode()).hexdigest()[:10]
        contact = self.by_id[number] = Contact(number, uid, origin, at)
        self._uids[uid] = number
        self._change(contact, dict(values), at, origin, cause, new=True)
        return contact

    def change(self, contact: Contact, values: Mapping[int, Value], at: datetime, origin: str, cause: str) -> None:
        """Change fields of a contact and no others."""
        self._change(contact, dict(values), at, origin, cause, new=False)

    def _change(
        self, contact: Contact, values: dict[int, Value], at: datetime, origin: str, cause: str, *, new: bool
    ) -> None:
        touched = [number for number in self._indexes if number in values]
        for number in touched:
            self._unindex(contact, number)
        contact.fill(values, at, origin, cause, new=new)
        for number in touched:
            if text := plain(contact.text(number)):
                self._indexes[number].setdefault(text, {})[contact.id] = None

    def _unindex(self, contact: Contact, number: int) -> None:
        index, text = self._indexes[number], plain(contact.text(number))
        if holders := index.get(text):
            holders.pop(contact.id, None)
            if not holders:
                del index[text]

    def delete(self, contact: Contact, at: datetime, by: str) -> None:
        """Take a contact away for good; nothing remembers its wish."""
        for number in self._indexes:
            self._unindex(contact, number)
        del self.by_id[contact.id]
        del self._uids[contact.uid]
        self.deleted.append(Deleted(contact.id, contact.email, at, by))
