"""The account's own books as plain JSON: what an independent check reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.member import Member
from retail_sync.vendors.mailchimp.sandbox.products import view as view_product
from retail_sync.vendors.mailchimp.sandbox.schema import Json
from retail_sync.vendors.mailchimp.sandbox.store import Store

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account


def books(account: Account) -> Json:
    """Lists with their members and consent history, stores with all that is in them, mails, automations, counts.

    Returns:
        `lists` and `stores` by id; within, members are a list, customers, products, orders and carts are by id.
    """
    return {
        "lists": {audience.id: _audience(audience) for audience in account.audiences.values()},
        "stores": {store.id: _store(store) for store in account.stores.values()},
        "mails": account.mails.sent,
        "mails_not_sent": account.mails.kept_back,
        "automations": account.automations.begun,
        "batches": {batch.id: batch.view("") for batch in account.batches.known.values()},
        "counts": {
            "members": sum(len(audience.members) for audience in account.audiences.values()),
            "customers": sum(len(store.customers) for store in account.stores.values()),
            "products": sum(len(store.products) for store in account.stores.values()),
            "orders": sum(len(store.orders) for store in account.stores.values()),
            "carts": sum(len(store.carts) for store in account.stores.values()),
            "mails": len(account.mails.sent),
        },
    }


def _audience(audience: Audience) -> Json:
    return {
        "name": audience.about["name"],
        "double_optin": audience.about["double_optin"],
        "merge_fields": {field.tag: field.type for field in audience.merge_fields.values()},
        "members": [_member(member) for member in audience.members.values()],
        "forgotten": audience.forgotten,
    }


def _member(member: Member) -> Json:
    profile = member.profile
    return {
        "id": profile.id,
        "email_address": profile.email_address,
        "contact_id": profile.contact_id,
        "status": profile.status,
        "created_as": member.history[0].status,
        "left": member.latched,
        "last_changed": profile.last_changed,
        "timestamp_opt": profile.timestamp_opt,
        "ip_opt": profile.ip_opt,
        "source": profile.source,
        "merge_fields": profile.merge_fields,
        "tags": list(member.tags),
        "vip": profile.vip,
        "language": profile.language,
        "ecommerce": profile.stats.ecommerce_data,
        "events": [event._asdict() for event in member.events],
        "history": [change._asdict() for change in member.history],
    }


def _store(store: Store) -> Json:
    return {
        "list_id": store.about["list_id"],
        "name": store.about["name"],
        "currency_code": store.about["currency_code"],
        "is_syncing": store.about["is_syncing"],
        "customers": store.customers,
        "products": {key: view_product(product) for key, product in store.products.items()},
        "orders": {key: store.show_sale(order) for key, order in store.orders.items()},
        "carts": {key: store.show_sale(cart) for key, cart in store.carts.items()},
    }
