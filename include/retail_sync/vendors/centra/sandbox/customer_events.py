"""What happens to customers and to their newsletter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import CustomerKnown, NewsletterChanged, ShopEvent
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
    customer.known, customer.birthdate, customer.refs = event, event.birthdate, refs
    set_newsletter(shop, customer, event.at, subscribed=event.newsletter)
    announce(shop, customer, change, event.at)


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
    if customer.newsletter == subscribed:
        return
    customer.newsletter = subscribed
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
}
