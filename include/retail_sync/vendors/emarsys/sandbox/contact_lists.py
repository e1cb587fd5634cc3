"""Contact lists: names under which contacts are kept together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Json, Refused, bad_request, more_contacts, no_contact
from retail_sync.vendors.emarsys.sandbox.traps import Errors

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

IDS_A_CALL = 10_000
_FIRST_ID = 700_000_001


@dataclass(slots=True)
class ContactList:
    """A list; its members are ids, of contacts that may have been deleted since."""

    id: int
    name: str
    created: str
    members: dict[int, None] = field(default_factory=dict)


class ContactLists:
    """All lists of an account by id."""

    def __init__(self) -> None:
        self.known: dict[int, ContactList] = {}

    def add(self, name: str, created: str) -> ContactList:
        """A new list."""
        number = _FIRST_ID + len(self.known)
        one = self.known[number] = ContactList(number, name, created)
        return one

    def find(self, number: object) -> ContactList | None:
        """A list by its id, a number or a text."""
        text = str(number)
        return self.known.get(int(text)) if text.isdigit() else None


def list_lists(account: Account, _: Ask) -> list[Json]:
    """Every list; ids are texts here."""
    return [
        {"id": str(one.id), "name": one.name, "created": one.created, "type": 0} for one in account.lists.known.values()
    ]


def create_list(account: Account, ask: Ask) -> Json:
    """A new list, with contacts where there are keys; here its id is a number."""
    body = ask.body()
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise bad_request(3001, "The list name is missing")
    if any(one.name == name for one in account.lists.known.values()):
        raise bad_request(3002, f"A list with this name exists: {name}")
    contacts, errors = _contacts(account, body) if body.get("external_ids") else ([], {})
    made = account.lists.add(name, account.vienna_text())
    made.members.update(dict.fromkeys(one.id for one in contacts))
    return {"id": made.id, "errors": account.traps.shaped(errors, "nested", ask.endpoint)}


def list_members(account: Account, ask: Ask) -> list[str]:
    """The ids of a list's contacts, in pages."""
    members = [one for one in _list(account, ask).members if one in account.contacts.by_id]
    offset, limit = int(ask.query.get("offset") or 0), int(ask.query.get("limit") or IDS_A_CALL)
    return [str(one) for one in islice(members, offset, offset + limit)]


def add_members(account: Account, ask: Ask) -> Json:
    """Put contacts on a list."""
    one = _list(account, ask)
    contacts, errors = _contacts(account, ask.body())
    new = [contact.id for contact in contacts if contact.id not in one.members]
    one.members.update(dict.fromkeys(new))
    return {"inserted_contacts": len(new), "errors": account.traps.shaped(errors, "nested", ask.endpoint)}


def remove_members(account: Account, ask: Ask) -> Json:
    """Take contacts off a list; they stay in the account."""
    one = _list(account, ask)
    contacts, errors = _contacts(account, ask.body())
    gone = [contact.id for contact in contacts if contact.id in one.members]
    for number in gone:
        del one.members[number]
    return {"deleted_contacts": len(gone), "errors": account.traps.shaped(errors, "nested", ask.endpoint)}


def _list(account: Account, ask: Ask) -> ContactList:
    one = account.lists.find(ask.params["list"])
    if one is None:
        raise Refused(404, 3006, f"No list found: {ask.params['list']}")
    return one


def _contacts(account: Account, body: Json) -> tuple[list[Contact], Errors]:
    key = account.contacts.key(body.get("key_id") or 3)
    if key is None:
        raise bad_request(2004, f"Invalid key field id: {body.get('key_id')}")
    values: Any = body.get("external_ids")
    if not isinstance(values, list):
        raise bad_request(10001, "Array expected: external_ids")
    if len(values) > IDS_A_CALL:
        raise bad_request(2002, "The id list is larger than 10000")
    contacts: list[Contact] = []
    errors: Errors = {}
    for value in values:
        found = account.contacts.find(key, value)
        if len(found) == 1:
            contacts.append(found[0])
        else:
            errors[str(value)] = more_contacts(key.name, value) if found else no_contact(key.name, value)
    return contacts, errors


ENDPOINTS = (
    Endpoint("GET", "/contactlist", list_lists),
    Endpoint("POST", "/contactlist", create_list, writes=True),
    Endpoint("GET", "/contactlist/{list}", list_members),
    Endpoint("POST", "/contactlist/{list}/add", add_members, writes=True),
    Endpoint("POST", "/contactlist/{list}/delete", remove_members, writes=True),
)
