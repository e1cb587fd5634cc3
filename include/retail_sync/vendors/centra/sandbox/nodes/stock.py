"""Nodes of changes of stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.centra.sandbox.nodes.node import Node
from retail_sync.vendors.centra.sandbox.records import StockChange

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.nodes.graph import Graph


def stock_change_node(graph: Graph, change: StockChange) -> Node:
    """A `StockChange`; it leads nowhere once what it was about has left the catalogue."""
    size = graph.shop.sizes.get(change.variant_id)
    return {
        "__typename": "StockChange",
        "id": change.id,
        "createdAt": change.at,
        "productSize": lambda: graph.size(size) if size else None,
    }
