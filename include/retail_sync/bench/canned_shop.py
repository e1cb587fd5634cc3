"""A shop that answers as Centra does, from one page of orders that was rendered beforehand.

The page holds its own number in every key, in places of fixed width, so that making another page of it is one search
and replace: a million orders that are all different cost the server next to nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .canned import BOOKS, Answer, Answerer, Ask

_AFTER = re.compile(rb'"after":\s*"(\d+)-')
_SIZE = re.compile(rb'"first":\s*(\d+)')
#: Stands for the page's number in the rendered page.
_NUMBER = b"9999999"
_PLENTY = 1e9


def build(orders: int = 0) -> Answerer:
    """Answer like a shop with so many orders, and with nothing else."""
    pages: dict[int, bytes] = {}
    served = 0

    def answer(ask: Ask) -> Answer:
        nonlocal served
        if ask.path == BOOKS:
            return _json({"requests": served})
        served += 1
        if b"rateLimits" in ask.body:
            return _json({"data": {"rateLimits": [_limit("REQUEST_COUNT"), _limit("QUERY_COMPLEXITY")]}})
        if b"query Schema" in ask.body:
            return _json({"data": {}})
        if b"orderConnection" not in ask.body:
            return _json({"data": {"page": []}})
        if b"query OrderCount" in ask.body or not orders:
            return _json({"data": {"page": _connection(orders, [], more=False)}})
        return Answer(_page(ask.body, orders, pages))

    return answer


def _page(body: bytes, orders: int, pages: dict[int, bytes]) -> bytes:
    size = int(found[1]) if (found := _SIZE.search(body)) else 100
    number = int(found[1]) + 1 if (found := _AFTER.search(body)) else 0
    left = orders - number * size
    if left <= size:
        return _rendered(orders, left, more=False).replace(_NUMBER, b"%07d" % number)
    if size not in pages:
        pages[size] = _rendered(orders, size, more=True)
    return pages[size].replace(_NUMBER, b"%07d" % number)


def _rendered(orders: int, size: int, *, more: bool) -> bytes:
    number = _NUMBER.decode()
    edges = [{"cursor": f"{number}-{place}", "node": order(number, place)} for place in range(size)]
    answer = {"data": {"page": _connection(orders, edges, more=more)}, "extensions": {"complexity": 1}}
    return json.dumps(answer, separators=(",", ":")).encode()


def _connection(orders: int, edges: list[dict[str, Any]], *, more: bool) -> dict[str, Any]:
    end = edges[-1]["cursor"] if edges else None
    return {"totalCount": orders, "pageInfo": {"hasNextPage": more, "endCursor": end}, "edges": edges}


def order(page: str, place: int) -> dict[str, Any]:
    """A small order as Centra tells it: two lines and a parcel, about 0.8 kB."""
    minute = f"{place // 60 % 24:02}:{place % 60:02}"
    first, second = 149 + place % 50, 299
    return {
        "id": f"{page}{place:03}",
        "number": int(f"1{page}{place:03}"),
        "status": "SHIPPED",
        "createdAt": f"2026-03-01T{minute}:00+01:00",
        "updatedAt": f"2026-03-02T{minute}:00+01:00",
        "currencyBaseRate": 1.0,
        "store": {"type": "DIRECT_TO_CONSUMER"},
        "market": {"name": "Sweden"},
        "grandTotal": {"value": first + second, "currency": {"code": "SEK"}},
        "customer": {"id": 5, "email": f"buyer{page}{place:03}@mail.test"},
        "lines": [_line(1, first), _line(2, second)],
        "shipments": [
            {
                "id": 1,
                "number": f"{place}-1",
                "isShipped": True,
                "shippedAt": "2026-03-02T10:00:00+01:00",
                "trackingNumber": f"0037{page}{place:03}",
                "carrierInformation": {"carrierName": "PostNord"},
                "lines": [{"quantity": 1, "orderLine": {"id": 1}}],
            }
        ],
    }


def _line(key: int, price: int) -> dict[str, Any]:
    money = {"value": price}
    return {
        "id": key,
        "productName": "Shirt",
        "quantity": 1,
        "unitPrice": money,
        "lineValue": money,
        "product": {"id": 7},
        "productSize": {"id": 70 + key, "SKU": f"P{key}M"},
    }


def _limit(sort: str) -> dict[str, Any]:
    return {"type": sort, "intervalSeconds": "TEN_SECONDS", "quota": _PLENTY}


def _json(content: Any) -> Answer:
    return Answer(json.dumps(content).encode())
