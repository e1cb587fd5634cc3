"""Nodes of order lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.centra.sandbox.nodes.node import Node, Read, money, without_tax
from retail_sync.vendors.centra.sandbox.records import Line, Order, Product

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.nodes.graph import Graph


def line_node(graph: Graph, order: Order, line: Line) -> Node:
    """A `ProductOrderLine` or a `GiftCertificateOrderLine`."""
    spec, placed, shop = line.spec, order.placed, graph.shop
    currency, rate = graph.currency(placed.currency), float(placed.rate)
    product, size = shop.products.get(spec.product_id), shop.sizes.get(spec.variant_id)

    def taxed(amount: Decimal) -> Read:
        def read(**arguments: Any) -> Node:
            wanted = amount if arguments["includingTax"] else without_tax(amount, placed.tax_percent)
            return money(wanted, currency, rate)

        return read

    node: Node = {
        "__typename": "GiftCertificateOrderLine" if spec.gift_card else "ProductOrderLine",
        "id": spec.line_id,
        "size": size.spec.size if size else "",
        "productNumber": product.listed.number if product else spec.sku,
        "hasAnyDiscount": spec.unit_price < spec.list_price,
        "comment": "",
        "productName": spec.name,
        "productBrand": product.listed.brand if product else None,
        "productVariantName": size.variant.name if size else None,
        "folderName": None,
        "productExternalUrl": None,
        "frontendItemId": None,
        "quantity": line.quantity,
        "cancelledQuantity": line.cancelled,
        "returnedQuantity": line.returned,
        "unitOriginalPrice": taxed(spec.list_price),
        "unitPrice": taxed(spec.unit_price),
        "discountPercent": lambda: _discount_percent(spec.unit_price, spec.list_price),
        "taxPercent": float(placed.tax_percent),
        "lineValue": taxed(line.value),
        "lineCampaign": lambda: graph.named(shop.campaigns[spec.campaign]) if spec.campaign else None,
        "product": lambda: graph.product(product) if product else None,
        "productVariant": lambda: graph.variant(size.variant) if size else None,
        "productSize": lambda: graph.size(size) if size else None,
    }
    if not spec.gift_card:
        node.update(_ranges(graph, product))
    return node


def _ranges(graph: Graph, product: Product | None) -> Node:
    """The brand and the collection of what the line sold; unknown where the product is."""
    if product is None:
        return {"brand": None, "category": None, "collection": None}
    listed = product.listed
    return {
        "brand": lambda: graph.named(graph.shop.brands[listed.brand]) if listed.brand else None,
        "category": None,
        "collection": lambda: graph.named(graph.shop.collections[listed.collection]) if listed.collection else None,
    }


def _discount_percent(price: Decimal, full: Decimal) -> float:
    return float(round((1 - price / full) * 100, 2)) if full else 0.0
