"""A product as Mailchimp takes one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from retail_sync.model.people import Listing
from retail_sync.model.records import Price, Product, Variant
from retail_sync.vendors.mailchimp.products import Products

from .mailchimp_renderings import AT, SETTINGS, view


def variant(key: str = "11", **changes: Any) -> Variant:
    fields: dict[str, Any] = {"sku": f"SKU{key}", "name": "M", "prices": (Price(currency="SEK", amount=Decimal(499)),)}
    return Variant(key=key, **(fields | changes))


def product(stub: bool = False, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": "10", "number": "N10", "name": "Shirt", "updated_at": AT, "variants": (variant(),)}
    wanted = Products(view(), SETTINGS).render(Listing(product=Product(**(fields | changes)), stub=stub))
    assert wanted.object_id == "product:centra_main:10"
    assert wanted.needs == ("store:main",)
    return wanted.payload


@pytest.mark.req("CAT-1")
def test_a_product_has_its_variants_in_the_stores_currency() -> None:
    euro = Price(currency="EUR", amount=Decimal(49))
    rendered = product(
        brand="Own",
        collection="Autumn",
        url="https://shop.test/p",
        image_url="https://shop.test/p.jpg",
        variants=(variant("12", prices=(euro,)), variant("11", stock=3, prices=(euro, *variant().prices))),
    )

    assert (rendered["type"], rendered["vendor"], rendered["handle"]) == ("Autumn", "Own", "N10")
    assert [(one["id"], one["price"]) for one in rendered["variants"]] == [("11", "499.00"), ("12", "0.00")]
    assert rendered["variants"][0]["inventory_quantity"] == 3


@pytest.mark.req("CAT-1")
@pytest.mark.parametrize(
    ("changes", "active", "stock"),
    [
        ({"stock": 5}, True, 5),
        ({"stock": -2}, True, 0),
        ({"stock": None}, True, 1_000_000),
        ({"stock": None, "prices": ()}, True, 0),
        ({"stock": 5}, False, 0),
    ],
)
def test_what_can_be_bought(changes: dict[str, Any], active: bool, stock: int) -> None:
    rendered = product(variants=(variant(**changes),), active=active)
    assert rendered["variants"][0]["inventory_quantity"] == stock


@pytest.mark.req("CAT-2")
def test_a_product_without_variants_is_its_own() -> None:
    rendered = product(stub=True, variants=(), name=" ")
    assert rendered["title"] == "N10"
    assert [one["id"] for one in rendered["variants"]] == ["10"]
