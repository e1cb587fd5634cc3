"""What happens to products and their stock."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    ProductListed,
    ProductWithdrawn,
    ShopEvent,
    StockChanged,
    VariantSpec,
)
from retail_sync.vendors.orderwise.sandbox.amounts import without_vat
from retail_sync.vendors.orderwise.sandbox.stock import set_stock
from retail_sync.vendors.orderwise.sandbox.variants import make_kit, new_variant

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

_GIFT_CARDS = "gift cards"
_VAT = Decimal(25)


def _listed(shop: Shop, event: ProductListed) -> None:
    """A product is given whole: variants that are not among it any more are discontinued."""
    at = shop.local(event.at)
    product_id = shop.products.get(event.product_id)
    if product_id is None:
        product_id = shop.products[event.product_id] = shop.database.insert("product_detail", pd_input_datetime=at)
        shop.database.insert("product_analysis", pa_pd_id=product_id)
    shop.database.update(
        "product_detail",
        "pd_id",
        product_id,
        pd_product_code=shop.written(event.number, product_id, 8),
        pd_description=shop.written(event.name, product_id, 6),
        pd_last_amended_datetime=at,
    )
    shop.database.update(
        "product_analysis",
        "pa_pd_id",
        product_id,
        pa_c_1=event.brand,
        pa_c_2=event.collection,
        pa_m_1=event.image_url,
    )
    _discontinue(shop, product_id, at, except_for={one.variant_id for one in event.variants})
    for spec in event.variants:
        _set_variant(shop, event, spec, product_id)


def _set_variant(shop: Shop, event: ProductListed, spec: VariantSpec, product_id: int) -> None:
    at = shop.local(event.at)
    variant_id = shop.variants.get(spec.variant_id)
    if variant_id is None:
        kit = bool(shop.settings.kit_every) and product_id % shop.settings.kit_every == 0
        variant_id = shop.variants[spec.variant_id] = new_variant(shop, product_id, at, kit=kit)
        if kit:
            shop.kits[variant_id] = make_kit(shop, variant_id, product_id, spec.sku, at)
    description = " ".join(part for part in (event.name, spec.colour, spec.size) if part)
    shop.database.update(
        "variant_detail",
        "vad_id",
        variant_id,
        vad_pd_id=product_id,
        vad_variant_code=shop.written(spec.sku, variant_id, 9),
        vad_description=description,
        vad_abv_description=description[:30],
        vad_last_amended_datetime=at,
    )
    shop.database.update(
        "variant_analysis",
        "vaa_vad_id",
        variant_id,
        vaa_c_1=spec.colour or None,
        vaa_c_2=spec.size or None,
        vaa_n_1=spec.variant_id,
        vaa_l_1=int(event.collection.strip().lower() == _GIFT_CARDS or variant_id in shop.gift_cards),
    )
    shop.database.update("variant_setting", "vas_vad_id", variant_id, vas_discontinued_product=int(not event.active))
    for code, price in spec.prices.items():
        shop.database.put(
            "variant_foreign_price",
            vafp_vad_id=variant_id,
            vafp_c_id=shop.lists.currency(code),
            vafp_vr_id=shop.lists.vat_rate(_VAT),
            vafp_rsp_exc_vat=without_vat(price, _VAT),
            vafp_rsp_inc_vat=price,
            vafp_input_datetime=at,
            vafp_last_amended_datetime=at,
        )
    set_stock(shop, variant_id, spec.stock, at)


def _stock_changed(shop: Shop, event: StockChanged) -> None:
    variant_id = shop.variants.get(event.variant_id)
    if variant_id is not None:
        set_stock(shop, variant_id, event.stock, shop.local(event.at))


def _withdrawn(shop: Shop, event: ProductWithdrawn) -> None:
    """What has been sold can't be deleted: the product is discontinued."""
    product_id = shop.products.get(event.product_id)
    if product_id is not None:
        _discontinue(shop, product_id, shop.local(event.at))


def _discontinue(shop: Shop, product_id: int, at: str, except_for: set[int] | None = None) -> None:
    """Discontinue the variants of a product, but for those given by the world's numbers."""
    kept = {shop.variants[one] for one in except_for or () if one in shop.variants}
    for row in shop.database.rows(
        "SELECT vad_id FROM variant_detail WHERE vad_pd_id = ? AND vad_sale_variant = 1", [product_id]
    ):
        if row["vad_id"] not in kept:
            shop.database.update("variant_setting", "vas_vad_id", row["vad_id"], vas_discontinued_product=1)
            shop.database.update("variant_detail", "vad_id", row["vad_id"], vad_last_amended_datetime=at)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    ProductListed: _listed,
    StockChanged: _stock_changed,
    ProductWithdrawn: _withdrawn,
}
