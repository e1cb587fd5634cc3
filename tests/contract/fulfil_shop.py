"""A client of the Fulfil sandbox that knows only HTTP, and the events of a small merchant to look at through it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from fulfil_client.serialization import JSONEncoder  # type: ignore[import-untyped]

from retail_sync.sandbox.host import running
from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.world.events import (
    OrderConfirmed,
    OrderPlaced,
    Refunded,
    ReturnLineSpec,
    ReturnMade,
    ShopEvent,
)
from retail_sync.vendors.fulfil.sandbox import build

from .centra_shop import HOME, NOON, customer, goods, placed, product, shipped

__all__ = ["HOME", "NOON", "customer", "goods", "placed", "product", "shipped"]
KEY = "fulfil-sandbox-key"
LATER = NOON + timedelta(days=5)


class Client:
    """Calls models by method, as an integrator's own few lines of code would."""

    def __init__(self, url: str, app: SandboxApp, key: str = KEY) -> None:
        self.url, self.app, self.key = f"{url}/api/v2", app, key

    def send(self, method: str, path: str, **content: Any) -> requests.Response:
        headers = content.pop("headers", {"X-API-KEY": self.key})
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=30, **content)

    def put(self, model: str, method: str, body: Any, **context: Any) -> requests.Response:
        text = json.dumps(body, cls=JSONEncoder)
        return self.send("PUT", f"model/{model}/{method}", data=text, params={"context": json.dumps(context)})

    def call(self, model: str, method: str, *arguments: Any, **context: Any) -> Any:
        answer = self.put(model, method, list(arguments), **context)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, model: str, domain: Any = None, fields: Sequence[str] = (), **context: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(
            model, "search_read", domain or [], 0, 500, [["id", "ASC"]], list(fields), **context
        )
        return found

    def row(self, model: str, domain: Any = None, fields: Sequence[str] = (), **context: Any) -> dict[str, Any]:
        (row,) = self.rows(model, domain, fields, **context)
        return row

    def fault(self, name: str, **fields: Any) -> None:
        self.app.faults.add([{"fault": name, **fields}])


@contextmanager
def sandbox(events: Sequence[ShopEvent] = (), **settings: Any) -> Iterator[Client]:
    app = build(settings)
    app.clock.stand(NOON + timedelta(days=30))
    app.apply(events)
    with running(app) as url:
        yield Client(url, app)
        assert app.log.as_dict()["crashed"] == []


def money(value: dict[str, str]) -> Decimal:
    assert value["__class__"] == "Decimal"
    return Decimal(value["decimal"])


def moment(value: dict[str, Any] | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value["iso_string"])


def confirmed(number: int) -> OrderConfirmed:
    return OrderConfirmed(at=NOON + timedelta(hours=1), number=number)


def bought(number: int = 501, **changes: Any) -> list[ShopEvent]:
    """A product, a customer, and an order of two coats and one more that is confirmed."""
    placing: OrderPlaced = placed(number, **changes)
    return [product(), customer(placing.customer_id, email=placing.email), placing, confirmed(number)]


def returned(number: int = 501, *, completed: bool = True) -> ReturnMade:
    """One coat of the first line comes back, for a little less than it cost."""
    line = ReturnLineSpec(line_id=number * 10 + 1, quantity=1, unit_price=Decimal("75.00"))
    return ReturnMade(at=LATER, return_id=9, number=number, lines=(line,), completed=completed)


def refunded(amount: str, number: int = 501, return_id: int | None = 9) -> Refunded:
    return Refunded(at=LATER + timedelta(days=1), number=number, amount=Decimal(amount), return_id=return_id)
