"""Products of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.customers import check_path_id
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import already_exists
from retail_sync.vendors.mailchimp.sandbox.schema import (
    Json,
    foreign_id,
    integer,
    many,
    missing,
    moment,
    money,
    require,
    string,
    text,
    thing,
)
from retail_sync.vendors.mailchimp.sandbox.store import Store, found, listed

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

VARIANT = {
    "id": foreign_id,
    "title": string(shortest=1),
    "url": text,
    "sku": text,
    "price": money,
    "inventory_quantity": integer,
    "image_url": text,
    "backorders": text,
    "visibility": text,
}
VARIANT_NEEDS = ("id", "title")
IMAGE = {"id": foreign_id, "url": text, "variant_ids": many(text)}
IMAGE_NEEDS = ("id", "url")
CHANGES = {
    "title": string(shortest=1),
    "handle": text,
    "url": text,
    "description": text,
    "type": text,
    "vendor": text,
    "image_url": text,
    "variants": many(thing(VARIANT, required=("id",)), least=1),
    "images": many(thing(IMAGE, required=IMAGE_NEEDS)),
    "published_at_foreign": moment,
}
CHANGED = thing(CHANGES)
NEW = thing(
    {**CHANGES, "id": foreign_id, "variants": many(thing(VARIANT, required=VARIANT_NEEDS), least=1)},
    required=("id", "title", "variants"),
)


def blank_variant(now: str) -> Json:
    """A variant of which nothing has been said."""
    return {
        "url": "",
        "sku": "",
        "price": 0,
        "inventory_quantity": 0,
        "image_url": "",
        "backorders": "",
        "visibility": "",
        "created_at": now,
        "updated_at": now,
    }


def put_variant(product: Json, body: Json, now: str) -> Json:
    """Create or change a variant of a product.

    Raises:
        Problem: 400, when a new one has no title.
    """
    variants = product["variants"]
    known = variants.get(body["id"])
    if known is None and "title" not in body:
        raise missing("title")
    variant: Json = variants.setdefault(body["id"], blank_variant(now) if known is None else known)
    variant.update(body, updated_at=now)
    return variant


def add_product(store: Store, body: Json, now: str) -> Json:
    """Enter a new product."""
    product: Json = {
        "id": body["id"],
        "currency_code": store.about["currency_code"],
        "title": body["title"],
        "handle": "",
        "url": "",
        "description": "",
        "type": "",
        "vendor": "",
        "image_url": "",
        "variants": {},
        "images": {},
        "published_at_foreign": "",
        "_links": [],
    }
    change_product(product, body, now)
    store.products[body["id"]] = product
    return product


def change_product(product: Json, body: Json, now: str) -> None:
    """Change what is given; variants that are not named stay.

    Raises:
        Problem: 400, when a new variant has no title.
    """
    for variant in body.get("variants", ()):
        if variant["id"] not in product["variants"] and "title" not in variant:
            raise missing("title")
    for variant in body.get("variants", ()):
        put_variant(product, variant, now)
    for image in body.get("images", ()):
        product["images"][image["id"]] = {"variant_ids": [], **image}
    product.update({name: value for name, value in body.items() if name not in ("variants", "images")})


def view(product: Json) -> Json:
    """A product as answers show it."""
    return listed(product, "variants", "images")


def index(account: Account, ask: Ask) -> Answer:
    """GET products."""
    store = account.store(ask.ids[0])
    products = list(store.products.values())
    shown = [view(product) for product in page_of(ask, products)]
    return collection(ask, "products", shown, len(products), store_id=store.id)


def create(account: Account, ask: Ask) -> Answer:
    """POST a product that must be new."""
    store = account.store(ask.ids[0])
    body = require(NEW, ask.json())
    if body["id"] in store.products:
        raise already_exists("A product")
    return Answer(view(add_product(store, body, account.now_text())))


def show(account: Account, ask: Ask) -> Answer:
    """GET one product."""
    return viewed(ask, view(found(account.store(ask.ids[0]).products, ask.ids[1])))


def put(account: Account, ask: Ask) -> Answer:
    """PUT a product, new or not. ASSUMED: it needs what POST needs, and variants that are not named stay."""
    store = account.store(ask.ids[0])
    body = require(NEW, ask.json())
    check_path_id(body, ask.ids[1])
    product = store.products.get(body["id"])
    if product is None:
        return Answer(view(add_product(store, body, account.now_text())))
    change_product(product, body, account.now_text())
    return Answer(view(product))


def patch(account: Account, ask: Ask) -> Answer:
    """PATCH a product."""
    product = found(account.store(ask.ids[0]).products, ask.ids[1])
    change_product(product, require(CHANGED, ask.json()), account.now_text())
    return Answer(view(product))


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a product; orders keep their lines."""
    store = account.store(ask.ids[0])
    found(store.products, ask.ids[1])
    del store.products[ask.ids[1]]
    return DONE


ALL = "/ecommerce/stores/{store_id}/products"
ONE = f"{ALL}/{{product_id}}"
ENDPOINTS = (
    Endpoint("GET", ALL, index, PAGE),
    Endpoint("POST", ALL, create),
    Endpoint("GET", ONE, show, VIEW),
    Endpoint("PUT", ONE, put),
    Endpoint("PATCH", ONE, patch),
    Endpoint("DELETE", ONE, remove),
)
