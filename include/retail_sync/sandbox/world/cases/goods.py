"""What the cases sell: a few products of their own, so that they depend on nothing that chance has listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from retail_sync.sandbox.world.events import LineSpec, ProductListed, VariantSpec

COAT, SCARF, WITHDRAWN, PEARL, DELETED, SOLD_AGAIN, AWAITED = range(2, 9)
_NAMES = {
    COAT: "Case coat",
    SCARF: "Case scarf",
    WITHDRAWN: "Last season's hat",
    PEARL: "Pearl",
    DELETED: "Case belt",
    SOLD_AGAIN: "Case glove",
    AWAITED: "Case boot",
}
#: In dinars there are three decimals.
PRICES = {"SEK": Decimal("400.00"), "NOK": Decimal("420.00"), "EUR": Decimal("40.00"), "KWD": Decimal("12.345")}


def products(at: datetime) -> Iterator[ProductListed]:
    """All of them."""
    for product_id, name in _NAMES.items():
        yield ProductListed(
            at=at,
            product_id=product_id,
            number=f"CASE{product_id}",
            name=name,
            brand="Kustlinje",
            collection="Cases",
            variants=(
                VariantSpec(
                    variant_id=product_id * 100,
                    sku=sku(product_id),
                    colour="Red",
                    size="One size",
                    prices=PRICES,
                    stock=20,
                ),
            ),
            image_url=f"https://img.kustlinje.test/case{product_id}.jpg",
        )


def sku(product_id: int) -> str:
    """The SKU of a product; each has one."""
    return f"CASE{product_id}-RED"


def line(product_id: int, quantity: int = 1, *, currency: str = "SEK", campaign: str | None = None) -> LineSpec:
    """An order line at the full price; the order numbers it."""
    return LineSpec(
        line_id=0,
        product_id=product_id,
        variant_id=product_id * 100,
        sku=sku(product_id),
        name=_NAMES[product_id],
        quantity=quantity,
        unit_price=PRICES[currency],
        list_price=PRICES[currency],
        campaign=campaign,
    )
