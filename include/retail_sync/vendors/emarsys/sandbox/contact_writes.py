"""Creating and updating contacts: each row has an outcome of its own, within one answer that succeeds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.contact_book import OWN_KEYS, Key, plain
from retail_sync.vendors.emarsys.sandbox.endpoints import MEGABYTE, Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import (
    Json,
    bad_request,
    batch_too_large,
    more_contacts,
    no_contact,
)
from retail_sync.vendors.emarsys.sandbox.field_values import Value, ValueFlaw, read_value
from retail_sync.vendors.emarsys.sandbox.traps import Errors, shaped

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

BATCH = 1000
NO_KEY_ID = "<NO_KEY_ID>"
_CONTROL = frozenset({"key_id", "contacts", "contact_list_id", "source_id"})


class _Flaw(Exception):  # noqa: N818 - becomes a part of an answer
    """A row that can't be done: code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class _Write:
    """One call that writes contacts."""

    def __init__(self, account: Account, ask: Ask, *, create: bool, update: bool) -> None:
        self.account, self.body = account, ask.body()
        self.create, self.update = create, update
        self.endpoint = ask.endpoint
        self.single = "contacts" not in self.body
        self.rows = self._read_rows()
        self.key = account.contacts.key(self.body.get("key_id") or 3)

    def _read_rows(self) -> list[Json]:
        if self.single:
            return [{name: value for name, value in self.body.items() if name not in _CONTROL}]
        rows = self.body["contacts"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise bad_request(2003, "The contacts parameter must be an array")
        if len(rows) > BATCH:
            raise batch_too_large()
        return rows

    def answer(self) -> Json:
        """Do it."""
        self._check_call()
        if self.key is None or self.account.traps.take("no_key_id", self.endpoint):
            return self._nothing(f"Invalid key field id: {self.body.get('key_id', 3)}")
        if self.key.field is None and self.create and not self.update:
            return self._nothing("Cannot use id or uid as key on contact creation")
        self.account.traps.check_keys(row.get(self.key.name) for row in self.rows)
        ids: list[int | str] = []
        errors: Errors = {}
        twice = self._named_twice(self.key)
        for row in self.rows:
            value = row.get(self.key.name)
            try:
                ids.append(self._write(self.key, row, value, twice))
            except _Flaw as flaw:
                errors["" if value is None else str(value)] = (flaw.code, flaw.text)
        return self._answer(ids, errors)

    def _check_call(self) -> None:
        wanted = self.body.get("contact_list_id")
        if wanted is not None and self.account.lists.find(wanted) is None:
            raise bad_request(2020, f"Invalid contact list id: {wanted}")
        source = self.body.get("source_id")
        if source is not None and (isinstance(source, bool) or not isinstance(source, int)):
            raise bad_request(2013, f"Invalid source id: {source}")

    def _nothing(self, text: str) -> Json:
        if self.single:
            raise bad_request(2004, text)
        return {"ids": [], "errors": shaped({NO_KEY_ID: (2004, text)}, "nested")}

    def _named_twice(self, key: Key) -> set[str]:
        named = Counter(plain(row[key.name]) for row in self.rows if row.get(key.name) is not None)
        twice = {value for value, times in named.items() if times > 1}
        if twice and self.account.settings.duplicate_keys == "call":
            raise bad_request(*more_contacts(key.name, min(twice)))
        return twice

    def _write(self, key: Key, row: Json, value: Any, twice: set[str]) -> int | str:
        if value is None or isinstance(value, dict | list | bool) or not plain(value):
            raise _Flaw(2005, f"No value provided for key field: {key.name}")
        if plain(value) in twice:
            raise _Flaw(*more_contacts(key.name, value))
        if refusal := self.account.traps.refusal("contact_refused", str(value)):
            raise _Flaw(*refusal)
        found = self.account.contacts.find(key, value)
        if len(found) > 1:
            raise _Flaw(*more_contacts(key.name, value))
        if found and not self.update:
            raise _Flaw(2009, f"Contact with the external id already exists: {key.name}")
        if not found and not self.create:
            raise _Flaw(*no_contact(key.name, value))
        contact = self._change(key, row, found[0]) if found else self._create(key, row, value)
        self._enlist(contact)
        return str(contact.id) if found else contact.id

    def _change(self, key: Key, row: Json, contact: Contact) -> Contact:
        values = self._values(key, row)
        self.account.contacts.change(contact, values, self.account.now(), "api", "updated by API")
        return contact

    def _create(self, key: Key, row: Json, value: Any) -> Contact:
        if key.field is None:
            raise _Flaw(2004, "Cannot use id or uid as key on contact creation")
        values = self._values(key, row)
        if self.account.traps.take("already_exists_race", str(value)):
            raise _Flaw(2009, f"Contact with the external id already exists: {key.name}")
        return self.account.contacts.create(values, self.account.now(), "api", "created by API")

    def _values(self, key: Key, row: Json) -> dict[int, Value]:
        values: dict[int, Value] = {}
        for name, raw in row.items():
            if key.field is None and name == key.name:
                continue
            if name in OWN_KEYS:
                raise _Flaw(2007, "Cannot set id or uid on contact creation")
            field = self.account.fields.named(name)
            if field is None or not (name.isdigit() or name == key.name):
                raise _Flaw(2006, f"Invalid field id: {name}")
            try:
                values[field.id] = read_value(field, raw, cut=self.account.settings.long_text == "cut")
            except ValueFlaw as flaw:
                code = 2005 if key.field is not None and field.id == key.field.id else 2007
                raise _Flaw(code, str(flaw)) from flaw
        return values

    def _enlist(self, contact: Contact) -> None:
        if (wanted := self.body.get("contact_list_id")) is not None and (found := self.account.lists.find(wanted)):
            found.members[contact.id] = None

    def _answer(self, ids: list[int | str], errors: Errors) -> Json:
        if self.single:
            for code, text in errors.values():
                raise bad_request(code, text)
            return {"id": ids[0]} if self.account.settings.single_answers_id else {"ids": ids}
        if not errors:
            # An update says so with an empty list, a creation by leaving it out.
            return {"ids": ids, "errors": []} if self.update else {"ids": ids}
        return {"ids": ids, "errors": self.account.traps.shaped(errors, "nested", self.endpoint)}


def create_contacts(account: Account, ask: Ask) -> Json:
    """Make contacts; what exists is refused."""
    return _Write(account, ask, create=True, update=False).answer()


def update_contacts(account: Account, ask: Ask) -> Json:
    """Update contacts; with `create_if_not_exists` make those that are missing."""
    create = ask.query.get("create_if_not_exists") == "1"
    return _Write(account, ask, create=create, update=True).answer()


def upsert_contacts(account: Account, ask: Ask) -> Json:
    """The same under the path that the vendor's own client uses."""
    return _Write(account, ask, create=True, update=True).answer()


ENDPOINTS = (
    Endpoint("POST", "/contact", create_contacts, writes=True),
    Endpoint("PUT", "/contact", update_contacts, writes=True, limit=8 * MEGABYTE),
    Endpoint("PUT", "/contact/create_if_not_exists=1", upsert_contacts, writes=True, limit=8 * MEGABYTE),
)
