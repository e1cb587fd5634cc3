"""The product catalogue as Emarsys takes one: a file with a row for each item that sales data may name.

Columns are CONFIRMED; that a row without a link is dropped is ASSUMED, so a row always has one or is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Listing
from retail_sync.model.records import Product, Variant
from retail_sync.model.texts import cut, shown
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.merchant import Merchant
from retail_sync.vendors.emarsys.text import clean

_TITLE, _DESCRIPTION = 255, 1000
_PRICED = Decimal("0.01")
_PLAIN = (
    "item", "title", "link", "image", "category", "available", "price", "description", "group_id", "c_sku", "c_brand",
    "c_collection", "c_stock",
)  # fmt: skip


class _Item(NamedTuple):
    """What sales data may name, with the variants that it stands for."""

    name: str
    title: str
    variants: tuple[Variant, ...]
    sku: str
    image: str | None


class Catalogue:
    """The catalogue's file for one pair. See `model.feed.Feed`.

    Args:
        settings: The pair's Emarsys settings.
        currency: The pair's currency, in which `price` is; further ones have a column each.
        merchant: The way to bring it, where it is pushed.
    """

    def __init__(self, settings: EmarsysSettings, currency: str, merchant: Merchant | None) -> None:
        self.least = settings.catalogue_least
        self.pushed = settings.catalogue == "pushed"
        self._others = tuple(one for one in settings.catalogue_currencies if one != currency)
        self.columns: Sequence[str] = (*_PLAIN, *(f"price_{other}" for other in self._others))
        self._settings = settings
        self._currency = currency
        self._merchant = merchant

    def rows(self, listing: Listing) -> Iterator[tuple[str, ...]]:
        """A row for each variant, or one for the product where sales data names products; none without a link.

        Variants that go by one name are one item, which can be bought as long as one of them can.
        """
        product = listing.product
        for item in self._items(product):
            if link := self._link(product, item.sku):
                cells = {
                    "item": item.name,
                    "title": cut(" ".join(clean(item.title).split()), _TITLE) or item.name,
                    "link": link,
                    "image": item.image or "",
                    "c_sku": clean(item.sku),
                    **_about(product),
                    **self._offer(product, item.variants),
                }
                yield tuple(cells[column] for column in self.columns)

    def push(self, content: bytes) -> str:
        """Bring a file, gzipped; gives what Emarsys refuses of it.

        The way is CONFIRMED from the vendor's own plugin and documented nowhere.
        """
        if self._merchant is None:
            raise ConfigurationError("the catalogue is not pushed", fix="Choose `catalogue: pushed`.")
        status, words = self._merchant.upload("catalog", content, packed=True)
        return "" if status < 300 else shown(words) or f"HTTP {status}"

    def _items(self, product: Product) -> Iterator[_Item]:
        if self._settings.item == "product":
            yield _Item(product.key, product.name, product.variants, product.number, product.image_url)
            return
        named: dict[str, list[Variant]] = {}
        for variant in sorted(product.variants, key=lambda one: one.key):
            named.setdefault(self._item(variant), []).append(variant)
        for name, variants in named.items():
            first, image = variants[0], next((one.image_url for one in variants if one.image_url), product.image_url)
            yield _Item(name, f"{product.name} {first.name}", tuple(variants), first.sku, image)

    def _item(self, variant: Variant) -> str:
        return clean(variant.sku if self._settings.item == "sku" else variant.key) or variant.key

    def _link(self, product: Product, sku: str) -> str:
        if product.url and product.url.startswith(("http://", "https://")):
            return product.url
        if not self._settings.catalogue_link:
            return ""
        known = {"number": product.number, "key": product.key, "sku": sku, "path": (product.url or "").lstrip("/")}
        return self._settings.catalogue_link.format_map({name: quote(text) for name, text in known.items()})

    def _offer(self, product: Product, variants: tuple[Variant, ...]) -> Mapping[str, str]:
        """Whether it can be bought, how many there are, and what the cheapest costs."""
        counted = [one.stock for one in variants if one.stock is not None]
        prices = {f"price_{other}": _lowest(variants, other) for other in self._others}
        available = product.active and any(_can_be_bought(one) for one in variants)
        return {
            "available": "true" if available else "false",
            "c_stock": str(sum(max(0, stock) for stock in counted)) if counted else "",
            "price": _lowest(variants, self._currency),
            **prices,
        }


def _about(product: Product) -> Mapping[str, str]:
    """What all items of a product share; the group holds its sizes together."""
    collection = clean(product.collection or "")
    return {
        "category": collection,
        "c_collection": collection,
        "c_brand": clean(product.brand or ""),
        "description": cut(clean(product.description or ""), _DESCRIPTION),
        "group_id": product.key,
    }


def _can_be_bought(variant: Variant) -> bool:
    """What nobody counts is there once it has a price."""
    return bool(variant.prices) if variant.stock is None else variant.stock > 0


def _lowest(variants: tuple[Variant, ...], currency: str) -> str:
    """What the cheapest costs; of a variant's prices in one currency the first counts. Empty where none is known."""
    firsts = (next((one.amount for one in variant.prices if one.currency == currency), None) for variant in variants)
    known = [amount for amount in firsts if amount is not None]
    return str(min(known).quantize(_PRICED)) if known else ""
