"""Nodes of customers and newsletter subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retail_sync.vendors.centra.sandbox.nodes.node import Node
from retail_sync.vendors.centra.sandbox.records import RETAIL_STORE, Customer, Subscription

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.nodes.graph import Graph


def customer_node(graph: Graph, customer: Customer) -> Node:
    """A `Customer`, with its two flags under the names of the settings."""
    known, settings = customer.known, graph.shop.settings
    orders = graph.shop.orders_of.get(customer.id, [])
    node: Node = {
        "__typename": "Customer",
        "id": customer.id,
        "status": customer.status,
        "email": known.email,
        "firstName": known.first_name,
        "lastName": known.last_name,
        "cellPhoneNumber": known.home.phone,
        "phoneNumber": known.home.phone,
        "createdAt": customer.created_at,
        "updatedAt": customer.updated_at,
        "lastLoginAt": None,
        "totalOrders": len(orders),
        "billingAddress": lambda: graph.address(known.home, known.first_name, known.last_name, known.email),
        "store": graph.store(RETAIL_STORE),
        "market": lambda: graph.market(known.market),
        "birthdate": _birthdate(customer),
        "gender": customer.gender,
        "attributes": _none,
        "lastOrder": lambda: graph.order(orders[-1]) if orders else None,
        settings.newsletter_field: customer.newsletter,
        settings.registered_field: known.registered,
    }
    if settings.shows_anonymised:
        node["isAnonymized"] = customer.anonymised
    return node


def subscription_node(graph: Graph, subscription: Subscription) -> Node:
    """A `NewsletterSubscription`."""
    size = graph.shop.sizes.get(subscription.variant_id) if subscription.variant_id else None
    return {
        "__typename": "NewsletterSubscription",
        "id": subscription.id,
        "email": subscription.email,
        "isActive": subscription.active,
        "createdAt": subscription.created_at,
        "country": lambda: graph.country(subscription.country),
        "productSize": lambda: graph.size(size) if size else None,
        "productVariant": lambda: graph.variant(size.variant) if size else None,
        "store": graph.store(RETAIL_STORE),
    }


def _birthdate(customer: Customer) -> Any:
    return lambda **_: customer.birthdate


def _none(**_: Any) -> list[Node]:
    return []
