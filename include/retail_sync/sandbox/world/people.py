"""What happens to the customers of a shop."""

from __future__ import annotations

from msgspec import Struct

from retail_sync.sandbox.world.event import Event


class PlaceOfLiving(Struct, frozen=True, kw_only=True):
    """A person's address."""

    line1: str
    postcode: str
    city: str
    country: str
    phone: str | None = None


class CustomerKnown(Event, frozen=True, kw_only=True, tag="customer_known"):
    """A customer record appears or changes, its address too; it is given whole. A guest's is not `registered`."""

    customer_id: int
    email: str
    first_name: str
    last_name: str
    registered: bool
    newsletter: bool
    home: PlaceOfLiving
    market: str
    birthdate: str | None = None


class NewsletterChanged(Event, frozen=True, kw_only=True, tag="newsletter_changed"):
    """A customer ticks or unticks the newsletter in the shop."""

    customer_id: int
    subscribed: bool


class CustomersMerged(Event, frozen=True, kw_only=True, tag="customers_merged"):
    """Two records turn out to be one person: a shop does with them what it can, and from now on goes by the first."""

    kept_id: int
    merged_id: int


class CustomerErased(Event, frozen=True, kw_only=True, tag="customer_erased"):
    """A customer asks to be forgotten: the shop takes the person out of the record and out of its orders."""

    customer_id: int
