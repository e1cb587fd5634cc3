"""What a destination is given to render: people with their facts, and orders and products as they were accepted."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from .records import Address, Order, Product

BuyerState = Literal["none", "new", "repeat", "vip"]
Wish = Literal["opted_in", "opted_out", "unknown"]


class Facts(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Segmentation facts of a person, recomputed whole from accepted records; money is in the pair's currency."""

    currency: str
    lifetime_value: Decimal = Decimal(0)
    order_count: int = 0
    average_order: Decimal = Decimal(0)
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    skus: tuple[str, ...] = ()
    repeat_skus: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    always_full_price: bool = False
    buyer_state: BuyerState = "none"
    replenishment_due: date | None = None
    awaiting_refund: bool = False
    awaiting_return: bool = False


class Person(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One contact-to-be: everything that a pair knows under one normalised address.

    `wish` is what the customer record says of marketing: only an `opted_in` there can create a subscribed contact.
    `known_out` is true where the permanent consent record says that this address once left; it is then never created
    as subscribed.
    """

    person_id: int
    email: str
    facts: Facts
    wish: Wish = "unknown"
    known_out: bool = False
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    birthdate: date | None = None
    address: Address | None = None
    attributes: dict[str, str] = {}


class SoldOrder(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An accepted order with what returns and refunds have left of it, in the order's own currency.

    `hold_shipping` is true while a rule holds the shipping mail back (no tracking URL): the order counts, its
    shipped state and tracking stay away from the destination. `returned` maps a line's key to the quantity that came
    back.
    """

    person_id: int
    email: str
    order: Order
    net_total: Decimal
    refunded: Decimal = Decimal(0)
    returned: dict[str, int] = {}
    hold_shipping: bool = False


class Listing(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A product as accepted. `stub` is true where it was made from an order line, because no feed knows it."""

    product: Product
    stub: bool = False
