"""What happens to products and their stock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import ProductListed, ProductWithdrawn, ShopEvent, StockChanged, VariantSpec
from retail_sync.vendors.fulfil.sandbox.records import Product, Template
from retail_sync.vendors.fulfil.sandbox.values import naive

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop

#: What the world calls the collection of its gift cards.
_GIFT_CARDS = "gift cards"
_HALF = Decimal("0.5")


def _listed(shop: Shop, event: ProductListed) -> None:
    """A product is given whole; variants that it no longer has are archived."""
    at = naive(event.at)
    category = shop.named(shop.db.goods_categories, event.collection)
    fields = {
        "name": event.name,
        "code": event.number,
        "brand": event.brand,
        "account_category": category,
        "is_gift_card": event.collection.lower() == _GIFT_CARDS,
        "active": True,
    }
    number = shop.templates.get(event.product_id)
    if number is None:
        template = shop.db.templates.add(create_date=at, **fields)
        shop.templates[event.product_id] = template.id
    else:
        template = shop.db.templates[number]
        _update(shop, template, fields, at)
    _picture(shop, template, event.image_url, at)
    listed = {_vary(shop, template, spec, at, sellable=event.active) for spec in event.variants}
    for gone in (shop.db.products[one] for one in template.products if one not in listed):
        _update(shop, gone, {"active": False}, at)


def _vary(shop: Shop, template: Template, spec: VariantSpec, at: datetime, *, sellable: bool) -> int:
    fields: dict[str, Any] = {
        "template": template.id,
        "code": spec.sku,
        "variant_name": " / ".join(part for part in (spec.colour, spec.size) if part),
        "sellable": sellable,
        "active": True,
        "list_price": _list_price(shop, spec),
    }
    number = shop.products.get(spec.variant_id)
    if number is None:
        cost = (fields["list_price"] * _HALF).quantize(Decimal("0.01"))
        product = shop.db.products.add(create_date=at, cost_price=cost, **fields)
        shop.products[spec.variant_id] = product.id
        template.products.append(product.id)
        for name, value in (("Colour", spec.colour), ("Size", spec.size)):
            if value:
                made = shop.db.attributes.add(create_date=at, product=product.id, name=name, value=value)
                product.attributes.append(made.id)
    else:
        product = shop.db.products[number]
        _update(shop, product, fields, at)
    _set_stock(shop, product, spec.stock)
    return product.id


def _list_price(shop: Shop, spec: VariantSpec) -> Decimal:
    """The price in the company's currency, as shops print it: with tax. ASSUMED."""
    prices = spec.prices
    return prices.get(shop.settings.company_currency) or next(iter(prices.values()), Decimal(0))


def _update(shop: Shop, row: Template | Product, fields: dict[str, Any], at: datetime) -> None:
    """Edit a row, unless all is as it was."""
    if any(getattr(row, name) != value for name, value in fields.items()):
        for name, value in fields.items():
            setattr(row, name, value)
        shop.touch(row, at)


def _picture(shop: Shop, template: Template, url: str | None, at: datetime) -> None:
    for number in template.media:
        if shop.db.media[number].url != url:
            shop.db.media.delete(number)
    template.media = [number for number in template.media if number in shop.db.media.rows]
    if url and not template.media:
        template.media.append(shop.db.media.add(create_date=at, template=template.id, url=url).id)


def _set_stock(shop: Shop, product: Product, count: int) -> None:
    """Spread what can be sold over the warehouses. No edit shows it."""
    first, *others = (place.id for place in shop.db.locations)
    away = max(0, count // 5) // len(others) if others else 0
    product.stock = {first: count - away * len(others), **dict.fromkeys(others, away)}


def _stock_changed(shop: Shop, event: StockChanged) -> None:
    number = shop.products.get(event.variant_id)
    if number is not None:
        product = shop.db.products[number]
        _set_stock(shop, product, event.stock)
        shop.webhooks.stock_changed(product, naive(event.at))


def _withdrawn(shop: Shop, event: ProductWithdrawn) -> None:
    """Sold goods can't be deleted: the product and its variants are archived."""
    number = shop.templates.get(event.product_id)
    if number is None:
        return
    template, at = shop.db.templates[number], naive(event.at)
    _update(shop, template, {"active": False}, at)
    for product in (shop.db.products[one] for one in template.products):
        _update(shop, product, {"active": False}, at)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    ProductListed: _listed,
    StockChanged: _stock_changed,
    ProductWithdrawn: _withdrawn,
}
