"""Nodes of orders and of their payments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.centra.sandbox.nodes.node import Node, Read, money, without_tax
from retail_sync.vendors.centra.sandbox.records import RETAIL_STORE, WAITING_FOR_PAYMENT, Order, Payment

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.nodes.graph import Graph

_NOTHING = Decimal(0)


def order_node(graph: Graph, order: Order) -> Node:
    """A `DirectToConsumerOrder` or a `WholesaleOrder`."""
    placed = order.placed
    currency, rate = graph.currency(placed.currency), float(placed.rate)
    retail = order.store_id == RETAIL_STORE

    def address() -> Node:
        return graph.address(placed.ship_to, placed.first_name, placed.last_name, placed.email)

    def total(**arguments: Any) -> Node:
        taxed = arguments["includingTax"]
        return money(order.total if taxed else without_tax(order.total, placed.tax_percent), currency, rate)

    return {
        "__typename": "DirectToConsumerOrder" if retail else "WholesaleOrder",
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "grandTotal": total,
        "createdAt": placed.at,
        "updatedAt": order.updated_at,
        "orderDate": placed.at,
        "internalComment": _comment(graph, order),
        "otherComment": "",
        "currencyBaseRate": rate,
        "userIP": None,
        "attributes": _none,
        "billingAddress": address,
        "shippingAddress": address,
        "country": lambda: graph.country(placed.ship_to.country),
        "discountsApplied": lambda: _discounts(order, currency, rate),
        "lines": _lines(graph, order),
        "shipments": lambda: [graph.shipment(one) for one in order.shipments.values()],
        "store": graph.store(order.store_id),
        "market": lambda: graph.market(placed.market),
        "pricelist": lambda: graph.pricelist(placed.currency),
        "totals": lambda: _totals(order, currency, rate),
        "paymentMethod": lambda: _payment_method(graph, placed.payment_method),
        "paymentHistory": _payments(graph, order),
        "shippingPriceGroup": {"shippingOption": {"id": 1, "name": "Standard", "uri": "standard"}},
        "affiliate": lambda: graph.named(graph.shop.affiliates[placed.affiliate]) if placed.affiliate else None,
        "isOnHold": order.hold_reason is not None,
        "isLocked": False,
        "isWaitingForPayment": order.hold_reason == WAITING_FOR_PAYMENT,
        "isInternal": False,
        **(_retail_only(graph, order) if retail else _wholesale_only(order)),
    }


def payment_node(graph: Graph, payment: Payment) -> Node:
    """A `PaymentHistoryEntry`."""
    placed, made_for = payment.order.placed, payment.made_for
    return {
        "__typename": "PaymentHistoryEntry",
        "id": payment.id,
        "createdAt": payment.at,
        "status": "SUCCESS",
        "entryType": payment.entry_type,
        "externalReference": f"ref-{payment.id}",
        "paymentMethod": placed.payment_method,
        "value": lambda: money(payment.amount, graph.currency(placed.currency), float(placed.rate)),
        "paramsJSON": "{}",
        "source": "Centra",
        "currencyBaseRate": float(placed.rate),
        "order": lambda: graph.order(payment.order),
        "return": lambda: graph.made_return(made_for) if made_for else None,
        "storePlugin": lambda: _payment_method(graph, placed.payment_method),
        "externalId": None,
    }


def _retail_only(graph: Graph, order: Order) -> Node:
    customer = graph.shop.customers.get(order.placed.customer_id)
    return {"customer": lambda: graph.customer(customer) if customer else None, "orderHoldReason": order.hold_reason}


def _comment(graph: Graph, order: Order) -> str:
    original = order.placed.exchange_of
    return f"Exchange of order {original}" if original and graph.shop.settings.exchange_comment else ""


def _wholesale_only(order: Order) -> Node:
    return {"account": None, "buyer": None, "purchaseOrderNumber": f"PO-{order.number}"}


def _none(**_: Any) -> list[Node]:
    return []


def _lines(graph: Graph, order: Order) -> Read:
    """A line that is wholly cancelled is shown only to who asks for it."""

    def read(**arguments: Any) -> list[Node]:
        everything = arguments.get("includeFullyCancelled")
        return [graph.line(order, line) for line in order.lines.values() if line.quantity or everything]

    return read


def _payments(graph: Graph, order: Order) -> Read:
    def read(**arguments: Any) -> list[Node]:
        kinds = (arguments.get("where") or {}).get("entryType")
        return [graph.payment(one) for one in order.payments if kinds is None or one.entry_type in kinds]

    return read


def _discounts(order: Order, currency: Node, rate: float) -> list[Node]:
    placed = order.placed
    if not placed.discount:
        return []
    discount: Node = {"value": money(placed.discount, currency, rate), "date": placed.at}
    if placed.voucher is None:
        return [{"__typename": "AdminDiscount", **discount}]
    voucher = {"name": placed.voucher, "code": placed.voucher, "type": "CODE"}
    return [{"__typename": "AppliedVoucher", **discount, "voucher": voucher}]


def _totals(order: Order, currency: Node, rate: float) -> Node:
    placed = order.placed

    def amount(value: Decimal) -> Node:
        return money(value, currency, rate)

    def tax(value: Decimal) -> Node:
        return amount(value - without_tax(value, placed.tax_percent))

    return {
        "quantity": sum(line.quantity for line in order.lines.values()),
        "shipping": amount(placed.shipping),
        "handling": amount(_NOTHING),
        "taxAdded": amount(_NOTHING),
        "taxDeducted": amount(_NOTHING),
        "taxIncluded": tax(order.total),
        "discounts": amount(placed.discount),
        "shippingTaxIncluded": tax(placed.shipping),
        "lineValues": amount(order.lines_value),
    }


def _payment_method(graph: Graph, name: str) -> Node:
    method = graph.shop.payment_methods[name]
    return {"id": method.id, "status": "ACTIVE", "name": name, "uri": name, "plugin": name}
