"""Variants: what can be sold, kits with their parts, and what was sold before anybody has listed it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from retail_sync.sandbox.world.events import LineSpec
from retail_sync.vendors.orderwise.sandbox.stock import open_stock

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop


def new_variant(shop: Shop, product_id: int, at: str, *, kit: bool = False, sold: bool = True) -> int:
    """A variant with all the rows that belong to one; nothing of it is in stock."""
    variant_id = shop.database.insert(
        "variant_detail",
        vad_pd_id=product_id,
        vad_uom="Each",
        vad_quantity=1,
        vad_sale_variant=int(sold),
        vad_weight=0,
        vad_input_datetime=at,
        vad_last_amended_datetime=at,
    )
    shop.database.insert("variant_analysis", vaa_vad_id=variant_id, vaa_l_1=0)
    shop.database.insert("variant_setting", vas_vad_id=variant_id, vas_kit_variant=int(kit), vas_discontinued_product=0)
    open_stock(shop, variant_id, at)
    return variant_id


def make_kit(shop: Shop, kit_id: int, product_id: int, sku: str, at: str) -> tuple[tuple[int, int], ...]:
    """Two parts, of which a kit needs one and two; gives their variants and numbers."""
    bom = shop.database.insert("variant_bom", vb_vad_id=kit_id)
    parts = []
    for quantity, letter in ((1, "A"), (2, "B")):
        part = new_variant(shop, product_id, at, sold=False)
        shop.database.update(
            "variant_detail", "vad_id", part, vad_variant_code=f"{sku}/{letter}", vad_description=f"Part {letter}"
        )
        shop.database.insert("variant_bom_component", vbc_vb_id=bom, vbc_vad_id=part, vbc_quantity=quantity)
        parts.append((part, quantity))
    return tuple(parts)


def variant_of(shop: Shop, line: LineSpec, at: datetime) -> int:
    """The variant of an order line; what no catalogue knows becomes a discontinued one, so that it has a code."""
    variant_id = shop.variants.get(line.variant_id)
    if variant_id is None:
        product_id = shop.products.get(line.product_id)
        if product_id is None:
            product_id = shop.products[line.product_id] = shop.database.insert(
                "product_detail",
                pd_product_code=line.sku,
                pd_description=line.name,
                pd_input_datetime=shop.local(at),
                pd_last_amended_datetime=shop.local(at),
            )
            shop.database.insert("product_analysis", pa_pd_id=product_id)
        variant_id = shop.variants[line.variant_id] = new_variant(shop, product_id, shop.local(at))
        shop.database.update(
            "variant_detail", "vad_id", variant_id, vad_variant_code=line.sku, vad_description=line.name
        )
        shop.database.update("variant_setting", "vas_vad_id", variant_id, vas_discontinued_product=1)
    if line.gift_card and variant_id not in shop.gift_cards:
        shop.gift_cards.add(variant_id)
        shop.database.update("variant_analysis", "vaa_vad_id", variant_id, vaa_l_1=1)
    return variant_id
