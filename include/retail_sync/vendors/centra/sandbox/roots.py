"""The root fields of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from retail_sync.vendors.centra.sandbox.connections import Order as ConnectionOrder
from retail_sync.vendors.centra.sandbox.connections import connection
from retail_sync.vendors.centra.sandbox.event_queue import Queue
from retail_sync.vendors.centra.sandbox.finder import Memory, page_of
from retail_sync.vendors.centra.sandbox.nodes import Graph, Node
from retail_sync.vendors.centra.sandbox.quotas import Quotas
from retail_sync.vendors.centra.sandbox.records import RETAIL_STORE, WHOLESALE_STORE
from retail_sync.vendors.centra.sandbox.settings import Token
from retail_sync.vendors.centra.sandbox.shop import Shop
from retail_sync.vendors.centra.sandbox.tables import (
    CUSTOMERS,
    DISPLAYS,
    ORDERS,
    PAYMENTS,
    PRODUCTS,
    RETURNS,
    SHIPMENTS,
    STOCK_CHANGES,
    SUBSCRIPTIONS,
    Table,
)
from retail_sync.vendors.centra.sandbox.traps import Traps

MakeNode = Callable[[Any], Node]


class Roots:
    """Makes the root of a query for who asks.

    Args:
        shop: The books.
        graph: Makes their nodes.
        quotas: What is left of the limits.
        traps: What goes wrong on purpose.
    """

    def __init__(self, shop: Shop, graph: Graph, quotas: Quotas, traps: Traps) -> None:
        self._shop, self._graph, self._quotas, self._traps = shop, graph, quotas, traps
        self._memory = Memory()

    def of(self, token: Token) -> Node:
        """The root node for a token: fields by name, each a function of its arguments."""
        shop, graph = self._shop, self._graph
        orders, customers = (ORDERS, shop.orders, graph.order), (CUSTOMERS, shop.customers, graph.customer)
        displays, queue = (DISPLAYS, shop.displays, graph.display), Queue(shop, graph, token)
        return {
            "stores": lambda: [graph.store(number) for number in _stores(token)],
            "markets": lambda: [graph.market(name) for name in shop.markets],
            "counters": lambda: self._counters(token),
            "order": lambda id: self._order(token, id),  # noqa: A006, the vendor's name
            "orders": self._pages(token, "orders", *orders),
            "orderConnection": self._connection(token, "orderConnection", *orders),
            "customers": self._pages(token, "customers", *customers),
            "customerConnection": self._connection(token, "customerConnection", *customers),
            "orderPaymentHistory": self._pages(token, "orderPaymentHistory", PAYMENTS, shop.payments, graph.payment),
            "shipments": self._pages(token, "shipments", SHIPMENTS, shop.shipments, graph.shipment),
            "returns": self._pages(token, "returns", RETURNS, shop.returns, graph.made_return),
            "products": self._pages(token, "products", PRODUCTS, shop.products, graph.product),
            "displays": self._pages(token, "displays", *displays),
            "displayConnection": self._connection(token, "displayConnection", *displays),
            "stockChangeConnection": self._connection(
                token, "stockChangeConnection", STOCK_CHANGES, shop.stock_changes, graph.stock_change
            ),
            "newsletterSubscriptions": self._pages(
                token, "newsletterSubscriptions", SUBSCRIPTIONS, shop.subscriptions, graph.subscription
            ),
            "events": queue.waiting,
            "eventListeners": queue.listeners,
            "rateLimits": lambda **arguments: _chosen(self._quotas.as_nodes(), arguments.get("where") or {}),
        }

    def _find(self, token: Token, table: Table, rows: Mapping[Any, Any], arguments: Mapping[str, Any]) -> list[Any]:
        where, revision = arguments.get("where"), self._shop.revision
        candidates = _candidates(self._shop, table, rows, where)
        return self._memory.select(
            table, candidates, where, _sort(table, arguments), store=token.store_id, revision=revision
        )

    def _pages(
        self, token: Token, name: str, table: Table, rows: Mapping[Any, Any], node: MakeNode
    ) -> Callable[..., list[Node]]:
        def read(**arguments: Any) -> list[Node]:
            found, early = self._listed(token, name, table, rows, arguments)
            return [node(row) for row in page_of(found, arguments.get("limit"), arguments.get("page"), early=early)]

        return read

    def _connection(
        self, token: Token, name: str, table: Table, rows: Mapping[Any, Any], node: MakeNode
    ) -> Callable[..., Node]:
        def read(**arguments: Any) -> Node:
            found, early = self._listed(token, name, table, rows, arguments)
            order = ConnectionOrder(table, _sort(table, arguments))
            page = connection(found, order, node, arguments, early=early)
            if arguments.get("after") and self._traps.take("stuck_cursor", name):
                page["pageInfo"] |= {"hasNextPage": True, "endCursor": arguments["after"]}
            return page

        return read

    def _listed(
        self, token: Token, name: str, table: Table, rows: Mapping[Any, Any], arguments: Mapping[str, Any]
    ) -> tuple[list[Any], int]:
        """The rows that a page is cut from, and how many rows too early it is cut."""
        found = self._find(token, table, rows, arguments)
        if self._traps.before_page(name, found, table.key):
            found = self._find(token, table, rows, arguments)
        if self._traps.take("empty_page", name):
            return [], 0
        repeated = self._traps.take("repeated_rows", name)
        return found, repeated.options.get("rows", 1) if repeated else 0

    def _order(self, token: Token, order_id: str) -> Node | None:
        order = self._shop.orders_by_id.get(order_id)
        if order is None or token.store_id not in (None, order.store_id):
            return None
        return self._graph.order(order)

    def _counters(self, token: Token) -> Node:
        def count(table: Table, rows: Mapping[Any, Any]) -> Callable[..., int]:
            return lambda **arguments: len(self._find(token, table, rows, arguments))

        shop = self._shop
        return {
            "orders": count(ORDERS, shop.orders),
            "customers": count(CUSTOMERS, shop.customers),
            "products": count(PRODUCTS, shop.products),
        }


def _sort(table: Table, arguments: Mapping[str, Any]) -> list[str]:
    """The sort that is asked for; null and none at all are the newest first."""
    return arguments.get("sort") or [f"{next(iter(table.sorts))}_DESC"]


def _candidates(shop: Shop, table: Table, rows: Mapping[Any, Any], where: Mapping[str, Any] | None) -> Iterable[Any]:
    """The rows that a filter by key leaves, without looking at the others."""
    if not where or where.get("negate"):
        return rows.values()
    if table is RETURNS and where.get("orderNumber"):
        asked = (shop.orders[number] for number in dict.fromkeys(where["orderNumber"]) if number in shop.orders)
        return [made for order in asked for made in order.returns]
    keys = where.get("number" if table is ORDERS else "id")
    if keys is None or table is SUBSCRIPTIONS:
        return rows.values()
    return [rows[key] for key in dict.fromkeys(keys) if key in rows]


def _stores(token: Token) -> list[int]:
    return [number for number in (RETAIL_STORE, WHOLESALE_STORE) if token.store_id in (None, number)]


def _chosen(nodes: list[Node], where: Mapping[str, Any]) -> list[Node]:
    return [node for node in nodes if all(node[name] in wanted for name, wanted in where.items() if wanted)]
