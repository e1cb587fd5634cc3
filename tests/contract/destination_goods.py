"""People, orders, parcels and goods of an invented shop, as tests hand them to a destination."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from retail_sync.model.happenings import Happening
from retail_sync.model.people import Facts, LeftCart, Listing, Person, SoldOrder, Wish
from retail_sync.model.records import (
    Address,
    Cart,
    CartLine,
    Discount,
    Order,
    OrderLine,
    Payment,
    Price,
    Product,
    Shipment,
    ShipmentLine,
    Variant,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_OF_SALE = ("returned", "refunded", "refunded_at", "hold_shipping", "net_total")


def person(number: int = 1, wish: Wish = "opted_in", email: str | None = None, **changes: Any) -> Person:
    """Somebody who has bought twice."""
    facts = Facts(
        currency="SEK",
        lifetime_value=Decimal("1234.50"),
        last_order_at=datetime(2026, 2, 3, tzinfo=UTC),
        markets=("Sweden", "Norway"),
        collections=("Autumn", "Basics"),
        buyer_state="repeat",
    )
    home = Address(line1="Storgatan 1", city="Umeå", postcode="903 26", country="SE")
    fields: dict[str, Any] = {"facts": facts, "first_name": "Åsa", "phone": "+46 70 123 45 67", "address": home}
    return Person(person_id=number, email=email or f"p{number}@mail.test", wish=wish, **(fields | changes))


def product(key: str = "10", sizes: Sequence[str] = ("S", "M"), stock: int | None = 3, **changes: Any) -> Listing:
    """A shirt in some sizes."""
    prices = (Price(currency="SEK", amount=Decimal(499)), Price(currency="EUR", amount=Decimal("45.50")))
    variants = tuple(
        Variant(key=f"{key}-{size}", sku=f"SKU{key}{size}", name=size, prices=prices, stock=stock) for size in sizes
    )
    fields: dict[str, Any] = {"url": "https://shop.test/p", "brand": "Own", "collection": "Basics"}
    return Listing(
        product=Product(
            key=key, number=f"N{key}", name="Shirt", updated_at=NOW, variants=variants, **(fields | changes)
        )
    )


def line(key: str = "1", quantity: int = 2, size: str = "S", *, price: str = "499.00", **changes: Any) -> OrderLine:
    """So many shirts of a size."""
    fields: dict[str, Any] = {"total": Decimal(price) * quantity}
    return OrderLine(
        key=key,
        name="Shirt",
        quantity=quantity,
        unit_price=Decimal(price),
        list_price=Decimal("599.00"),
        sku=f"SKU10{size}",
        product_key="10",
        variant_key=f"10-{size}",
        **(fields | changes),
    )


def sold(number: str = "1001", who: int = 1, lines: Sequence[OrderLine] = (), **changes: Any) -> SoldOrder:
    """Two shirts, shipping of 99 and a voucher of 50: worth 1047.00."""
    of_sale: dict[str, Any] = {name: changes.pop(name) for name in _OF_SALE if name in changes}
    fields: dict[str, Any] = {
        "status": "confirmed",
        "total": Decimal("1047.00"),
        "tax": Decimal("209.40"),
        "shipping": Decimal("99.00"),
        "discounts": (Discount(code="HELLO", amount=Decimal(50)),),
        "discount": Decimal(50),
        "payments": (Payment(key="p", kind="captured", succeeded=True, amount=Decimal("1047.00"), at=NOW),),
        "shipping_address": Address(first_name="Åsa", line1="Storgatan 1", city="Umeå", country="SE"),
        "currency": "SEK",
        "rate": Decimal(1),
    }
    order = Order(
        key=f"k{number}",
        number=number,
        placed_at=NOW - timedelta(days=3),
        updated_at=NOW,
        lines=tuple(lines) or (line(),),
        channel={},
        **(fields | changes),
    )
    return SoldOrder(person_id=who, email=f"p{who}@mail.test", order=order, **({"net_total": order.total} | of_sale))


def parcel(number: int = 1) -> Shipment:
    """A parcel with both shirts that is on its way."""
    return Shipment(
        key=f"s{number}",
        number=f"1001-{number}",
        shipped=True,
        shipped_at=NOW,
        carrier="PostNord",
        tracking_number=f"AB{number}",
        tracking_url=f"https://track.test/AB{number}",
        lines=(ShipmentLine(line_key="1", quantity=2),),
    )


PARCEL = parcel()


def shipped(sent: Shipment = PARCEL, who: int = 1) -> Happening:
    """That a parcel has left."""
    return Happening(
        event_id=f"shipment:centra_main:{sent.key}",
        name="order_shipped",
        person_id=who,
        email=f"p{who}@mail.test",
        at=NOW,
        useful_until=NOW + timedelta(hours=48),
        properties={
            "order": "1001",
            "shipment": sent.number,
            "items": "2 x Shirt",
            "carrier": sent.carrier or "",
            "tracking_number": sent.tracking_number or "",
            "tracking_url": sent.tracking_url or "",
        },
        sold=sold(shipments=(sent,)),
        content={one.line_key: one.quantity for one in sent.lines},
    )


def left_cart(key: str = "c1", lines: Sequence[OrderLine] = ()) -> LeftCart:
    """A cart with these lines that somebody has left."""
    goods = tuple(
        CartLine(
            key=one.key,
            quantity=2,
            unit_price=one.unit_price,
            product_key=one.product_key,
            variant_key=one.variant_key,
        )
        for one in tuple(lines) or (line(),)
    )
    cart = Cart(
        key=key,
        email="p1@mail.test",
        updated_at=NOW,
        currency="SEK",
        total=Decimal(998),
        lines=goods,
        checkout_url=f"https://shop.test/cart/{key}",
    )
    return LeftCart(object_id=f"cart:centra_main:{key}", person_id=1, email="p1@mail.test", cart=cart)
