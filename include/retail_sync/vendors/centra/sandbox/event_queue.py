"""The event queue as GraphQL shows it to one integration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from retail_sync.vendors.centra.sandbox.finder import check_size
from retail_sync.vendors.centra.sandbox.nodes import Graph, Node
from retail_sync.vendors.centra.sandbox.notices import Listener, Notice
from retail_sync.vendors.centra.sandbox.settings import Token
from retail_sync.vendors.centra.sandbox.shop import Shop


class Queue:
    """The queue and the listeners of a token's integration.

    Args:
        shop: The books.
        graph: Makes their nodes.
        token: Who asks.
    """

    def __init__(self, shop: Shop, graph: Graph, token: Token) -> None:
        self._shop, self._graph, self._token = shop, graph, token

    def listeners(self) -> list[Node]:
        """The `EventListener` nodes."""
        return [_listener(one) for one in self._shop.notices.of(self._token.integration)]

    def waiting(self, **arguments: Any) -> list[Node]:
        """The `Event` nodes that are not confirmed, the oldest first.

        Raises:
            GraphQLError: The limit is out of range.
        """
        limit, store = arguments["limit"], self._token.store_id
        check_size("limit", limit)
        notices = self._shop.notices.waiting(self._token.integration, arguments.get("where") or {})
        return [self._event(one) for one in notices if store in (None, one.store_id)][:limit]

    def _event(self, notice: Notice) -> Node:
        graph, market = self._graph, notice.market
        return {
            "id": notice.id,
            "objectType": notice.object_type,
            "changeType": notice.change_type,
            "objectReference": notice.reference,
            "createdAt": notice.at,
            "store": graph.store(notice.store_id),
            "market": lambda: graph.market(market) if market else None,
            "object": lambda: self._target(notice),
        }

    def _target(self, notice: Notice) -> Node | None:
        """The object as it is now, not as it was when the event was queued."""
        rows, node = self._kinds()[notice.object_type]
        found = rows.get(notice.reference if notice.object_type == "Order" else int(notice.reference))
        return node(found) if found is not None else None

    def _kinds(self) -> dict[str, tuple[Mapping[Any, Any], Callable[[Any], Node]]]:
        shop, graph = self._shop, self._graph
        return {
            "Order": (shop.orders_by_id, graph.order),
            "Customer": (shop.customers, graph.customer),
            "Shipment": (shop.shipments, graph.shipment),
            "Return": (shop.returns, graph.made_return),
            "Product": (shop.products, graph.product),
            "ProductSize": (shop.sizes, graph.size),
            "PaymentHistoryEntry": (shop.payments, graph.payment),
            "NewsletterSubscription": ({one.id: one for one in shop.subscriptions.values()}, graph.subscription),
        }


def _listener(listener: Listener) -> Node:
    return {
        "integrationName": listener.integration,
        "objectType": listener.object_type,
        "changeTypes": listener.change_types,
        "createdAt": listener.created_at,
        "updatedAt": listener.updated_at,
    }
