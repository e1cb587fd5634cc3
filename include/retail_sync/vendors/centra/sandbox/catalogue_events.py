"""What happens to products and their stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    ProductListed,
    ProductWithdrawn,
    ShopEvent,
    StockAwaited,
    StockChanged,
    VariantSpec,
)
from retail_sync.vendors.centra.sandbox.records import (
    RETAIL_STORE,
    Product,
    Size,
    StockChange,
    Subscription,
    Variant,
)

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.shop import Shop


def _listed(shop: Shop, event: ProductListed) -> None:
    """A product is given whole: colours and displays keep their numbers where they were there before."""
    known = shop.products.get(event.product_id)
    product = known or Product(event, event.at, event.at)
    product.listed, product.updated_at = event, event.at
    product.refs = {"brandId": shop.brands[event.brand].id, "collectionId": shop.collections[event.collection].id}
    shop.products[product.id] = product
    before, product.variants = {(one.name, one.rank): one for one in product.variants}, []
    for place, (colour, rank, specs) in enumerate(_variants(event.variants), start=1):
        variant = before.pop((colour, rank), None) or _new_variant(shop, product, colour, rank)
        variant.number = f"{place:02}"
        product.variants.append(variant)
        _set_sizes(shop, variant, specs, event)
    for variant in before.values():
        del shop.displays[variant.display_id]
    change = "UPDATED" if known else "CREATED"
    shop.notices.post("Product", change, product.id, event.at, store_id=RETAIL_STORE, market=None)


def _variants(specs: Iterable[VariantSpec]) -> Iterator[tuple[str, int, list[VariantSpec]]]:
    """The sizes by variant: its colour, its rank in it, and its sizes.

    A variant has one price per price list, so sizes of a colour that cost differently are variants of their own.
    """
    colours: dict[str, list[list[VariantSpec]]] = {}
    for spec in specs:
        groups = colours.setdefault(spec.colour, [])
        same = next((group for group in groups if group[0].prices == spec.prices), None)
        if same is None:
            groups.append([spec])
        else:
            same.append(spec)
    for colour, groups in colours.items():
        yield from ((colour, rank, group) for rank, group in enumerate(groups))


def _new_variant(shop: Shop, product: Product, colour: str, rank: int) -> Variant:
    variant = Variant(shop.number(), shop.number(), colour, rank, product)
    shop.displays[variant.display_id] = variant
    return variant


def _set_sizes(shop: Shop, variant: Variant, specs: list[VariantSpec], event: ProductListed) -> None:
    variant.sizes = [
        Size(spec, f"{place:02}", spec.stock, event.at, variant) for place, spec in enumerate(specs, start=1)
    ]
    shop.sizes.update({size.spec.variant_id: size for size in variant.sizes})


def _stock_changed(shop: Shop, event: StockChanged) -> None:
    size = shop.sizes.get(event.variant_id)
    if size is None:
        return
    size.stock, size.updated_at = event.stock, event.at
    change = StockChange(shop.number(), event.at, event.variant_id)
    shop.stock_changes[change.id] = change
    if shop.settings.stock_updates_product:
        size.variant.product.updated_at = event.at
    shop.notices.post("ProductSize", "UPDATED", event.variant_id, event.at, store_id=RETAIL_STORE, market=None)


def _awaited(shop: Shop, event: StockAwaited) -> None:
    """A subscription of its own, beside that to the newsletter."""
    address = f"{event.email.lower()} {event.variant_id}"
    subscription = Subscription(shop.number(), event.email, event.at, True, event.country, event.variant_id)
    shop.subscriptions[address] = subscription
    shop.notices.post(
        "NewsletterSubscription", "CREATED", subscription.id, event.at, store_id=RETAIL_STORE, market=None
    )


def _withdrawn(shop: Shop, event: ProductWithdrawn) -> None:
    """The product is gone; order lines of it keep their own name and SKU, and lead nowhere."""
    product = shop.products.pop(event.product_id, None)
    if product is None:
        return
    for variant in product.variants:
        del shop.displays[variant.display_id]
        for size in variant.sizes:
            del shop.sizes[size.spec.variant_id]
    shop.notices.post("Product", "DELETED", product.id, event.at, store_id=RETAIL_STORE, market=None)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    ProductListed: _listed,
    StockChanged: _stock_changed,
    StockAwaited: _awaited,
    ProductWithdrawn: _withdrawn,
}
