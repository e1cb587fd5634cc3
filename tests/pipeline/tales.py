"""Happenings in a small shop, told in a line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from retail_sync.sandbox.world.cases import case
from retail_sync.sandbox.world.events import (
    CustomerKnown,
    LineSpec,
    OrderPlaced,
    PlaceOfLiving,
    ProductListed,
    Refunded,
    ReturnMade,
    Shipped,
    VariantSpec,
)

HOME = PlaceOfLiving(line1="Götgatan 1", postcode="116 46", city="Stockholm", country="SE", phone="+46700000000")


def product(at: datetime, number: int = 7, *, price: str = "100.00", **changes: Any) -> ProductListed:
    """A product with two sizes of one colour."""
    variants = tuple(
        VariantSpec(
            variant_id=number * 10 + place,
            sku=sku(number, size),
            colour="Red",
            size=size,
            prices={"SEK": Decimal(price), "EUR": Decimal(price) / 10},
            stock=5,
        )
        for place, size in enumerate(("S", "M"))
    )
    fields: dict[str, Any] = {
        "product_id": number,
        "number": f"P{number}",
        "name": f"Coat {number}",
        "brand": "Kustlinje",
        "collection": "Core",
        "variants": variants,
    }
    return ProductListed(at=at, **(fields | changes))


def sku(number: int, size: str = "S") -> str:
    """The SKU of a size of a product."""
    return f"P{number}-{size}"


def customer(at: datetime, number: int, email: str, **changes: Any) -> CustomerKnown:
    """A registered customer who does not want the newsletter."""
    fields: dict[str, Any] = {
        "customer_id": number,
        "email": email,
        "first_name": "Åsa",
        "last_name": f"Berg {number}",
        "registered": True,
        "newsletter": False,
        "home": HOME,
        "market": "Sweden",
    }
    return CustomerKnown(at=at, **(fields | changes))


def order(
    at: datetime, number: int, buyer: CustomerKnown, wanted: Sequence[tuple[int, int]] = ((7, 1),), **changes: Any
) -> OrderPlaced:
    """An order: each line so many of a product at 100.00, in SEK, paid at once, 49.00 for sending it."""
    fields: dict[str, Any] = {
        "customer_id": buyer.customer_id,
        "email": buyer.email,
        "store_type": "DIRECT_TO_CONSUMER",
        "market": buyer.market,
        "currency": "SEK",
        "rate": Decimal(1),
        "lines": tuple(_line(number, place, *one) for place, one in enumerate(wanted)),
        "shipping": Decimal("49.00"),
        "ship_to": buyer.home,
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
    }
    return OrderPlaced(at=at, number=number, **(fields | changes))


def _line(order_number: int, place: int, product_number: int, quantity: int) -> LineSpec:
    return LineSpec(
        line_id=order_number * 100 + place,
        product_id=product_number,
        variant_id=product_number * 10,
        sku=sku(product_number),
        name=f"Coat {product_number}",
        quantity=quantity,
        unit_price=Decimal("100.00"),
        list_price=Decimal("100.00"),
    )


def sent(at: datetime, placed: OrderPlaced, **changes: Any) -> Shipped:
    """All of an order leaves in one parcel."""
    return case.sent(placed, at, **({"tracking_number": f"0057313243986{placed.number}"} | changes))


def came_back(at: datetime, placed: OrderPlaced, quantity: int, *, completed: bool = True) -> ReturnMade:
    """So many of an order's first line come back."""
    return case.came_back(placed, at, quantity, completed=completed)


def paid_back(at: datetime, placed: OrderPlaced, amount: str, *, made: ReturnMade | None = None) -> Refunded:
    """Money goes back, for a return or without one."""
    return Refunded(
        at=at, number=placed.number, amount=Decimal(amount), return_id=made.return_id if made is not None else None
    )


def corrected(known: CustomerKnown, at: datetime, **changes: Any) -> CustomerKnown:
    """The same customer record after somebody has put it right."""
    return replace(known, at=at, **changes)
