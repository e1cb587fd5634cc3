"""Centra's customers and products as GraphQL answers them. See `payloads`."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import field

from retail_sync.vendors.centra.payloads import (
    AddressNode,
    AttributeNode,
    Currency,
    CurrencyMoney,
    Identified,
    Named,
    Node,
)


class CustomerNode(Node):
    """`Customer`; the two flags are asked for under these names, whatever the schema calls them."""

    id: int
    email: str
    created_at: datetime
    updated_at: datetime
    newsletter: bool | None = None
    registered: bool | None = None
    anonymised: bool = False
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    cell_phone_number: str | None = None
    birthdate: date | None = None
    billing_address: AddressNode | None = None
    market: Named | None = None
    attributes: tuple[AttributeNode, ...] = ()


class Stock(Node):
    """`StockTotals` over all warehouses."""

    available_quantity: int | None = None


class SizeNode(Node):
    """`ProductSize`: what can be bought."""

    id: int
    sku: str | None = field(name="SKU", default=None)
    description: str | None = None
    preorder: bool | None = None
    stock_totals: Stock | None = None


class VariantNode(Node):
    """`ProductVariant`: a colour."""

    id: int
    name: str | None = None
    updated_at: datetime | None = None
    product_sizes: tuple[SizeNode, ...] = ()


class Pricelist(Node):
    """`Pricelist`."""

    name: str | None = None
    currency: Currency | None = None


class PriceNode(Node):
    """`Price` of a display in one price list."""

    price: CurrencyMoney | None = None
    pricelist: Pricelist | None = None


class MediaSource(Node):
    """One rendering of a picture."""

    url: str | None = None


class Media(Node):
    """`Media`: pictures by size."""

    source: list[MediaSource] | MediaSource | None = None


class Display(Node):
    """`Display`: the page that sells some variants of a product."""

    status: str | None = None
    uri: str | None = None
    description: str | None = None
    media: tuple[Media, ...] = ()
    prices: tuple[PriceNode, ...] = ()
    product_variants: tuple[Identified, ...] = ()


class SizesNode(Node):
    """`ProductVariant`, as far as a subscription needs it."""

    product_sizes: tuple[Identified, ...] = ()


class SubscriptionNode(Node):
    """`NewsletterSubscription`: a back-in-stock sign-up where it names a size or a colour."""

    id: int
    email: str
    is_active: bool
    created_at: datetime
    product_size: Identified | None = None
    product_variant: SizesNode | None = None


class ProductNode(Node):
    """`Product`."""

    id: int
    updated_at: datetime
    name: str | None = None
    status: str | None = None
    product_number: str | None = None
    brand: Named | None = None
    collection: Named | None = None
    displays: tuple[Display, ...] = ()
    variants: tuple[VariantNode, ...] = ()
