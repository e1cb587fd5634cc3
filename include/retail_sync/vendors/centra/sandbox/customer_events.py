"""What happens to customers and to their newsletter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomerKnown,
    CustomersMerged,
    NewsletterChanged,
    PlaceOfLiving,
    ShopEvent,
)
from retail_sync.vendors.centra.sandbox.records import RETAIL_STORE, Customer, Subscription

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.shop import Shop


def _known(shop: Shop, event: CustomerKnown) -> None:
    customer = shop.customers.get(event.customer_id)
    change = "UPDATED" if customer else "CREATED"
    refs = shop.refs(event.market, None, event.home.country)
    if customer is None:
        customer = Customer(event.customer_id, event, event.at, event.at, newsletter=False, refs=refs)
        shop.customers[customer.id] = customer
    moved = event.email.lower() != customer.known.email.lower()
    if moved:
        customer.former_emails[customer.known.email] = event.at
    customer.known, customer.birthdate, customer.refs = event, event.birthdate, refs
    set_newsletter(shop, customer, event.at, subscribed=event.newsletter)
    if moved and customer.newsletter:
        _subscribe(shop, customer, event.at, subscribed=True)
    announce(shop, customer, change, event.at)


def _merged(shop: Shop, event: CustomersMerged) -> None:
    """This shop can neither merge records nor move orders: the second record becomes a guest at the first's address."""
    kept, merged = shop.customers.get(event.kept_id), shop.customers.get(event.merged_id)
    if kept is not None and merged is not None:
        known = replace(merged.known, at=event.at, email=kept.known.email, registered=False, newsletter=False)
        _known(shop, known)


def _erased(shop: Shop, event: CustomerErased) -> None:
    """The record loses whatever tells who it was, and so do its orders; lines and amounts stay."""
    customer = shop.customers.get(event.customer_id)
    if customer is None:
        return
    set_newsletter(shop, customer, event.at, subscribed=False)
    known_as = customer.known.email
    nowhere = PlaceOfLiving(line1="", postcode="", city="", country=customer.known.home.country)
    nobody = {"email": shop.settings.anonymised_email.format(id=customer.id), "first_name": "", "last_name": ""}
    customer.known = replace(customer.known, **nobody, home=nowhere, newsletter=False, birthdate=None)
    customer.birthdate, customer.gender, customer.anonymised = None, None, True
    customer.former_emails[known_as] = event.at
    for order in shop.orders_of.get(customer.id, ()):
        order.placed = replace(order.placed, **nobody, ship_to=nowhere)
        if shop.settings.anonymising_updates_orders:
            order.updated_at = event.at
    announce(shop, customer, "UPDATED", event.at)


def _newsletter_changed(shop: Shop, event: NewsletterChanged) -> None:
    customer = shop.customers.get(event.customer_id)
    if customer is not None:
        set_newsletter(shop, customer, event.at, subscribed=event.subscribed)
        announce(shop, customer, "UPDATED", event.at)


def announce(shop: Shop, customer: Customer, change: str, at: datetime) -> None:
    """A customer has changed: move the record's time and tell the listeners."""
    customer.updated_at = at
    shop.notices.post("Customer", change, customer.id, at, store_id=RETAIL_STORE, market=customer.known.market)


def set_newsletter(shop: Shop, customer: Customer, at: datetime, *, subscribed: bool) -> None:
    """Set a customer's flag, and the subscription of the address where the flag has changed."""
    if customer.newsletter != subscribed:
        customer.newsletter = subscribed
        _subscribe(shop, customer, at, subscribed=subscribed)


def _subscribe(shop: Shop, customer: Customer, at: datetime, *, subscribed: bool) -> None:
    """Subscribe the address of a customer, or end its subscription; an address that it had before keeps its own."""
    address = customer.known.email.lower()
    subscription = shop.subscriptions.get(address)
    change = "UPDATED" if subscription else "CREATED"
    if subscription is None:
        country = customer.known.home.country
        subscription = Subscription(shop.number(), customer.known.email, at, subscribed, country)
        shop.subscriptions[address] = subscription
    subscription.active = subscribed
    shop.notices.post(
        "NewsletterSubscription", change, subscription.id, at, store_id=RETAIL_STORE, market=customer.known.market
    )


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    CustomerKnown: _known,
    NewsletterChanged: _newsletter_changed,
    CustomersMerged: _merged,
    CustomerErased: _erased,
}
