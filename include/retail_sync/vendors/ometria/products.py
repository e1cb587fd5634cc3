"""A product as Ometria takes one: the page, and each variant as a product of its own that says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Listing
from retail_sync.model.records import Product, Variant
from retail_sync.model.texts import cut
from retail_sync.model.views import DestinationView
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.payloads import filled, money
from retail_sync.vendors.ometria.text import clean

_TITLE = 255


class Products:
    """Renders products for one pair."""

    def __init__(self, view: DestinationView, settings: OmetriaSettings) -> None:
        self._account = view.source_account
        self._currency = view.currency
        self._settings = settings

    def render(self, listing: Listing) -> Iterator[Wanted]:
        """The page, then its variants in the order of their keys."""
        product = listing.product
        page = f"product:{self._account}:{product.key}"
        yield Wanted(kind="product", object_id=page, vendor_key=product.key, payload=self._page(product))
        for variant in sorted(product.variants, key=lambda one: one.key):
            yield Wanted(
                kind="variant",
                object_id=f"variant:{self._account}:{variant.key}",
                vendor_key=variant_key(self._settings, variant.key),
                payload=self._variant(variant, product),
                needs=(page,),
            )

    def _page(self, product: Product) -> dict[str, Any]:
        return {
            "title": _title(product.name, product.number, product.key),
            "is_variant": False,
            "is_active": product.active,
            "is_in_stock": any(_in_stock(variant, product) for variant in product.variants),
            "attributes": _attributes(brand=product.brand, collection=product.collection),
            "listings": self._listings(product),
            "properties": {"source": self._account},
            **self._price(product.variants),
            **filled({"sku": product.number, "url": product.url, "image_url": product.image_url}),
        }

    def _variant(self, variant: Variant, product: Product) -> dict[str, Any]:
        stock = {} if variant.stock is None else {"stock": str(max(0, variant.stock))}
        parent = self._settings.variant_parent
        return {
            "title": _title(f"{product.name} {variant.name}", variant.sku, variant.key),
            "is_variant": True,
            "is_active": product.active,
            "is_in_stock": _in_stock(variant, product),
            "attributes": _attributes(variant=variant.name),
            "properties": {"source": self._account, **stock},
            **({parent: product.key} if parent else {}),
            **self._price((variant,)),
            **filled({"sku": variant.sku, "url": product.url, "image_url": variant.image_url or product.image_url}),
        }

    def _price(self, variants: tuple[Variant, ...]) -> dict[str, str]:
        """The lowest price in the pair's currency, where there is one."""
        lowest = _lowest(variants).get(self._currency)
        return {} if lowest is None else {"price": money(lowest)}

    def _listings(self, product: Product) -> list[dict[str, Any]]:
        """One for each store, which is what price campaigns look at; none where nothing was ever priced."""
        stores: dict[str, dict[str, Any]] = {}
        for currency, amount in sorted(_lowest(product.variants).items()):
            store = self._settings.stores.get(currency, currency)
            listing = {"store": store, "currency": currency, "price": money(amount), "is_active": product.active}
            title = _title(product.name, product.number, product.key)
            about = filled({"title": title, "url": product.url, "image_url": product.image_url})
            stores.setdefault(store, listing | about)
        return [stores[store] for store in sorted(stores)]


def variant_key(settings: OmetriaSettings, key: str) -> str:
    """The id of a variant; `key` is the source's."""
    return f"{settings.variant_prefix}{key}"


def _lowest(variants: tuple[Variant, ...]) -> dict[str, Decimal]:
    """By currency, what the cheapest variant costs; of a variant's prices in one currency the first counts."""
    found: dict[str, Decimal] = {}
    for variant in variants:
        firsts = {price.currency: price.amount for price in reversed(variant.prices)}
        for currency, amount in firsts.items():
            found[currency] = min(amount, found.get(currency, amount))
    return found


def _in_stock(variant: Variant, product: Product) -> bool:
    """Whether it can be bought: not what is not sold any more or was never priced; what nobody counts is there."""
    if not product.active:
        return False
    return bool(variant.prices) if variant.stock is None else variant.stock > 0


def _attributes(**values: str | None) -> list[dict[str, str]]:
    return [{"type": name, "id": text, "label": text} for name, text in sorted(filled(values).items())]


def _title(*names: str) -> str:
    return next((text for name in names if (text := cut(clean(name), _TITLE))), "?")
