"""Products and their stock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.fields import Context, Field, Model, computed, link, links, model, needed, plain
from retail_sync.vendors.fulfil.sandbox.records import Product


def goods_models(db: Database) -> list[Model]:
    """The models of what is sold.

    ASSUMED: `brand`, `is_gift_card` and `media` of templates, and what attributes look like.
    """
    return [
        model(
            "product.template",
            db.templates,
            [
                needed("char", "name"),
                *plain("char", "code", "brand", "type"),
                *plain("boolean", "active", "is_gift_card"),
                link("account_category", "product.category"),
                links("products", "product.product", "template"),
                links("media", "product.media", "template"),
            ],
        ),
        model("product.product", db.products, _product_fields(db), rec_name=_product_name(db)),
        model("product.category", db.goods_categories, [*plain("char", "name"), link("parent", "product.category")]),
        model(
            "product.product.attribute",
            db.attributes,
            [link("product", "product.product", "attributes"), *plain("char", "name", "value")],
        ),
        model(
            "product.media",
            db.media,
            [link("template", "product.template", "media"), *plain("char", "url")],
            rec_name=attrgetter("url"),
        ),
    ]


def _product_fields(db: Database) -> list[Field]:
    return [
        link("template", "product.template", "products"),
        *plain("char", "code", "variant_name"),
        *plain("boolean", "active", "sellable"),
        *plain("numeric", "list_price", "cost_price"),
        *plain("float", "weight"),
        computed("numeric", "wholesale_list_price", lambda _: None),
        computed("many2one", "default_uom", lambda _: 1, "product.uom"),
        links("attributes", "product.product.attribute", "product"),
        computed("boolean", "is_gift_card", lambda product: db.templates[product.template].is_gift_card),
        _quantity("quantity_on_hand", lambda product, of: _stock(product, of) + _reserved(db, product, of)),
        _quantity("quantity_available", _stock),
        _quantity("quantity_outbound", lambda product, of: _reserved(db, product, of)),
        _quantity("quantity_inbound", lambda _, __: 0),
        _quantity("quantity_on_confirmed_purchase_orders", lambda _, __: 0),
    ]


def _quantity(name: str, count: Callable[[Product, Context], int]) -> Field:
    """A figure that is counted when it is asked for: nothing searches by it, and no edit shows that it changed."""
    field = computed("float", name, lambda product: float(count(product, {})))
    return replace(field, searchable=False, in_context=lambda product, context: float(count(product, context)))


def _stock(product: Product, context: Context) -> int:
    """What can be sold: in the warehouses that the context names, or in all."""
    wanted = context.get("locations")
    return sum(count for place, count in product.stock.items() if not wanted or place in wanted)


def _reserved(db: Database, product: Product, context: Context) -> int:
    """What is sold and lies in the first warehouse still."""
    wanted, first = context.get("locations"), next(iter(db.locations)).id
    return product.reserved if not wanted or first in wanted else 0


def _product_name(db: Database) -> Callable[[Any], str]:
    return lambda product: f"[{product.code}] {db.templates[product.template].name}"
