"""Centra's answers, written by hand: the smallest node of each sort, to be changed by the test that needs it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from retail_sync.model.reading import Page
from retail_sync.vendors.carriers import Carriers, read
from retail_sync.vendors.centra.customers import Customers
from retail_sync.vendors.centra.envelope import opened
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.orders import Orders
from retail_sync.vendors.centra.paging import Answered
from retail_sync.vendors.centra.payloads import OrderNode, ReturnNode
from retail_sync.vendors.centra.products import Products
from retail_sync.vendors.centra.reading import Reader
from retail_sync.vendors.centra.returns import Returns
from retail_sync.vendors.centra.shop_payloads import CustomerNode, ProductNode

READ_AT = datetime(2026, 5, 1, tzinfo=UTC)
Json = dict[str, Any]


def money(value: float | str) -> Json:
    return {"value": value}


def address(**fields: Any) -> Json:
    return {
        "firstName": "Åsa",
        "lastName": "Berg",
        "address1": "Storgatan 1",
        "address2": "",
        "zipCode": "111 22",
        "city": "Stockholm",
        "email": "asa@mail.test",
        "phoneNumber": "+46701234567",
        "country": {"code": "SE"},
    } | fields


def line(key: int = 1, **fields: Any) -> Json:
    return {
        "__typename": "ProductOrderLine",
        "id": key,
        "productName": "Shirt",
        "productVariantName": "Blue",
        "productNumber": "P1",
        "size": "M",
        "quantity": 2,
        "cancelledQuantity": 0,
        "unitPrice": money(299.5),
        "unitOriginalPrice": money(399.0),
        "lineValue": money(599.0),
        "product": {"id": 7},
        "productSize": {"id": 71, "SKU": "P1BM"},
        "collection": {"name": "Autumn"},
    } | fields


def payment(key: int = 1, kind: str = "CAPTURE", value: float = 648.0, **fields: Any) -> Json:
    return {
        "id": key,
        "createdAt": "2026-03-01T10:00:00+01:00",
        "status": "SUCCESS",
        "entryType": kind,
        "value": money(value),
    } | fields


def shipment(key: int = 5, **fields: Any) -> Json:
    return {
        "id": key,
        "number": "1001-1",
        "isShipped": True,
        "shippedAt": "2026-03-02T10:00:00+01:00",
        "trackingNumber": "00370726",
        "carrierInformation": {"carrierName": "PostNord", "serviceName": "MyPack"},
        "lines": [{"quantity": 2, "orderLine": {"id": 1}}],
    } | fields


def order(number: int = 1001, **fields: Any) -> Json:
    return {
        "__typename": "DirectToConsumerOrder",
        "id": f"{number:032x}",
        "number": number,
        "status": "SHIPPED",
        "createdAt": "2026-03-01T10:00:00+01:00",
        "updatedAt": "2026-03-02T10:00:00+01:00",
        "orderDate": "2026-03-01T10:00:00+01:00",
        "isOnHold": False,
        "currencyBaseRate": 1.0,
        "store": {"name": "Main", "type": "DIRECT_TO_CONSUMER"},
        "market": {"name": "Sweden"},
        "affiliate": None,
        "paymentMethod": {"name": "klarna"},
        "grandTotal": {"value": 648.0, "currency": {"code": "SEK"}},
        "totals": {
            "shipping": money(49.0),
            "handling": money(0),
            "taxAdded": money(0),
            "taxIncluded": money(129.6),
            "shippingTaxIncluded": money(9.8),
        },
        "discountsApplied": [],
        "lines": [line()],
        "shippingAddress": address(),
        "billingAddress": address(),
        "paymentHistory": [payment()],
        "shipments": [shipment()],
        "attributes": [],
        "customer": {"id": 5, "email": "customer@post.test"},
    } | fields


def refund_of_return(**fields: Any) -> Json:
    return {
        "id": 31,
        "createdAt": "2026-03-09T12:00:00+01:00",
        "returnStatus": "COMPLETED",
        "grandTotal": {"value": 299.5, "currency": {"code": "SEK"}},
        "lines": [{"id": 310, "quantity": 1, "lineValue": money(299.5), "orderLine": {"id": 1}}],
        "refundPaymentHistory": [payment(9, "REFUND", -299.5)],
        "customer": {"id": 5},
        "order": {"id": "a" * 32, "number": 1001},
    } | fields


def customer(key: int = 5, **fields: Any) -> Json:
    return {
        "id": key,
        "email": "Asa@Mail.test",
        "firstName": "Åsa",
        "lastName": "Berg",
        "createdAt": "2025-01-01T10:00:00+01:00",
        "updatedAt": "2026-03-01T10:00:00+01:00",
        "newsletter": True,
        "registered": True,
        "birthdate": "1990-02-03",
        "billingAddress": address(),
        "market": {"name": "Sweden"},
        "attributes": [],
    } | fields


def product(**fields: Any) -> Json:
    return {
        "id": 7,
        "name": "Shirt",
        "status": "ACTIVE",
        "productNumber": "P1",
        "updatedAt": "2026-01-01T00:00:00+01:00",
        "brand": {"name": "House"},
        "collection": {"name": "Autumn"},
        "displays": [],
        "variants": [
            {
                "id": 70,
                "name": "Blue",
                "updatedAt": "2026-02-01T00:00:00+01:00",
                "productSizes": [
                    {
                        "id": 71,
                        "description": "M",
                        "SKU": "P1BM",
                        "preorder": False,
                        "stockTotals": {"availableQuantity": 4},
                    }
                ],
            }
        ],
    } | fields


def read_orders(nodes: Sequence[Any], settings: Settings | None = None) -> Page:
    """The canonical page of these nodes, through bytes as they come over the wire.

    A surrogate such as `\\udce9` in a text becomes the byte that it stands for.
    """
    reader: Reader[OrderNode] = Reader(OrderNode, Orders(settings or Settings(), Carriers(read())))
    edges = [{"cursor": str(place), "node": node} for place, node in enumerate(nodes)]
    body = {"page": {"totalCount": len(nodes), "pageInfo": {"hasNextPage": False, "endCursor": None}, "edges": edges}}
    sent = json.dumps({"data": body}, ensure_ascii=False).encode(errors="surrogateescape")
    data = opened(sent, reader.connection, "orderConnection").data
    assert data is not None
    return reader.page(Answered([edge.node for edge in data.page.edges], READ_AT), "window")


def read_list(sort: str, nodes: Sequence[Any], settings: Settings | None = None) -> Page:
    """The canonical page of these nodes of a stream that is a plain list."""
    chosen = settings or Settings()
    readers: dict[str, Reader[Any]] = {
        "returns": Reader(ReturnNode, Returns(chosen)),
        "customers": Reader(CustomerNode, Customers(chosen)),
        "products": Reader(ProductNode, Products(chosen)),
    }
    reader = readers[sort]
    data = opened(json.dumps({"data": {"page": nodes}}).encode(), reader.list, sort).data
    assert data is not None
    return reader.page(Answered(data.page, READ_AT), "window")
