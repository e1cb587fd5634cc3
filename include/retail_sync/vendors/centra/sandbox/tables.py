"""What can be filtered and sorted by, object by object: the arguments' names and where their values stand.

A filter argument that has no entry is of something that these books do not hold: it is None for every object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from retail_sync.vendors.centra.sandbox.records import (
    RETAIL_STORE,
    WAITING_FOR_PAYMENT,
    Customer,
    Order,
    Payment,
    Product,
    Return,
    Shipment,
    StockChange,
    Subscription,
    Variant,
)

Get = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """How objects of one kind are looked for.

    Attributes:
        fields: Filter argument to the value it is compared with.
        sorts: Sort field to the value it sorts by; `key` breaks ties.
        key: What tells one object from the other.
        store: The store it belongs to.
        text: What `search` looks into.
    """

    fields: Mapping[str, Get]
    sorts: Mapping[str, Get]
    key: Get
    store: Get
    text: Get = field(default=lambda _: "")


def _in_retail(_: Any) -> int:
    return RETAIL_STORE


def _order_text(order: Order) -> str:
    placed = order.placed
    return f"{order.number} {placed.email} {placed.first_name} {placed.last_name}"


def _customer_text(customer: Customer) -> str:
    known = customer.known
    return f"{known.email} {known.first_name} {known.last_name}"


def _refs(*names: str) -> dict[str, Get]:
    """Filter fields for what a record refers to by number."""

    def ref(name: str) -> Get:
        return lambda one: one.refs.get(name)

    return {name: ref(name) for name in names}


def _through_order(*names: str) -> dict[str, Get]:
    """Filter fields that shipments and returns have from their order."""

    def through(get: Get) -> Get:
        return lambda one: get(one.order)

    return {name: through(ORDERS.fields[name]) for name in names}


_order: dict[str, Callable[[Order], Any]] = {
    "id": lambda order: order.id,
    "number": lambda order: order.number,
    "status": lambda order: order.status,
    "createdAt": lambda order: order.placed.at,
    "updatedAt": lambda order: order.updated_at,
    "orderDate": lambda order: order.placed.at,
    "cancelDate": lambda order: order.cancelled_at,
    "customerId": lambda order: order.placed.customer_id,
    "storeId": lambda order: order.store_id,
    "storeType": lambda order: order.placed.store_type,
    "isLocked": lambda _: False,
    "isOnHold": lambda order: order.hold_reason is not None,
    "orderHoldReason": lambda order: order.hold_reason,
    "isWaitingForCheckFirstAllocation": lambda order: order.hold_reason == "WAITING_FOR_CHECK_FIRST_ALLOCATION",
    "isWaitingForPayment": lambda order: order.hold_reason == WAITING_FOR_PAYMENT,
    "isInternal": lambda _: False,
    "otherComment": lambda _: "",
}
ORDERS = Table(
    fields=_order | _refs("marketId", "currencyId", "pricelistId", "countryId", "affiliateId", "paymentMethodId"),
    sorts={"number": _order["number"], "orderDate": _order["orderDate"]},
    key=_order["number"],
    store=_order["storeId"],
    text=_order_text,
)

_customer: dict[str, Callable[[Customer], Any]] = {
    "id": lambda customer: customer.id,
    "status": lambda customer: customer.status,
    "email": lambda customer: customer.known.email,
    "firstName": lambda customer: customer.known.first_name,
    "lastName": lambda customer: customer.known.last_name,
    "gender": lambda customer: customer.gender,
    "cellPhoneNumber": lambda customer: customer.known.home.phone,
    "phoneNumber": lambda customer: customer.known.home.phone,
    "createdAt": lambda customer: customer.created_at,
    "updatedAt": lambda customer: customer.updated_at,
    "isAnonymized": lambda customer: customer.anonymised,
    "externalId": lambda customer: customer.external_id,
    "storeId": _in_retail,
}
CUSTOMERS = Table(
    fields=_customer | _refs("marketId", "countryId"),
    sorts={"id": _customer["id"]},
    key=_customer["id"],
    store=_in_retail,
    text=_customer_text,
)

_shipment: dict[str, Callable[[Shipment], Any]] = {
    "id": lambda shipment: shipment.id,
    "number": lambda shipment: shipment.number,
    "createdAt": lambda shipment: shipment.created_at,
    "updatedAt": lambda shipment: shipment.updated_at,
    "isGoodToGo": lambda _: True,
    "isPrinted": lambda shipment: shipment.shipped_at is not None,
    "isShipped": lambda shipment: shipment.shipped_at is not None,
    "shippedAt": lambda shipment: shipment.shipped_at,
    "isOnHold": lambda _: False,
    "isPaid": lambda shipment: shipment.order.captured_at is not None,
    "paidAt": lambda shipment: shipment.order.captured_at,
    "isCaptured": lambda shipment: shipment.order.captured_at is not None,
    "capturedAt": lambda shipment: shipment.order.captured_at,
    "trackingNumber": lambda shipment: shipment.tracking_number,
    "orderId": lambda shipment: shipment.order.id,
    "usedFallbackTax": lambda _: False,
}
SHIPMENTS = Table(
    fields=_shipment | _through_order("customerId", "storeId", "storeType", "currencyId", "countryId"),
    sorts={"id": _shipment["id"]},
    key=_shipment["id"],
    store=lambda shipment: shipment.order.store_id,
    text=_shipment["number"],
)

_return: dict[str, Callable[[Return], Any]] = {
    "id": lambda made: made.id,
    "returnStatus": lambda made: "COMPLETED" if made.completed else "PENDING",
    "createdAt": lambda made: made.created_at,
    "createdFrom": lambda _: "Centra",
    "orderId": lambda made: made.order.id,
    "orderNumber": lambda made: made.order.number,
    "shipmentId": lambda made: made.shipment.id if made.shipment else None,
    "shipmentNumber": lambda made: made.shipment.number if made.shipment else None,
    "usedFallbackTax": lambda _: False,
}
RETURNS = Table(
    fields=_return | _through_order("customerId", "storeId", "storeType", "currencyId", "countryId"),
    sorts={"id": _return["id"]},
    key=_return["id"],
    store=lambda made: made.order.store_id,
    text=lambda made: f"{made.id} {made.order.number}",
)

_payment: dict[str, Callable[[Payment], Any]] = {
    "id": lambda payment: payment.id,
    "createdAt": lambda payment: payment.at,
    "entryType": lambda payment: payment.entry_type,
    "orderId": lambda payment: payment.order.id,
    "orderNumber": lambda payment: payment.order.number,
}
PAYMENTS = Table(
    fields=_payment,
    sorts={"id": _payment["id"], "createdAt": _payment["createdAt"]},
    key=_payment["id"],
    store=lambda payment: payment.order.store_id,
)

_product: dict[str, Callable[[Product], Any]] = {
    "id": lambda product: product.id,
    "status": lambda product: "ACTIVE" if product.listed.active else "INACTIVE",
    "productNumber": lambda product: product.listed.number,
    "createdAt": lambda product: product.created_at,
    "updatedAt": lambda product: product.updated_at,
}
PRODUCTS = Table(
    fields=_product | _refs("brandId", "collectionId"),
    sorts={"id": _product["id"], "updatedAt": _product["updatedAt"]},
    key=_product["id"],
    store=_in_retail,
)

_display: dict[str, Callable[[Variant], Any]] = {
    "id": lambda variant: variant.display_id,
    "status": lambda variant: "ACTIVE" if variant.product.listed.active else "INACTIVE",
    "productId": lambda variant: variant.product.id,
    "storeId": _in_retail,
    "updatedAt": lambda variant: variant.product.updated_at,
}
DISPLAYS = Table(
    fields=_display,
    sorts={"id": _display["id"], "updatedAt": _display["updatedAt"]},
    key=_display["id"],
    store=_in_retail,
)

_stock_change: dict[str, Callable[[StockChange], Any]] = {
    "id": lambda change: change.id,
    "createdAt": lambda change: change.at,
}
STOCK_CHANGES = Table(
    fields=_stock_change, sorts={"id": _stock_change["id"]}, key=_stock_change["id"], store=_in_retail
)

_subscription: dict[str, Callable[[Subscription], Any]] = {
    "id": lambda one: one.id,
    "email": lambda one: one.email,
    "isActive": lambda one: one.active,
    "storeId": _in_retail,
}
SUBSCRIPTIONS = Table(
    fields=_subscription, sorts={"id": _subscription["id"]}, key=_subscription["id"], store=_in_retail
)
