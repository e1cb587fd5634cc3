"""The account's own books as plain JSON: what an independent check reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.ometria.sandbox.events import CustomEvent
from retail_sync.vendors.ometria.sandbox.orders import Order
from retail_sync.vendors.ometria.sandbox.profile import Listing, Profile
from retail_sync.vendors.ometria.sandbox.schema import Json

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account


def books(account: Account) -> Json:
    """Listings and profiles with their consent history, orders with their net value, products, events, mails.

    Returns:
        `contacts` is a list of listings; `profiles`, `orders`, `products` and `custom_events` are by id;
        `unsubscribes` holds also those that came by the API; `queue` tells what still waits and what failed.
    """
    people = account.people
    return {
        "contacts": [_listing(one) for one in people.listings.values()],
        "profiles": {one.id: _profile(one) for one in people.profiles.values()},
        "orders": {one.id: _order(one) for one in account.orders.values()},
        "products": {one.id: {**one.fields, "times": one.times} for one in account.products.values()},
        "custom_events": {one.id: _event(one) for one in account.events.known.values()},
        "mails": account.mails,
        "automations": people.automations,
        "unsubscribes": [one._asdict() for one in people.left],
        "merges": account.merges,
        "erasures": [one.view() for one in account.erasures.asked],
        "queue": {
            "waiting": len(account.queue),
            "failed": account.queue.failed,
            "errors": list(account.queue.errors),
            "lost": account.queue.lost,
        },
        "counts": {
            "contacts": len(people.listings),
            "profiles": len(people.profiles),
            "orders": len(account.orders),
            "products": len(account.products),
            "custom_events": len(account.events.known),
            "mails": len(account.mails),
        },
    }


def _listing(one: Listing) -> Json:
    return {
        "collection": one.collection,
        "id": one.id,
        "email": one.fields.get("email"),
        "customer_id": one.fields.get("customer_id"),
        "marketing_optin": one.said[-1].value if one.said else None,
        "profile_id": one.profile_id,
        "origin": one.origin,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "fields": one.fields,
        "history": [said._asdict() for said in one.said],
    }


def _profile(one: Profile) -> Json:
    return {
        "id": one.id,
        "email": one.email,
        "customer_id": one.customer_id,
        "emails": sorted(one.found_by.emails),
        "customer_ids": sorted(one.found_by.customer_ids),
        "marketing_optin": one.optin,
        "created_as": one.history[0].marketing_optin if one.history else None,
        "sms_optin": one.sms_optin,
        "bounced": one.bounced,
        "listings": [list(key) for key in one.listings],
        "orders": list(one.orders),
        "lists": sorted(one.lists),
        "said": [said._asdict() for said in one.said],
        "history": [change._asdict() for change in one.history],
        "stats": one.stats(),
    }


def _order(one: Order) -> Json:
    return {
        **one.fields,
        "profile_id": one.profile_id,
        "net_value": one.net_value,
        "net_value_base": one.net_value_base,
        "times": one.times,
        "statuses": one.statuses,
    }


def _event(one: CustomEvent) -> Json:
    return {**one.fields, "resolved_profile_id": one.profile_id, "times": one.times, "first_at": one.first_at}
