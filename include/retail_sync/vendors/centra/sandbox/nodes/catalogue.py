"""Nodes of products, their colours and sizes, and of displays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.centra.sandbox.finder import page_of, select
from retail_sync.vendors.centra.sandbox.nodes.node import Node, Read, slug
from retail_sync.vendors.centra.sandbox.records import RETAIL_STORE, Product, Size, Variant
from retail_sync.vendors.centra.sandbox.tables import DISPLAYS

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.nodes.graph import Graph


def product_node(graph: Graph, product: Product) -> Node:
    """A `Product`."""
    listed, shop = product.listed, graph.shop
    return {
        "__typename": "Product",
        "id": product.id,
        "name": listed.name,
        "status": "ACTIVE" if listed.active else "INACTIVE",
        "productNumber": listed.number,
        "harmonizedCommodityCode": None,
        "isBundle": False,
        "createdAt": product.created_at,
        "updatedAt": product.updated_at,
        "brand": lambda: graph.named(shop.brands[listed.brand]) if listed.brand else None,
        "collection": lambda: graph.named(shop.collections[listed.collection]) if listed.collection else None,
        "variants": lambda: [graph.variant(variant) for variant in product.variants],
        "displays": _displays(graph, product.variants),
    }


def variant_node(graph: Graph, variant: Variant) -> Node:
    """A `ProductVariant`: a colour."""
    return {
        "__typename": "ProductVariant",
        "id": variant.id,
        "name": variant.name,
        "status": "ACTIVE" if variant.product.listed.active else "INACTIVE",
        "variantNumber": variant.number,
        "internalName": variant.name,
        "unitCost": None,
        "updatedAt": variant.product.updated_at,
        "product": lambda: graph.product(variant.product),
        "productSizes": lambda: [graph.size(size) for size in variant.sizes],
        "displays": _displays(graph, [variant]),
    }


def size_node(graph: Graph, size: Size) -> Node:
    """A `ProductSize`: what has a SKU and stock."""
    return {
        "__typename": "ProductSize",
        "id": size.spec.variant_id,
        "description": size.spec.size,
        "sizeNumber": size.number,
        "SKU": size.spec.sku,
        "EAN": None,
        "UPC": None,
        "preorder": False,
        "stockTotals": lambda: _stock(size.stock),
        "updatedAt": size.updated_at,
        "productVariant": lambda: graph.variant(size.variant),
    }


def display_node(graph: Graph, variant: Variant) -> Node:
    """A `Display`: where a colour is sold, with its prices and its picture."""
    listed = variant.product.listed
    return {
        "__typename": "Display",
        "id": variant.display_id,
        "name": listed.name,
        "status": "ACTIVE" if listed.active else "INACTIVE",
        "uri": lambda: slug(f"{listed.name} {variant.name}"),
        "description": None,
        "shortDescription": None,
        "tags": [],
        "updatedAt": variant.product.updated_at,
        "categories": [],
        "canonicalCategory": None,
        "displayItems": lambda: [_display_item(graph, variant)],
        "markets": [],
        "media": _media(listed.image_url),
        "prices": lambda: [graph.price(code, amount) for code, amount in variant.prices.items()],
        "product": lambda: graph.product(variant.product),
        "productVariants": lambda: [graph.variant(variant)],
        "store": graph.store(RETAIL_STORE),
    }


def _display_item(graph: Graph, variant: Variant) -> Node:
    return {
        "id": variant.display_id,
        "productVariant": lambda: graph.variant(variant),
        "productSizes": lambda: [graph.size(size) for size in variant.sizes],
    }


def _displays(graph: Graph, sold: Sequence[Variant]) -> Read:
    def read(**arguments: Any) -> list[Node]:
        found = select(DISPLAYS, sold, arguments.get("where"), arguments["sort"] or ())
        return [graph.display(one) for one in page_of(found, arguments["limit"], arguments["page"])]

    return read


def _media(url: str | None) -> list[Node]:
    if url is None:
        return []
    return [{"source": lambda **_: {"type": "image", "url": url}}]


def _stock(quantity: int) -> Node:
    return {
        "availableQuantity": quantity,
        "physicalQuantity": quantity,
        "demandQuantity": 0,
        "allocatedQuantity": 0,
        "unshippedQuantity": 0,
        "onDeliveryQuantity": 0,
        "linkedIncomingQuantity": 0,
        "unlinkedIncomingQuantity": 0,
    }
