"""Deleting contacts for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.emarsys.sandbox.contact_writes import BATCH
from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Json, bad_request, more_contacts, no_contact
from retail_sync.vendors.emarsys.sandbox.traps import Errors

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account


def delete_contacts(account: Account, ask: Ask) -> Json:
    """Delete contacts for good; of those that share a key none."""
    body = ask.body()
    key = account.contacts.key(body.get("key_id") or 3)
    if key is None:
        raise bad_request(2004, f"Invalid key field id: {body.get('key_id')}")
    values = body.get(key.name)
    if not isinstance(values, list):
        raise bad_request(2003, f"Array expected: {key.name}")
    if len(values) > BATCH:
        raise bad_request(2002, "The id list is larger than 1000")
    errors: Errors = {}
    gone = 0
    for value in values:
        found = account.contacts.find(key, value)
        if len(found) == 1:
            account.contacts.delete(found[0], account.now(), "api")
            gone += 1
        else:
            errors[str(value)] = more_contacts(key.name, value) if found else no_contact(key.name, value)
    return {"deleted_contacts": gone, "errors": account.traps.shaped(errors, "nested", ask.endpoint)}


ENDPOINTS = (Endpoint("POST", "/contact/delete", delete_contacts, writes=True),)
