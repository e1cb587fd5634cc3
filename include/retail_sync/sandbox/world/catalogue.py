"""What happens to the goods of a shop."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from retail_sync.sandbox.world.event import Event


class VariantSpec(Struct, frozen=True, kw_only=True):
    """A size of a colour, with its price by currency and its stock."""

    variant_id: int
    sku: str
    colour: str
    size: str
    prices: dict[str, Decimal]
    stock: int


class ProductListed(Event, frozen=True, kw_only=True, tag="product_listed"):
    """A product is new or has changed; it is given whole."""

    product_id: int
    number: str
    name: str
    brand: str
    collection: str
    variants: tuple[VariantSpec, ...]
    image_url: str | None = None
    active: bool = True


class StockChanged(Event, frozen=True, kw_only=True, tag="stock_changed"):
    """The stock of one variant is now this."""

    variant_id: int
    stock: int


class StockAwaited(Event, frozen=True, kw_only=True, tag="stock_awaited"):
    """Somebody signs up to hear when a variant can be bought again."""

    variant_id: int
    email: str
    country: str = "SE"


class ProductWithdrawn(Event, frozen=True, kw_only=True, tag="product_withdrawn"):
    """A product leaves the catalogue altogether; orders go on naming it."""

    product_id: int
