"""Nodes of shipments and returns."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.centra.sandbox.nodes.node import Node, Read, money, without_tax
from retail_sync.vendors.centra.sandbox.records import (
    RETAIL_STORE,
    Order,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.nodes.graph import Graph


def shipment_node(graph: Graph, shipment: Shipment) -> Node:
    """A `DirectToConsumerShipment` or a `WholesaleShipment`; carrier and tracking only once it is completed."""
    order, placed = shipment.order, shipment.order.placed
    shipped = shipment.shipped_at is not None
    amount = _amounts(graph, order)
    return {
        "__typename": _typename(order, "Shipment"),
        "id": shipment.id,
        "number": shipment.number,
        "createdAt": shipment.created_at,
        "updatedAt": shipment.updated_at,
        "isGoodToGo": True,
        "isPrinted": shipped,
        "isShipped": shipped,
        "isOnHold": False,
        "trackingNumber": shipment.tracking_number,
        "returnTrackingNumber": None,
        "numberOfPackages": 1,
        "internalShippingCost": None,
        "grandTotal": amount(shipment.value),
        "additionalMessage": "",
        "shippedAt": shipment.shipped_at,
        "isPaid": order.captured_at is not None,
        "paidAt": order.captured_at,
        "isCaptured": order.captured_at is not None,
        "capturedAt": order.captured_at,
        "capturedValue": None if order.captured_at is None else amount(shipment.value),
        "currencyBaseRate": float(placed.rate),
        "usedFallbackTax": False,
        "carrierInformation": _carrier(shipment) if shipped else None,
        "discountsApplied": [],
        "lines": lambda: [_shipment_line(graph, order, line) for line in shipment.lines],
        "shippingAddress": lambda: graph.address(placed.ship_to, placed.first_name, placed.last_name, placed.email),
        "shipmentPlugin": None,
        "order": lambda: graph.order(order),
    }


def return_node(graph: Graph, made: Return) -> Node:
    """A `DirectToConsumerReturn` or a `WholesaleReturn`."""
    order, shipment = made.order, made.shipment
    amount = _amounts(graph, order)
    nothing = amount(Decimal(0))
    node: Node = {
        "__typename": _typename(order, "Return"),
        "id": made.id,
        "returnStatus": "COMPLETED" if made.completed else "PENDING",
        "createdAt": made.created_at,
        "totalQuantity": sum(line.quantity for line in made.lines),
        "grandTotal": amount(made.value),
        "returnedToStock": made.completed,
        "comment": "",
        "createdFrom": "Centra",
        "currencyBaseRate": float(order.placed.rate),
        "discountsApplied": [],
        "lines": lambda: [_return_line(graph, order, line) for line in made.lines],
        "store": graph.store(order.store_id),
        "totals": {"shipping": nothing, "handling": nothing, "returnCost": nothing, "discounts": nothing},
        "refundPaymentHistory": lambda: [graph.payment(payment) for payment in made.refunds],
        "usedFallbackTax": False,
        "externalId": None,
        "order": lambda: graph.order(order),
        "shipment": lambda: graph.shipment(shipment) if shipment else None,
    }
    if order.store_id == RETAIL_STORE:
        customer = graph.shop.customers.get(order.placed.customer_id)
        node["customer"] = lambda: graph.customer(customer) if customer else None
    return node


def _typename(order: Order, what: str) -> str:
    return f"{'DirectToConsumer' if order.store_id == RETAIL_STORE else 'Wholesale'}{what}"


def _amounts(graph: Graph, order: Order) -> Any:
    """Makes fields for amounts of an order, with tax unless it is asked for without."""
    placed = order.placed
    currency, rate = graph.currency(placed.currency), float(placed.rate)

    def field(amount: Decimal) -> Read:
        def read(**arguments: Any) -> Node:
            taxed = arguments.get("includingTax", True)
            return money(amount if taxed else without_tax(amount, placed.tax_percent), currency, rate)

        return read

    return field


def _carrier(shipment: Shipment) -> Node:
    return {
        "carrierName": shipment.carrier,
        "serviceName": shipment.service,
        "accountIdentifier": None,
        "taxId": None,
    }


def _shipment_line(graph: Graph, order: Order, line: ShipmentLine) -> Node:
    return {
        "id": line.id,
        "quantity": line.quantity,
        "lineValue": _amounts(graph, order)(line.quantity * line.line.spec.unit_price),
        "orderLine": lambda: graph.line(order, line.line),
    }


def _return_line(graph: Graph, order: Order, line: ReturnLine) -> Node:
    amount, carried = _amounts(graph, order), line.shipment_line
    return {
        "id": line.id,
        "quantity": line.quantity,
        "lineValue": amount(line.quantity * line.unit_price),
        "unitPrice": amount(line.unit_price),
        "orderLine": lambda: graph.line(order, line.line),
        "shipmentLine": lambda: _shipment_line(graph, order, carried) if carried else None,
    }
