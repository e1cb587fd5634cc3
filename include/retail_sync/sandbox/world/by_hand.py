"""What people do at the marketing platform itself, by their own hand: contacts who come and go, admins who tidy up.

Shops hear of none of it. Objects of a store are named by the ids under which the platform keeps them.
"""

from __future__ import annotations

from typing import Literal

from retail_sync.sandbox.world.event import Event


class ContactLeft(Event, frozen=True, kw_only=True, tag="contact_left"):
    """A person unsubscribes at the marketing platform; shops know nothing of it."""

    email: str


class ContactBounced(Event, frozen=True, kw_only=True, tag="contact_bounced"):
    """Mail to a contact can't be delivered any more: the platform cleans it off its list."""

    email: str


class ContactArchived(Event, frozen=True, kw_only=True, tag="contact_archived"):
    """An admin archives a contact."""

    email: str


class ContactForgotten(Event, frozen=True, kw_only=True, tag="contact_forgotten"):
    """An admin deletes a contact for good."""

    email: str


class ContactImported(Event, frozen=True, kw_only=True, tag="contact_imported"):
    """An admin imports an address from a file, whatever the contact was before; no evidence of its wish comes along."""

    email: str
    status: Literal["subscribed", "unsubscribed", "transactional"] = "subscribed"
    source: str = "Import"


class ContactSignedUp(Event, frozen=True, kw_only=True, tag="contact_signed_up"):
    """A person fills in the platform's own sign-up form: the newest wish, with evidence, whatever was before."""

    email: str
    ip: str = "192.0.2.7"


class ContactEdited(Event, frozen=True, kw_only=True, tag="contact_edited"):
    """An admin overwrites merge fields of a contact."""

    email: str
    fields: dict[str, str]


class StoreOrderEdited(Event, frozen=True, kw_only=True, tag="store_order_edited"):
    """Somebody overwrites fields of an order in the platform's store; amounts are written as text."""

    order_id: str
    fields: dict[str, str]


class StoreOrderDeleted(Event, frozen=True, kw_only=True, tag="store_order_deleted"):
    """Somebody deletes an order from the platform's store."""

    order_id: str


class StoreProductEdited(Event, frozen=True, kw_only=True, tag="store_product_edited"):
    """Somebody overwrites fields of a product in the platform's store."""

    product_id: str
    fields: dict[str, str]


class StoreProductDeleted(Event, frozen=True, kw_only=True, tag="store_product_deleted"):
    """Somebody deletes a product from the platform's store; orders keep their lines of it."""

    product_id: str
