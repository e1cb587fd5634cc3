"""Triggering external events, for one contact or for a batch of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.contact_book import Key
from retail_sync.vendors.emarsys.sandbox.contact_writes import BATCH
from retail_sync.vendors.emarsys.sandbox.endpoints import MEGABYTE, Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import (
    Json,
    Refused,
    bad_request,
    batch_too_large,
    more_contacts,
    no_contact,
)
from retail_sync.vendors.emarsys.sandbox.event_api import event_of
from retail_sync.vendors.emarsys.sandbox.external_events import ExternalEvent
from retail_sync.vendors.emarsys.sandbox.traps import Errors

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

#: Bytes of `data` that Interactions takes.
INTERACTIONS_LIMIT = 100_000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.000)?Z\Z")


def trigger(account: Account, ask: Ask) -> Json:
    """Trigger an event for one contact or a batch; a success says nothing of an e-mail that left."""
    event, body = event_of(account, ask), ask.body()
    key = account.contacts.key(body.get("key_id") or 3)
    if key is None:
        raise bad_request(2004, f"Invalid key field id: {body.get('key_id')}")
    rows = body.get("contacts")
    if rows is None:
        return _one(account, event, key, body)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_request(10001, "Array expected: contacts")
    if len(rows) > BATCH:
        raise batch_too_large()
    for row in rows:
        _check(account, row)
    return _batch(account, event, key, rows, ask.endpoint)


def _one(account: Account, event: ExternalEvent, key: Key, body: Json) -> Json:
    _check(account, body)
    found = _whom(account, key, body.get("external_id"))
    if not isinstance(found, Contact):
        raise bad_request(*found)
    connected = _connected(account, event)
    _run(account, event, found, body)
    return connected


def _batch(account: Account, event: ExternalEvent, key: Key, rows: list[Json], endpoint: str) -> Json:
    connected = _connected(account, event)
    ids: list[str] = []
    errors: Errors = {}
    for row in rows:
        found = _whom(account, key, row.get("external_id"))
        if isinstance(found, Contact):
            _run(account, event, found, row)
            ids.append(str(found.id))
        else:
            errors[str(row.get("external_id") or "")] = found
    shaped = account.traps.shaped(errors, "nested", endpoint)
    return {"ids": ids, "errors": shaped, **connected}


def _whom(account: Account, key: Key, value: Any) -> Contact | tuple[int, str]:
    if value is None or value == "":
        return 2005, "No value provided for the external id"
    if refusal := account.traps.refusal("trigger_refused", str(value)):
        return refusal
    found = account.contacts.find(key, value)
    if len(found) > 1:
        return more_contacts(key.name, value)
    return found[0] if found else no_contact(key.name, value)


def _check(account: Account, row: Json) -> None:
    if (data := row.get("data")) is not None and not isinstance(data, dict):
        raise bad_request(5011, "The data parameter must be an object")
    if account.settings.interactions and len(msgspec.json.encode(data)) > INTERACTIONS_LIMIT:
        raise bad_request(5008, "The payload exceeds 100 kB")
    time = row.get("event_time")
    if time is not None and not (isinstance(time, str) and _TIME.match(time)):
        raise bad_request(5010, "Invalid event_time")
    if not isinstance(row.get("trigger_id") or "", str):
        raise bad_request(1001, "The request parameters are invalid: trigger_id")


def _run(account: Account, event: ExternalEvent, contact: Contact, row: Json) -> None:
    account.events.trigger(
        event,
        contact,
        account.now(),
        key=str(row["external_id"]),
        trigger_id=row.get("trigger_id") or "",
        event_time=row.get("event_time") or "",
        data=row.get("data"),
    )


def _connected(account: Account, event: ExternalEvent) -> Json:
    """What hangs on the event; an account without Interactions refuses what nothing hangs on.

    Raises:
        Refused: 400, code 5005.
    """
    if not account.settings.interactions:
        if not event.mail:
            raise Refused(400, 5005, "Nothing was triggered")
        return {}
    where = {"email": True, "acProgram": False, "interactionsProgram": False}
    return {"connectedTo": where if event.mail else False}


ENDPOINTS = (Endpoint("POST", "/event/{event}/trigger", trigger, writes=True, limit=MEGABYTE),)
