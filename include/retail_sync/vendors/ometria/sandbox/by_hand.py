"""What people do at the account by their own hand: contacts who come and go, admins who edit, import and forget."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from retail_sync.sandbox.world.events import (
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
from retail_sync.vendors.ometria.sandbox.shapes import CONTACT, IN, OUT, UNSAID

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

_SAYS = {"subscribed": IN, "unsubscribed": OUT, "transactional": UNSAID}


def happen(account: Account, event: ShopEvent) -> None:
    """Let something happen; what is not done at the account, or to nothing that it has, changes nothing.

    Nobody can be archived here, so that an archiving changes nothing either.
    """
    deed = _DEEDS.get(type(event))
    if deed is not None:
        deed(account, cast("Any", event))


def _left(account: Account, event: ContactLeft) -> None:
    for profile in account.people.clusters.with_email(event.email):
        account.people.leave(profile, "link_unsubscribe", "Clicked unsubscribe in an email")


def _bounced(account: Account, event: ContactBounced) -> None:
    for profile in account.people.clusters.with_email(event.email):
        profile.bounced = True


def _signed_up(account: Account, event: ContactSignedUp) -> None:
    """A form makes a listing of its own, which is the person's word."""
    record = _listing(account.settings.form_collection, event.email, IN)
    record["timestamp_subscribed"] = account.now().isoformat()
    account.people.take(record, "person", "signed_up")


def _imported(account: Account, event: ContactImported) -> None:
    """An imported file makes listings too, of no more weight than the API's."""
    record = _listing(account.settings.import_collection, event.email, _SAYS[event.status])
    account.people.take(record, "import", "imported")


def _forgotten(account: Account, event: ContactForgotten) -> None:
    account.erasures.ask([event.email], "", "app", at_once=True)
    account.erasures.settle()


def _edited(account: Account, event: ContactEdited) -> None:
    """Fields of a listing are overwritten by their names, others as properties of it."""
    for profile in account.people.clusters.with_email(event.email):
        for listing in list(profile.listings.values())[-1:]:
            known = {name: value for name, value in event.fields.items() if name in CONTACT}
            free = {name: value for name, value in event.fields.items() if name not in CONTACT}
            properties = (listing.fields.get("properties") or {}) | free
            record = {**listing.fields, **known, "@merge": True, "properties": properties}
            record.pop("marketing_optin", None)
            account.people.take(record, "import", "edited")


def _order_edited(account: Account, event: StoreOrderEdited) -> None:
    if (order := account.orders.get(event.order_id)) is not None:
        account.store_order({**order.fields, **event.fields})


def _order_deleted(account: Account, event: StoreOrderDeleted) -> None:
    if (order := account.orders.get(event.order_id)) is not None:
        account.remove_order(order)


def _product_edited(account: Account, event: StoreProductEdited) -> None:
    if (product := account.products.get(event.product_id)) is not None:
        product.take({**product.fields, **event.fields}, account.now())


def _product_deleted(account: Account, event: StoreProductDeleted) -> None:
    account.products.pop(event.product_id, None)


def _listing(collection: str, email: str, says: str) -> dict[str, Any]:
    name = sha256(email.lower().encode()).hexdigest()[:16]
    return {"@type": "contact", "@collection": collection, "id": name, "email": email, "marketing_optin": says}


_DEEDS: dict[type[ShopEvent], Callable[[Account, Any], None]] = {
    ContactLeft: _left,
    ContactBounced: _bounced,
    ContactSignedUp: _signed_up,
    ContactImported: _imported,
    ContactForgotten: _forgotten,
    ContactEdited: _edited,
    StoreOrderEdited: _order_edited,
    StoreOrderDeleted: _order_deleted,
    StoreProductEdited: _product_edited,
    StoreProductDeleted: _product_deleted,
}
