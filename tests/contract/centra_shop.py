"""A client of the Centra sandbox that nobody of ours wrote, and the events of a small shop to look at through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from retail_sync.sandbox.host import running
from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.world.events import (
    CustomerKnown,
    LineSpec,
    OrderPlaced,
    ParcelLine,
    PlaceOfLiving,
    ProductListed,
    Shipped,
    ShopEvent,
    VariantSpec,
)
from retail_sync.vendors.centra.sandbox import build

OPERATIONS = (Path(__file__).parent / "centra_operations.graphql").read_text()
TOKEN = "centra-sandbox-access"
#: In winter Stockholm is an hour ahead of UTC.
NOON = datetime(2024, 1, 15, 12, 0, tzinfo=UTC)
HOME = PlaceOfLiving(line1="Götgatan 1", postcode="116 46", city="Stockholm", country="SE", phone="+46700000000")
ALWAYS = {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}


class Client:
    """A GraphQL client that knows nothing but the address and a token."""

    def __init__(self, url: str, app: SandboxApp, token: str = TOKEN) -> None:
        self.url, self.app, self.token = url, app, token

    def post(self, query: str, variables: dict[str, Any] | None = None, name: str | None = None) -> requests.Response:
        body = {"query": query, "variables": variables, "operationName": name}
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.post(f"{self.url}/graphql", json=body, headers=headers, timeout=30)

    def ask(self, query: str, variables: dict[str, Any] | None = None, name: str | None = None) -> dict[str, Any]:
        answer = self.post(query, variables, name).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def error(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        error: dict[str, Any] = self.post(query, variables).json()["errors"][0]
        return error

    def order(self, number: int) -> dict[str, Any]:
        orders = self.ask(OPERATIONS, {"number": number}, "OrderByNumber")["orders"]
        assert len(orders) == 1
        order: dict[str, Any] = orders[0]
        return order


@contextmanager
def sandbox(events: Sequence[ShopEvent], **settings: Any) -> Iterator[Client]:
    app = build(settings)
    app.clock.stand(NOON + timedelta(days=30))
    with running(app) as url:
        app.apply(events)
        yield Client(url, app)


def product(**changes: Any) -> ProductListed:
    red = {"SEK": Decimal("100.00"), "EUR": Decimal("10.00")}
    fields: dict[str, Any] = {
        "at": NOON,
        "product_id": 7,
        "number": "P7",
        "name": "Coat",
        "brand": "North",
        "collection": "Winter",
        "image_url": "https://images.test/7.jpg",
        "variants": (
            VariantSpec(variant_id=71, sku="P7-R-S", colour="Red", size="S", prices=red, stock=3),
            VariantSpec(variant_id=72, sku="P7-R-M", colour="Red", size="M", prices=red, stock=0),
            VariantSpec(variant_id=73, sku="P7-B-M", colour="Blue", size="M", prices={"SEK": Decimal(90)}, stock=5),
        ),
    }
    return ProductListed(**{**fields, **changes})


def customer(customer_id: int, **changes: Any) -> CustomerKnown:
    fields: dict[str, Any] = {
        "at": NOON,
        "customer_id": customer_id,
        "email": f"person{customer_id}@mail.test",
        "first_name": "Åsa",
        "last_name": "Berg",
        "registered": True,
        "newsletter": True,
        "home": HOME,
        "market": "Sweden",
    }
    return CustomerKnown(**{**fields, **changes})


def goods(line_id: int, quantity: int = 2, *, gift_card: bool = False) -> LineSpec:
    return LineSpec(
        line_id=line_id,
        product_id=7,
        variant_id=71,
        sku="P7-R-S",
        name="Coat",
        quantity=quantity,
        unit_price=Decimal("80.00"),
        list_price=Decimal("100.00"),
        gift_card=gift_card,
    )


def placed(number: int, **changes: Any) -> OrderPlaced:
    fields: dict[str, Any] = {
        "at": NOON + timedelta(minutes=number),
        "number": number,
        "customer_id": 1,
        "email": "person1@mail.test",
        "store_type": "DIRECT_TO_CONSUMER",
        "market": "Sweden",
        "currency": "SEK",
        "rate": Decimal(1),
        "lines": (goods(number * 10 + 1), goods(number * 10 + 2, 1)),
        "shipping": Decimal("49.00"),
        "ship_to": HOME,
        "first_name": "Åsa",
        "last_name": "Berg",
    }
    return OrderPlaced(**{**fields, **changes})


def shipped(number: int, line_ids: tuple[int, ...], at: datetime, *, parcel: int = 1, last: bool = True) -> Shipped:
    return Shipped(
        at=at,
        number=number,
        parcel=parcel,
        carrier="PostNord",
        service="MyPack",
        tracking_number=f"TN{number}{parcel}",
        lines=tuple(ParcelLine(line_id=line_id, quantity=1) for line_id in line_ids),
        last=last,
    )
