"""Reading contacts: their data, who has a value, and which keys are known."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.contact_book import Key
from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Json, Worded, bad_request, more_contacts, no_contact
from retail_sync.vendors.emarsys.sandbox.field import Field
from retail_sync.vendors.emarsys.sandbox.traps import Errors

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

KEYS_A_CALL = 1000
PAGE = 10_000
#: Parameters of a query that are no fields.
_STEERING = frozenset({"return", "limit", "offset", "excludeempty"})


def get_data(account: Account, ask: Ask) -> Worded:
    """Fields of the contacts that have these keys. `result` is `false` where none is found."""
    body = ask.body()
    key = _key(account, body.get("keyId"))
    values, wanted = body.get("keyValues"), body.get("fields")
    if not isinstance(values, list):
        raise bad_request(2003, "Array expected: keyValues")
    if len(values) > KEYS_A_CALL:
        raise bad_request(1000, "The request exceeded the maximum batch size 1,000")
    account.traps.check_keys(values)
    fields = (
        [_field(account, name) for name in wanted] if isinstance(wanted, list) else list(account.fields.known.values())
    )
    rows: list[Json] = []
    errors: Errors = {}
    for value in values:
        found = account.contacts.find(key, value)
        if len(found) == 1 or (found and account.settings.several_are_read):
            rows.extend(_row(contact, fields) for contact in found)
        else:
            errors[str(value)] = more_contacts(key.name, value) if found else no_contact(key.name, value)
    shaped = account.traps.shaped(errors, "list", ask.endpoint)
    return Worded({"errors": shaped, "result": rows or False}, "OK" if rows else "No contact found")


def query(account: Account, ask: Ask) -> Json:
    """Contacts in pages, with one field; all of them, or those with a value of a field that has an index."""
    limit, offset = _whole(ask, "limit", PAGE), _whole(ask, "offset", 0)
    if not 1 <= limit <= PAGE:
        raise bad_request(2016, "The limit must be between 1 and 10000")
    shown = [_field(account, ask.query["return"])] if ask.query.get("return") else []
    contacts: Iterable[Contact] = account.contacts.by_id.values()
    for name in ask.query.keys() - _STEERING:
        key = account.contacts.key(name)
        if key is None or key.field is None:
            raise bad_request(2015, f"No index for field: {name}")
        contacts = account.contacts.find(key, ask.query[name])
    if ask.query.get("excludeempty") == "true":
        contacts = (one for one in contacts if all(one.values.get(field.id) for field in shown))
    rows = [
        {"id": str(one.id), **{str(field.id): one.values.get(field.id) for field in shown}}
        for one in islice(contacts, offset, offset + limit)
    ]
    return {"errors": [], "result": rows}


def check_ids(account: Account, ask: Ask) -> Json:
    """The vendor's ids behind keys."""
    body = ask.body()
    key = _key(account, body.get("key_id"))
    wanted = body.get("external_ids")
    values = wanted if isinstance(wanted, list) else [wanted]
    if len(values) > KEYS_A_CALL:
        raise bad_request(2002, "The id list is larger than 1000")
    several = body.get("get_multiple_ids") is True
    ids: dict[str, Any] = {}
    errors: Errors = {}
    for value in values:
        found = account.contacts.find(key, value)
        if not found:
            errors[str(value)] = no_contact(key.name, value)
        elif several:
            ids[str(value)] = [str(one.id) for one in found]
        elif len(found) > 1:
            errors[str(value)] = more_contacts(key.name, value)
        else:
            ids[str(value)] = str(found[0].id)
    # An empty map is written as an empty list, as the vendor's PHP does.
    return {"ids": ids or [], "errors": account.traps.shaped(errors, "nested", ask.endpoint)}


def _row(contact: Contact, fields: Iterable[Field]) -> Json:
    named = {str(field.id): contact.values.get(field.id) for field in fields}
    return {"id": str(contact.id), "uid": contact.uid, **named}


def _key(account: Account, name: object) -> Key:
    key = account.contacts.key(3 if name is None else name)
    if key is None:
        raise bad_request(2004, f"Invalid key field id: {name}")
    return key


def _field(account: Account, name: object) -> Field:
    field = account.fields.named(name)
    if field is None:
        raise bad_request(2006, f"Invalid field id: {name}")
    return field


def _whole(ask: Ask, name: str, usual: int) -> int:
    text = ask.query.get(name, str(usual))
    if not text.isdigit():
        raise bad_request(2016, f"Invalid {name}: {text}")
    return int(text)


ENDPOINTS = (
    Endpoint("POST", "/contact/getdata", get_data),
    Endpoint("GET", "/contact/query", query),
    Endpoint("POST", "/contact/checkids", check_ids),
)
