"""Variants and images of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.customers import check_path_id
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import already_exists, bad_request, parent_product_missing
from retail_sync.vendors.mailchimp.sandbox.products import IMAGE, IMAGE_NEEDS, VARIANT, VARIANT_NEEDS, put_variant
from retail_sync.vendors.mailchimp.sandbox.schema import Json, require, thing
from retail_sync.vendors.mailchimp.sandbox.store import found

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

NEW_VARIANT = thing(VARIANT, required=VARIANT_NEEDS)
VARIANT_CHANGES = thing({name: check for name, check in VARIANT.items() if name != "id"})
NEW_IMAGE = thing(IMAGE, required=IMAGE_NEEDS)
IMAGE_CHANGES = thing({name: check for name, check in IMAGE.items() if name != "id"})


def _product(account: Account, ask: Ask) -> Json:
    return found(account.store(ask.ids[0]).products, ask.ids[1])


def variants(account: Account, ask: Ask) -> Answer:
    """GET the variants of a product."""
    product = _product(account, ask)
    shown = list(product["variants"].values())
    return collection(ask, "variants", page_of(ask, shown), len(shown), store_id=ask.ids[0], product_id=ask.ids[1])


def create_variant(account: Account, ask: Ask) -> Answer:
    """POST a variant that must be new."""
    product = _product(account, ask)
    body = require(NEW_VARIANT, ask.json())
    if body["id"] in product["variants"]:
        raise already_exists("A product variant")
    return Answer(put_variant(product, body, account.now_text()))


def show_variant(account: Account, ask: Ask) -> Answer:
    """GET one variant."""
    return viewed(ask, found(_product(account, ask)["variants"], ask.ids[2]))


def write_variant(account: Account, ask: Ask) -> Answer:
    """PUT a variant, new or not, of a product that exists."""
    product = account.store(ask.ids[0]).products.get(ask.ids[1])
    if product is None:
        raise parent_product_missing()
    body = require(NEW_VARIANT, ask.json())
    check_path_id(body, ask.ids[2])
    return Answer(put_variant(product, body, account.now_text()))


def change_variant(account: Account, ask: Ask) -> Answer:
    """PATCH a variant."""
    product = _product(account, ask)
    found(product["variants"], ask.ids[2])
    body = require(VARIANT_CHANGES, ask.json())
    return Answer(put_variant(product, {**body, "id": ask.ids[2]}, account.now_text()))


def remove_variant(account: Account, ask: Ask) -> Answer:
    """DELETE a variant; the last one stays."""
    product = _product(account, ask)
    found(product["variants"], ask.ids[2])
    if len(product["variants"]) == 1:
        raise bad_request("A product must have at least one variant.")
    del product["variants"][ask.ids[2]]
    return DONE


def images(account: Account, ask: Ask) -> Answer:
    """GET the images of a product."""
    shown = list(_product(account, ask)["images"].values())
    return collection(ask, "images", page_of(ask, shown), len(shown), store_id=ask.ids[0], product_id=ask.ids[1])


def create_image(account: Account, ask: Ask) -> Answer:
    """POST an image that must be new."""
    product = _product(account, ask)
    body = require(NEW_IMAGE, ask.json())
    if body["id"] in product["images"]:
        raise already_exists("An image")
    product["images"][body["id"]] = {"variant_ids": [], **body}
    return Answer(product["images"][body["id"]])


def show_image(account: Account, ask: Ask) -> Answer:
    """GET one image."""
    return viewed(ask, found(_product(account, ask)["images"], ask.ids[2]))


def change_image(account: Account, ask: Ask) -> Answer:
    """PATCH an image."""
    image = found(_product(account, ask)["images"], ask.ids[2])
    image.update(require(IMAGE_CHANGES, ask.json()))
    return Answer(image)


def remove_image(account: Account, ask: Ask) -> Answer:
    """DELETE an image."""
    product = _product(account, ask)
    found(product["images"], ask.ids[2])
    del product["images"][ask.ids[2]]
    return DONE


PRODUCT = "/ecommerce/stores/{store_id}/products/{product_id}"
VARIANT_PATH = f"{PRODUCT}/variants/{{variant_id}}"
IMAGE_PATH = f"{PRODUCT}/images/{{image_id}}"
ENDPOINTS = (
    Endpoint("GET", f"{PRODUCT}/variants", variants, PAGE),
    Endpoint("POST", f"{PRODUCT}/variants", create_variant),
    Endpoint("GET", VARIANT_PATH, show_variant, VIEW),
    Endpoint("PUT", VARIANT_PATH, write_variant),
    Endpoint("PATCH", VARIANT_PATH, change_variant),
    Endpoint("DELETE", VARIANT_PATH, remove_variant),
    Endpoint("GET", f"{PRODUCT}/images", images, PAGE),
    Endpoint("POST", f"{PRODUCT}/images", create_image),
    Endpoint("GET", IMAGE_PATH, show_image, VIEW),
    Endpoint("PATCH", IMAGE_PATH, change_image),
    Endpoint("DELETE", IMAGE_PATH, remove_image),
)
