"""How much is left: free stock, that of kits, and what was sold although nothing was left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.orderwise.sandbox.lists import WAREHOUSE

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

_OVERSELL = (
    "UPDATE variant_stock_quantity SET vasq_free_stock_quantity = vasq_free_stock_quantity - ?,"
    " vasq_stock_levels_last_calculated = ? WHERE vasq_vad_id = ? AND vasq_free_stock_quantity <= 0"
)


def open_stock(shop: Shop, variant_id: int, at: str) -> None:
    """A new variant, of which nothing is there."""
    shop.database.insert(
        "variant_stock_quantity",
        vasq_vad_id=variant_id,
        vasq_free_stock_quantity=0,
        vasq_stock_levels_last_calculated=at,
    )
    shop.database.insert(
        "variant_stock_location",
        vsl_vad_id=variant_id,
        vsl_sl_id=WAREHOUSE,
        vsl_free_stock_quantity=0,
        vsl_overall_stock_quantity=0,
    )


def set_stock(shop: Shop, variant_id: int, stock: int, at: str) -> None:
    """So much can be sold. A kit has no stock of its own: its parts are there in numbers that make so many of it."""
    parts = shop.kits.get(variant_id, ())
    for part, needed in parts:
        set_stock(shop, part, stock * needed + needed - 1, at)
    if parts:
        return
    shop.database.update(
        "variant_stock_quantity",
        "vasq_vad_id",
        variant_id,
        vasq_free_stock_quantity=stock,
        vasq_stock_levels_last_calculated=at,
    )
    shop.database.update(
        "variant_stock_location",
        "vsl_vad_id",
        variant_id,
        vsl_free_stock_quantity=stock,
        vsl_overall_stock_quantity=max(stock, 0),
    )


def oversell(shop: Shop, variant_id: int, quantity: int, at: str) -> None:
    """What is ordered while nothing is left is owed: free stock falls below nothing."""
    if shop.settings.oversells and variant_id not in shop.kits:
        shop.database.run(_OVERSELL, quantity, at, variant_id)
