"""What people do at the account by their own hand: contacts who come and go, admins who edit, import and delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from retail_sync.sandbox.world.events import (
    ContactBounced,
    ContactEdited,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    ShopEvent,
)
from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.field import EMAIL, EMAIL_VALID, OPT_IN
from retail_sync.vendors.emarsys.sandbox.field_values import Value, read_value
from retail_sync.vendors.emarsys.sandbox.responses import Reaction

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

YES, NO = "1", "2"
_OPT_INS = {"subscribed": YES, "unsubscribed": NO, "transactional": None}


def happen(account: Account, event: ShopEvent) -> None:
    """Let something happen; what is not done at the account, or to nobody that it has, changes nothing.

    There is no archive here, and no store of orders and products that somebody could edit.
    """
    kind, told = type(event), cast("Any", event)
    if kind in _ARRIVAL:
        _ARRIVAL[kind](account, told)
    elif kind in _CONTACT:
        for contact in account.contacts.with_email(told.email):
            _CONTACT[kind](account, contact, told)


def _change(account: Account, contact: Contact, values: dict[int, Value], origin: str, cause: str) -> None:
    account.contacts.change(contact, values, account.now(), origin, cause)


def _left(account: Account, contact: Contact, _: ContactLeft) -> None:
    """The link of an e-mail: the opt-in becomes false, and the campaign gets to know."""
    _change(account, contact, {OPT_IN: NO}, "link", "contact left")
    account.reactions.append(Reaction(account.now(), contact.id, "unsubscribe", account.settings.campaign_id))


def _bounced(account: Account, contact: Contact, _: ContactBounced) -> None:
    """The address is found invalid; the opt-in stays what it is."""
    _change(account, contact, {EMAIL_VALID: NO}, "system", "bounced")


def _forgotten(account: Account, contact: Contact, _: ContactForgotten) -> None:
    account.contacts.delete(contact, account.now(), "admin")


def _edited(account: Account, contact: Contact, event: ContactEdited) -> None:
    """Fields by id or string id; what no field is or takes stays undone."""
    named = ((account.fields.named(name), value) for name, value in event.fields.items())
    values = {field.id: read_value(field, value) for field, value in named if field is not None}
    _change(account, contact, values, "admin", "edited")


def _arrived(account: Account, email: str, opt_in: str | None, origin: str, cause: str) -> None:
    """Every contact of an address gets the opt-in; of an unknown one there will be a contact without any other key."""
    found = account.contacts.with_email(email)
    for contact in found:
        _change(account, contact, {OPT_IN: opt_in}, origin, cause)
    if not found:
        account.contacts.create({EMAIL: email, OPT_IN: opt_in}, account.now(), origin, cause)


def _imported(account: Account, event: ContactImported) -> None:
    """An import asks nobody, and no export tells of it."""
    _arrived(account, event.email, _OPT_INS[event.status], "import", "imported")


def _signed_up(account: Account, event: ContactSignedUp) -> None:
    """The form takes everybody."""
    _arrived(account, event.email, YES, "form", "signed up")


_CONTACT: dict[type[ShopEvent], Callable[[Account, Contact, Any], None]] = {
    ContactLeft: _left,
    ContactBounced: _bounced,
    ContactForgotten: _forgotten,
    ContactEdited: _edited,
}
_ARRIVAL: dict[type[ShopEvent], Callable[[Account, Any], None]] = {
    ContactImported: _imported,
    ContactSignedUp: _signed_up,
}
