"""The account's own books as plain JSON: what an independent check reads."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from retail_sync.vendors.emarsys.sandbox import batch_loads
from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.envelope import Json
from retail_sync.vendors.emarsys.sandbox.exports import Export
from retail_sync.vendors.emarsys.sandbox.external_events import Trigger
from retail_sync.vendors.emarsys.sandbox.sales import Sale

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account


def books(account: Account) -> Json:
    """Everything: contacts with their consent and how they were made, sales as appended, events by id, catalogue.

    Returns:
        `contacts`, `deleted`, `fields`, `lists`; `events` with `triggers` and `mails`; `reactions`, `exports`;
        `sales` (rows, what vanished, sums by order), `batch_loads` of the folder; `catalogue`; `counts`.
    """
    contacts, events, sales = account.contacts, account.events, account.sales
    return {
        "contacts": [_contact(account, one) for one in contacts.by_id.values()],
        "deleted": [one._asdict() for one in contacts.deleted],
        "fields": {field.string_id: field.id for field in account.fields.known.values()},
        "lists": {one.name: list(one.members) for one in account.lists.known.values()},
        "events": {event.name: event.id for event in events.known.values()},
        "triggers": [_trigger(one) for one in events.triggers],
        "mails": [one._asdict() for one in events.mails],
        "reactions": [one._asdict() for one in account.reactions],
        "exports": {str(one.id): _export(account, one) for one in account.exports.known.values()},
        "sales": {
            "columns": sales.columns,
            "uploads": sales.uploads,
            "rows": [_sale(one) for one in sales.rows],
            "dropped": [one._asdict() for one in sales.dropped],
            "orders": sales.sums(),
        },
        "batch_loads": batch_loads.books(account),
        "catalogue": {
            "items": account.catalogue.items,
            "uploads": [one._asdict() for one in account.catalogue.uploads],
        },
        "counts": {
            "contacts": len(contacts.by_id),
            "triggers": len(events.triggers),
            "repeated_triggers": sum(len(one.at) - 1 for one in events.triggers),
            "mails": len(events.mails),
            "sales": len(sales.rows),
            "products": len(account.catalogue.items),
        },
    }


def _contact(account: Account, contact: Contact) -> Json:
    known = account.fields.known
    return {
        "id": contact.id,
        "uid": contact.uid,
        "email": contact.email,
        "opt_in": contact.opt_in,
        "created_as": contact.history[0].opt_in,
        "made_by": contact.made_by,
        "made_at": contact.made_at,
        "fields": {known[number].string_id: value for number, value in sorted(contact.values.items())},
        "history": [one._asdict() for one in contact.history],
        "changes": len(contact.changes),
        "changed_at": contact.changes[-1].at,
    }


def _trigger(one: Trigger) -> Json:
    return {**dataclasses.asdict(one), "times": len(one.at)}


def _export(account: Account, export: Export) -> Json:
    return {
        "type": export.type,
        "status": account.exports.state(export),
        "created": export.created,
        "rows": len(export.file.lines),
    }


def _sale(sale: Sale) -> Json:
    by, value = sale.buyer
    told = sale._asdict()
    del told["buyer"]
    return {**told, by: value}
