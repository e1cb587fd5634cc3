"""Products: all of the shop's are there, with variants, prices and stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .terms import Json, Terms, amount


def compare(books: Json, store: Json, terms: Terms) -> Iterator[str]:
    """What is wrong with the store's products."""
    held = {
        variant["sku"]: (product, variant)
        for product in store["products"].values()
        for variant in product["variants"]
        if variant["sku"]
    }
    wanted = {variant["sku"] for product in books["products"] for variant in product["variants"]}
    for product in books["products"]:
        for variant in product["variants"]:
            found = held.get(variant["sku"])
            if found is None:
                yield f"variant missing: {variant['sku']}"
            else:
                yield from _variant(product, variant, *found, terms)
    yield from _extra(books, store, wanted)
    if "withdrawn goods are out of stock" in terms.promised:
        for sku in sorted(held.keys() - wanted):
            if left := held[sku][1]["inventory_quantity"]:
                yield f"stock of {sku} is {left}, though the shop no longer has it"


def _variant(product: Json, variant: Json, held_product: Json, held: Json, terms: Terms) -> Iterator[str]:
    sku = variant["sku"]
    if held_product["title"] != product["name"]:
        yield f"variant {sku} is sold as {held_product['title']!r}, not {product['name']!r}"
    if held_product["image_url"] != (product["image_url"] or ""):
        yield f"image of {sku} is {held_product['image_url']!r}, not {product['image_url']!r}"
    price = amount(variant["prices"].get(terms.currency))
    if amount(held["price"]) != price:
        yield f"price of {sku} is {held['price']}, not {price}"
    stock = max(0, variant["stock"]) if product["active"] else 0
    if held["inventory_quantity"] != stock:
        yield f"stock of {sku} is {held['inventory_quantity']}, not {stock}"


def _extra(books: Json, store: Json, wanted: set[str]) -> Iterator[str]:
    """A SKU that is there twice, or that can be bought though neither the catalogue nor an order knows it."""
    held = [variant for product in store["products"].values() for variant in product["variants"] if variant["sku"]]
    skus = Counter(variant["sku"] for variant in held)
    gone = {one["sku"] for one in held if not one["inventory_quantity"] and one["visibility"] == "hidden"}
    ordered = {line["sku"] for order in books["orders"] for line in order["lines"]}
    yield from (f"variant doubled: {sku}" for sku, times in sorted(skus.items()) if times > 1)
    yield from (f"variant too many: {sku}" for sku in sorted(skus.keys() - wanted - ordered - gone))
