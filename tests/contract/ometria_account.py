"""An Ometria sandbox as tests call it: over HTTP, with the key of its account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

import requests

from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.vendors.ometria.sandbox import build

KEY = "0123456789abcdef0123456789abcdef"
SHOP = "shop"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
IN, OUT, UNSAID = "EXPLICITLY_OPTEDIN", "EXPLICITLY_OPTEDOUT", "NOT_SPECIFIED"
#: Nobody waits for the account's allowances unless a test is about them, nor for the queue.
QUICK = {
    "push_per_second": 10_000,
    "data_per_second": 10_000,
    "merges_per_minute": 10_000,
    "erasures_per_minute": 10_000,
    "validate_seconds": 0,
    "erasure_seconds": 0,
}


class Answer(NamedTuple):
    """Status, decoded body and headers of an answer."""

    status: int
    body: Any
    headers: Any


class Caller:
    """Calls one account with its key; `control` steers the sandbox itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.session = requests.Session()
        self.session.headers["X-Ometria-Auth"] = KEY

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """One request; gives whatever comes back."""
        answer = self.session.request(method, f"{self.url}/v2{path}", json=body, params=query, timeout=10)
        return Answer(answer.status_code, answer.json() if answer.content else None, answer.headers)

    def done(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request that must succeed; gives its body."""
        answer = self.call(method, path, body, **query)
        assert answer.status == 200, answer.body
        return answer.body

    def get(self, path: str, **query: Any) -> Any:
        """What stands at a path."""
        return self.done("GET", path, **query)

    def push(self, *records: dict[str, Any]) -> Any:
        """Push records; gives the answer, which says that all were accepted."""
        answer = self.done("POST", "/push", list(records))
        assert (answer["status"], answer["accepted"]) == ("OK", len(records))
        return answer

    def errors(self) -> list[Any]:
        """What failed of late, the newest first."""
        listed: list[Any] = self.get("/push/_errors")
        return listed

    def stored(self, *records: dict[str, Any]) -> None:
        """Push records of which none may fail, those of each type by themselves."""
        for _, some in groupby(records, key=lambda record: record["@type"]):
            self.push(*some)
        assert self.errors() == []

    def profile(self, email: str) -> Any:
        """The only profile of an address."""
        (found,) = self.get("/profiles", email=email)
        return found

    def close(self) -> None:
        """Close the connections."""
        self.session.close()
        self.control.close()


@contextmanager
def account(**settings: Any) -> Iterator[Caller]:
    """A fresh sandbox with these settings; where they say nothing it is a quick one."""
    with running(build(QUICK | settings)) as url:
        caller = Caller(url)
        yield caller
        assert caller.control.log()["crashed"] == []
        caller.close()


def contact(
    key: str = "1", email: str | None = "ann@mail.test", collection: str = SHOP, **fields: Any
) -> dict[str, Any]:
    """A listing, whose customer is named as it is itself unless another or None is given."""
    record = {"@type": "contact", "@collection": collection, "id": key, "email": email, "customer_id": key, **fields}
    return {name: value for name, value in record.items() if value is not None}


def order(key: str = "100", customer: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An order of two lines."""
    lines = [
        {"product_id": "p1", "variant_id": "v1", "quantity": 2, "unit_price": 50.10},
        {"product_id": "p2", "variant_id": "v2", "quantity": 1, "unit_price": 20.00},
    ]
    return {
        "@type": "order",
        "id": key,
        "timestamp": "2026-02-01T10:00:00+00:00",
        "grand_total": 125.20,
        "shipping": 5.00,
        "currency": "SEK",
        "status": "complete",
        "is_valid": True,
        "customer": customer if customer is not None else {"id": "1", "email": "ann@mail.test"},
        "lineitems": lines,
        **fields,
    }


def product(key: str = "p1", **fields: Any) -> dict[str, Any]:
    """A product with one listing."""
    offer = {"store": "SEK", "currency": "SEK", "title": "Coat", "price": 499}
    return {"@type": "product", "id": key, "title": "Coat", "is_active": True, "listings": [offer], **fields}


def event(key: str = "e1", **fields: Any) -> dict[str, Any]:
    """A shipment that is told of."""
    about: dict[str, Any] = {"event_type": "order_shipped", "identity_email": "ann@mail.test", "properties": {"n": 1}}
    return {"@type": "custom_event", "id": key, "timestamp": "2026-02-02T08:00:00+00:00", **about, **fields}
