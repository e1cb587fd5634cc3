"""The endpoints of contact fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Json, bad_request
from retail_sync.vendors.emarsys.sandbox.field import Field

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

#: What the API can make; choice fields are made by hand.
MAKEABLE = ("shorttext", "longtext", "largetext", "date", "url", "numeric")
_STRING_ID = re.compile(r"[a-z][a-z0-9_]*\Z")


def _shown(field: Field) -> Json:
    return {"id": field.id, "name": field.name, "application_type": field.type, "string_id": field.string_id}


def list_fields(account: Account, _: Ask) -> list[Json]:
    """Every field, titles in the account's language whatever language is asked for."""
    return [_shown(field) for field in account.fields.known.values()]


def create_field(account: Account, ask: Ask) -> Json:
    """A new field. One of a title or string id that is taken is refused. ASSUMED: the code."""
    body = ask.body()
    name, kind = body.get("name"), body.get("application_type")
    if not isinstance(name, str) or not name.strip() or kind not in MAKEABLE:
        raise bad_request(1008, "Validation failed: name, application_type")
    string_id = body.get("string_id") or re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not isinstance(string_id, str) or not _STRING_ID.match(string_id):
        raise bad_request(1008, "Validation failed: string_id")
    if any(name == field.name or string_id == field.string_id for field in account.fields.known.values()):
        raise bad_request(1008, f"Validation failed: a field named {name} exists")
    field = account.fields.add(name, string_id, kind, indexed=account.settings.index_new_fields)
    account.contacts.follow(field)
    return {"id": field.id}


def list_choices(account: Account, ask: Ask) -> list[Json]:
    """The choices of a choice field; their positions are not their ids."""
    field = _field(account, ask)
    if field.type not in ("singlechoice", "multichoice"):
        raise bad_request(2006, f"Field is not a choice field: {field.id}")
    last = len(field.choices)
    return [
        {"id": number, "choice": name, "bit_position": str(last - place)}
        for place, (number, name) in enumerate(field.choices.items())
    ]


def delete_field(account: Account, ask: Ask) -> Any:
    """Take a custom field away with all its values; one that is a key stays."""
    field = _field(account, ask)
    if field.system or field.indexed:
        raise bad_request(257, "The field is in use and cannot be deleted")
    del account.fields.known[field.id]
    for contact in account.contacts.by_id.values():
        contact.values.pop(field.id, None)
    return ""


def _field(account: Account, ask: Ask) -> Field:
    field = account.fields.known.get(ask.number("field", code=2006))
    if field is None:
        raise bad_request(2006, f"Invalid field id: {ask.params['field']}")
    return field


ENDPOINTS = (
    Endpoint("GET", "/field", list_fields),
    Endpoint("GET", "/field/translate/{language}", list_fields),
    Endpoint("POST", "/field", create_field, writes=True),
    Endpoint("GET", "/field/{field}/choice", list_choices),
    Endpoint("GET", "/field/{field}/choice/translate/{language}", list_choices),
    Endpoint("DELETE", "/field/{field}", delete_field, writes=True),
)
