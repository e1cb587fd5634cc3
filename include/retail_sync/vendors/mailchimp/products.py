"""A product as Mailchimp takes one, and the placeholder that stands for what is no product."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Listing
from retail_sync.model.records import Product, Variant
from retail_sync.model.texts import cut
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import bounded, filled, money
from retail_sync.vendors.mailchimp.text import clean

#: Mailchimp keeps no order without a line and no line without a product. This product stands for lines that the source
#: ties to none, for orders of nothing but shipping, and for orders of which everything came back.
PLACEHOLDER = "shipping"
_TITLE = 255
_NOTHING = Decimal(0)
#: Stands for the stock of a variant that the source does not count: Mailchimp would read its absence as none.
_UNCOUNTED = 1_000_000


def product_id(account: str, key: str) -> str:
    """The object id of a product; `key` is the source's."""
    return f"product:{account}:{key}"


class Products:
    """Renders products for one pair."""

    def __init__(self, view: DestinationView, settings: MailchimpSettings) -> None:
        self._account = view.source_account
        self._currency = view.currency
        self._shown, self._hidden = settings.variant_shown, settings.variant_hidden
        self._needs = (f"store:{settings.store}",)

    def render(self, listing: Listing) -> Wanted:
        """The product with all its variants, in the order of their ids."""
        product = listing.product
        title = _title(product.name, product.number, product.key)
        payload: dict[str, Any] = {"id": bounded(product.key), "title": title}
        payload |= filled(
            {
                "handle": product.number,
                "url": product.url,
                "vendor": product.brand,
                "type": product.collection,
                "image_url": product.image_url,
            }
        )
        variants = [self._variant(variant, product) for variant in product.variants]
        # A product without variants is its own single variant, as Mailchimp wants it.
        variants = variants or [_bare(payload["id"], title)]
        payload["variants"] = sorted(variants, key=lambda variant: str(variant["id"]))
        return self._wanted(product.key, payload)

    def placeholder(self) -> Wanted:
        """The product of lines that have none."""
        title = "Shipping and services"
        return self._wanted(PLACEHOLDER, {"id": PLACEHOLDER, "title": title, "variants": [_bare(PLACEHOLDER, title)]})

    def _wanted(self, key: str, payload: dict[str, Any]) -> Wanted:
        return Wanted(
            kind="product",
            object_id=product_id(self._account, key),
            vendor_key=payload["id"],
            payload=payload,
            needs=self._needs,
        )

    def _variant(self, variant: Variant, product: Product) -> dict[str, Any]:
        prices = (price.amount for price in variant.prices if price.currency == self._currency)
        rendered: dict[str, Any] = {
            "id": bounded(variant.key),
            "title": _title(variant.name, variant.sku, variant.key),
            "price": money(next(prices, _NOTHING)),
            "inventory_quantity": _stock(variant, product),
        }
        seen = self._shown if product.active else self._hidden
        return rendered | filled({"sku": variant.sku, "image_url": variant.image_url, "visibility": seen})


def _bare(key: str, title: str) -> dict[str, Any]:
    return {"id": key, "title": title, "price": "0.00", "inventory_quantity": 0}


def _stock(variant: Variant, product: Product) -> int:
    """What can be bought: none of what is not sold any more or was never priced, plenty of what nobody counts."""
    if not product.active or (variant.stock is None and not variant.prices):
        return 0
    return _UNCOUNTED if variant.stock is None else max(0, variant.stock)


def _title(*names: str) -> str:
    return next((text for name in names if (text := cut(clean(name), _TITLE))), "?")
