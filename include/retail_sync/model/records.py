"""Canonical records: what every source system becomes before anything else looks at it.

Money is `Decimal` in the record's own currency; times are aware and in UTC; e-mail addresses stand as the source has
them and are normalised once, by `model.email.normalise`. JSON keeps `Decimal` as a string, so that no digit is lost.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import Struct

Stream = Literal["customers", "orders", "returns", "products", "signups", "carts", "browses"]
STREAMS: tuple[Stream, ...] = ("customers", "products", "orders", "returns", "signups", "carts", "browses")
#: Streams that no source is asked for: their records are brought, by a webhook or from a file.
BROUGHT: frozenset[Stream] = frozenset({"carts", "browses"})

OrderStatus = Literal["pending", "confirmed", "processing", "shipped", "cancelled", "unknown"]
LineKind = Literal["goods", "gift_card", "bundle", "bundle_item"]
PaymentKind = Literal["authorised", "captured", "refunded", "released", "other"]
ReturnStatus = Literal["open", "completed", "unknown"]
BrowseName = Literal["added_to_basket", "viewed_collection"]


class Address(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A postal address as the source has it; `country` is ISO 3166 alpha-2."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    postcode: str | None = None
    region: str | None = None
    country: str | None = None
    phone: str | None = None


class OrderLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of an order. `quantity` is what was ordered less what was cancelled; `total` is of that quantity."""

    key: str
    name: str
    quantity: int
    unit_price: Decimal
    total: Decimal
    kind: LineKind = "goods"
    cancelled: int = 0
    list_price: Decimal | None = None
    sku: str | None = None
    product_key: str | None = None
    variant_key: str | None = None
    variant_name: str | None = None
    collection: str | None = None


class ShipmentLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How many of which order line a shipment carries."""

    line_key: str
    quantity: int


class Shipment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A parcel. `tracking_url` is the source's own, or built from `include/carriers.yaml` where it has none.

    `untracked` is true for a service that has no tracking at all (letter post): a rule, not an error.
    """

    key: str
    number: str
    shipped: bool
    shipped_at: datetime | None = None
    carrier: str | None = None
    service: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    untracked: bool = False
    lines: tuple[ShipmentLine, ...] = ()


class Payment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One entry of a payment history. `amount` is positive for what the entry's kind says."""

    key: str
    kind: PaymentKind
    succeeded: bool
    amount: Decimal
    at: datetime


class Discount(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A voucher or another reduction of the whole order; `amount` is positive."""

    code: str
    amount: Decimal


class Order(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An order with its lines, parcels and payments.

    `total` is the grand total with tax and shipping as the source states it now. `rate` turns an amount in `currency`
    into the shop's base currency by multiplication. `channel` holds what the pair's channel rules look at, such as
    `{"store_type": "DIRECT_TO_CONSUMER", "market": "Sweden"}`. `affiliate` and `campaign` are what the source says of
    where it came from, by name; `exchange_of` is the number of the order whose returned goods this one replaces. Such
    an order is worth what its own total says, and the goods that came back are taken off the other: nothing counts
    twice. `cart_key` is the cart that it was, where the source says so.
    """

    key: str
    number: str
    status: OrderStatus
    placed_at: datetime
    updated_at: datetime
    currency: str
    rate: Decimal
    total: Decimal
    lines: tuple[OrderLine, ...]
    channel: dict[str, str]
    email: str | None = None
    customer_key: str | None = None
    status_source: str | None = None
    market: str | None = None
    tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)
    other_charges: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    discounts: tuple[Discount, ...] = ()
    on_hold: bool = False
    affiliate: str | None = None
    campaign: str | None = None
    exchange_of: str | None = None
    cart_key: str | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    payments: tuple[Payment, ...] = ()
    shipments: tuple[Shipment, ...] = ()


class ReturnLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How much of which order line came back, and what that was worth."""

    key: str
    line_key: str | None
    quantity: int
    total: Decimal


class Return(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Goods that come back. `refunds` are the payment entries that the source ties to this return."""

    key: str
    order_key: str | None
    order_number: str | None
    status: ReturnStatus
    created_at: datetime
    updated_at: datetime
    currency: str
    total: Decimal
    lines: tuple[ReturnLine, ...] = ()
    refunds: tuple[Payment, ...] = ()
    customer_key: str | None = None


class Customer(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A customer record of the source; several may share one e-mail address.

    `opted_in` is None where the source does not say, which is not the same as no. `merged_into` is the key of the
    record that this one has become, where the source merges records and says so.
    """

    key: str
    email: str
    created_at: datetime
    updated_at: datetime
    registered: bool = True
    opted_in: bool | None = None
    opted_in_at: datetime | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    birthdate: date | None = None
    address: Address | None = None
    market: str | None = None
    anonymised: bool = False
    merged_into: str | None = None
    attributes: dict[str, str] = {}


class Price(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A price in one currency, of one price list where the source has several."""

    currency: str
    amount: Decimal
    list_name: str | None = None


class Variant(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What can be bought: one size of one colour. `stock` is None where the source does not count it.

    `image_url` is a picture of this colour, where the source has one of its own.
    """

    key: str
    sku: str
    name: str
    prices: tuple[Price, ...] = ()
    stock: int | None = None
    preorder: bool = False
    image_url: str | None = None


class Product(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A product with its variants."""

    key: str
    number: str
    name: str
    updated_at: datetime
    active: bool = True
    brand: str | None = None
    collection: str | None = None
    url: str | None = None
    image_url: str | None = None
    description: str | None = None
    variants: tuple[Variant, ...] = ()


class Signup(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody wants to be told when something can be bought again.

    `variant_keys` are what it is about: one size, or all sizes of a colour. `active` is false once it is settled.
    """

    key: str
    email: str
    created_at: datetime
    updated_at: datetime
    variant_keys: tuple[str, ...]
    active: bool = True


class CartLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody has put into a cart. It names the variant by the source's keys, by its SKU, or by both."""

    key: str
    quantity: int
    unit_price: Decimal
    sku: str | None = None
    product_key: str | None = None
    variant_key: str | None = None


class Cart(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody has left in a cart, as it stands; without lines it was emptied. `checkout_url` brings it back."""

    key: str
    email: str
    updated_at: datetime
    currency: str
    total: Decimal
    lines: tuple[CartLine, ...] = ()
    checkout_url: str | None = None


class Browse(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something that somebody did in the shop, once: `updated_at` is when. `sku` is what of, or seen first of."""

    key: str
    email: str
    name: BrowseName
    updated_at: datetime
    sku: str | None = None
    product: str | None = None
    collection: str | None = None
    url: str | None = None


Record: TypeAlias = Customer | Order | Return | Product | Signup | Cart | Browse
RECORD_TYPES: dict[Stream, type[Record]] = {
    "customers": Customer,
    "orders": Order,
    "returns": Return,
    "products": Product,
    "signups": Signup,
    "carts": Cart,
    "browses": Browse,
}
