"""What people do at the account by their own hand: contacts who come and go, admins who edit, import and delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from retail_sync.sandbox.world.events import (
    ContactArchived,
    ContactBounced,
    ContactEdited,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    ShopEvent,
    StoreOrderDeleted,
    StoreOrderEdited,
    StoreProductDeleted,
    StoreProductEdited,
)
from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.member import Member
from retail_sync.vendors.mailchimp.sandbox.orders import change_order, delete_order
from retail_sync.vendors.mailchimp.sandbox.store import Store

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

IMPORTED, SIGNED_UP = "imported", "signed_up"


def happen(account: Account, event: ShopEvent) -> None:
    """Let something happen; what is not done at the account, or to nothing that it has, changes nothing."""
    kind, told = type(event), cast("Any", event)
    for audience in account.audiences.values():
        if kind in _ARRIVAL:
            _ARRIVAL[kind](account, audience, told)
        elif kind in _CONTACT and (member := audience.find(told.email)) is not None:
            _CONTACT[kind](account, audience, member, told)
    for store in account.stores.values():
        if kind in _STORE:
            _STORE[kind](account, store, told)


def _left(account: Account, _: Audience, member: Member, __: ContactLeft) -> None:
    if member.profile.status != "archived":
        member.leave(account.now_text())


def _bounced(account: Account, _: Audience, member: Member, __: ContactBounced) -> None:
    member.become("cleaned", account.now_text(), "bounced")


def _archived(account: Account, _: Audience, member: Member, __: ContactArchived) -> None:
    member.become("archived", account.now_text(), "archived_by_hand")


def _forgotten(account: Account, audience: Audience, member: Member, _: ContactForgotten) -> None:
    audience.forget(member, account.now_text())


def _edited(account: Account, audience: Audience, member: Member, event: ContactEdited) -> None:
    audience.change(member, {"merge_fields": dict(event.fields)}, None, account.now_text(), "edited", waive=True)


def _imported(account: Account, audience: Audience, event: ContactImported) -> None:
    """An import makes a contact of any address but a forgotten one, and asks nobody."""
    now = account.now_text()
    if event.email.lower() in audience.forgotten:
        return
    body = {"email_address": event.email}
    member = audience.find(event.email) or audience.create(body, event.status, now, IMPORTED, waive=True)
    if event.status == "subscribed":
        member.say_yes(now, IMPORTED, ip="", source=event.source)
    else:
        member.become(event.status, now, IMPORTED)
        member.profile.source = event.source


def _signed_up(account: Account, audience: Audience, event: ContactSignedUp) -> None:
    """The form takes everybody, and undoes whatever kept an address out."""
    now = account.now_text()
    audience.forgotten.pop(event.email.lower(), None)
    body = {"email_address": event.email}
    member = audience.find(event.email) or audience.create(body, "subscribed", now, SIGNED_UP, waive=True)
    member.latched = False
    member.say_yes(now, SIGNED_UP, ip=event.ip, source=account.settings.form_source)


def _order_edited(account: Account, store: Store, event: StoreOrderEdited) -> None:
    if (order := store.orders.get(event.order_id)) is not None:
        change_order(account, store, order, dict(event.fields))


def _order_deleted(account: Account, store: Store, event: StoreOrderDeleted) -> None:
    if event.order_id in store.orders:
        delete_order(account, store, event.order_id)


def _product_edited(_: Account, store: Store, event: StoreProductEdited) -> None:
    if (product := store.products.get(event.product_id)) is not None:
        product.update(event.fields)


def _product_deleted(_: Account, store: Store, event: StoreProductDeleted) -> None:
    store.products.pop(event.product_id, None)


_CONTACT: dict[type[ShopEvent], Callable[[Account, Audience, Member, Any], None]] = {
    ContactLeft: _left,
    ContactBounced: _bounced,
    ContactArchived: _archived,
    ContactForgotten: _forgotten,
    ContactEdited: _edited,
}
_ARRIVAL: dict[type[ShopEvent], Callable[[Account, Audience, Any], None]] = {
    ContactImported: _imported,
    ContactSignedUp: _signed_up,
}
_STORE: dict[type[ShopEvent], Callable[[Account, Store, Any], None]] = {
    StoreOrderEdited: _order_edited,
    StoreOrderDeleted: _order_deleted,
    StoreProductEdited: _product_edited,
    StoreProductDeleted: _product_deleted,
}
