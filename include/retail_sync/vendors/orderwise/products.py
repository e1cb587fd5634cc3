"""OrderWise's products as canonical products: their variants with prices, and the free stock of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from retail_sync.model.records import Price, Product, Variant
from retail_sync.vendors.orderwise import canonical
from retail_sync.vendors.orderwise.canonical import NOTHING, amount
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import ProductRow, StockRow


class Products:
    """Turns the rows of a product and of its stock into a canonical product.

    Args:
        clock: The server's.
    """

    def __init__(self, clock: LocalTime) -> None:
        self._clock = clock

    def record(self, rows: Sequence[ProductRow], stock: Sequence[StockRow]) -> Product:
        """The canonical product, with the variants that are sold; one of which none is any more keeps them.

        Parts of a kit are no variants that could be bought. A product has changed when its stock has.
        """
        product = rows[0]
        variants = _by_variant(rows)
        on_sale = {key: prices for key, prices in variants.items() if not prices[0].discontinued}
        free = free_stock(stock)
        code = product.product_code or str(product.pd_id)
        return Product(
            key=str(product.pd_id),
            number=code,
            name=product.product_name or code,
            updated_at=canonical.changed(
                self._clock,
                *(
                    at
                    for row in rows
                    for at in (row.amended_at, row.variant_created_at, row.variant_amended_at, row.price_amended_at)
                ),
                *(at for row in stock for at in (row.calculated_at, row.part_calculated_at)),
            ),
            active=bool(on_sale),
            brand=product.brand,
            collection=product.collection,
            image_url=product.image,
            variants=tuple([_variant(prices, free.get(key)) for key, prices in (on_sale or variants).items()]),
        )


def free_stock(rows: Sequence[StockRow]) -> dict[int, int | None]:
    """The free stock of variants as it stands, below zero too; of a kit, how many its parts make."""
    parts: dict[int, list[StockRow]] = {}
    for row in rows:
        if row.variant_id is not None:
            parts.setdefault(row.variant_id, []).append(row)
    return {variant: _of_kit(group) if group[0].kit else _units(group[0].free) for variant, group in parts.items()}


def _of_kit(parts: Sequence[StockRow]) -> int | None:
    """None where nothing is known of what it is made of."""
    enough = [
        (part.part_free or NOTHING) / part.part_quantity
        for part in parts
        if part.part_id is not None and part.part_quantity
    ]
    return _units(min(enough)) if enough else None


def _units(free: Decimal | None) -> int | None:
    """Whole units: half of one can't be sold."""
    return None if free is None else int(free.to_integral_value(ROUND_FLOOR))


def _by_variant(rows: Sequence[ProductRow]) -> Mapping[int, list[ProductRow]]:
    """The rows of each variant that is sold by itself, or was."""
    found: dict[int, list[ProductRow]] = {}
    for row in rows:
        if row.variant_id is not None and canonical.is_set(row.sold_alone) is not False:
            found.setdefault(row.variant_id, []).append(row)
    return found


def _variant(prices: Sequence[ProductRow], stock: int | None) -> Variant:
    """A variant, from the rows of its prices."""
    row = prices[0]
    return Variant(
        key=str(row.variant_id),
        sku=row.sku or "",
        name=canonical.look(row.colour, row.size) or row.variant_name or row.sku or str(row.variant_id),
        prices=tuple(
            [
                Price(currency=price.currency, amount=amount(price.price_gross))
                for price in prices
                if price.currency and price.price_gross is not None
            ]
        ),
        stock=stock,
    )
