"""What a product becomes in the file of a catalogue at Emarsys."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Listing
from retail_sync.model.records import Price, Product, Variant
from retail_sync.vendors.emarsys.catalogue import Catalogue
from retail_sync.vendors.emarsys.facts import EmarsysSettings

pytestmark = pytest.mark.req("CAT-1")

SMALL = Variant(
    key="71",
    sku="shirt-s",
    name="S",
    stock=3,
    prices=(
        Price(currency="SEK", amount=Decimal(200)),
        Price(currency="SEK", amount=Decimal(150), list_name="outlet"),
        Price(currency="EUR", amount=Decimal("19.9")),
    ),
)
LARGE = Variant(key="72", sku="shirt-l", name="L", stock=0, prices=(Price(currency="SEK", amount=Decimal(180)),))
SHIRT = Product(
    key="7",
    number="SH-7",
    name="Shirt\u202e \U0001f600",
    updated_at=datetime(2026, 5, 1, tzinfo=UTC),
    collection="Summer",
    brand="House",
    url="https://shop.test/shirt",
    variants=(LARGE, SMALL),
)


def rows(product: Product = SHIRT, **settings: Any) -> list[dict[str, str]]:
    """A product's rows, by column."""
    catalogue = Catalogue(EmarsysSettings.model_validate({"sales": "none", **settings}), "SEK", None)
    return [dict(zip(catalogue.columns, row, strict=True)) for row in catalogue.rows(Listing(product=product))]


def test_every_variant_is_an_item_of_its_products_group() -> None:
    small, large = rows()
    assert (small["item"], large["item"]) == ("shirt-s", "shirt-l")
    assert (small["available"], large["available"]) == ("true", "false")
    assert (small["price"], large["price"]) == ("200.00", "180.00")
    assert {one["group_id"] for one in (small, large)} == {"7"}
    assert small["title"] == "Shirt S"
    assert (small["c_collection"], small["c_brand"], small["c_stock"]) == ("Summer", "House", "3")


def test_items_are_what_sales_data_names() -> None:
    assert [one["item"] for one in rows(item="variant")] == ["71", "72"]
    (one,) = rows(item="product")
    assert (one["item"], one["price"], one["c_stock"], one["available"]) == ("7", "180.00", "3", "true")


def test_variants_of_one_sku_are_one_item_that_can_be_bought_as_long_as_one_of_them_can() -> None:
    gone = msgspec.structs.replace(SMALL, key="70", stock=0, prices=())
    (large, small) = sorted(
        rows(msgspec.structs.replace(SHIRT, variants=(LARGE, gone, SMALL))), key=lambda one: one["item"]
    )
    assert (large["item"], small["item"]) == ("shirt-l", "shirt-s")
    assert (small["available"], small["c_stock"], small["price"]) == ("true", "3", "200.00")


def test_a_sku_is_written_as_the_item_is() -> None:
    odd = msgspec.structs.replace(SMALL, sku="shirt-\U0001f600s\u202e")
    (small,) = rows(msgspec.structs.replace(SHIRT, variants=(odd,)))
    assert small["item"] == small["c_sku"] == "shirt- s"


def test_another_currency_has_a_column_of_its_own() -> None:
    small, large = rows(catalogue_currencies=["SEK", "EUR"])
    assert (small["price_EUR"], large["price_EUR"]) == ("19.90", "")
    assert "price_SEK" not in small


def test_what_is_not_sold_any_more_stays_listed_and_can_not_be_bought() -> None:
    gone = msgspec.structs.replace(SHIRT, active=False)
    assert [one["available"] for one in rows(gone)] == ["false", "false"]


def test_an_item_without_an_address_gets_one_by_the_template_or_is_left_out() -> None:
    unknown = msgspec.structs.replace(SHIRT, url="shirts/red one")
    assert rows(unknown) == []
    assert [one["link"] for one in rows(unknown, catalogue_link="https://shop.test/{path}?sku={sku}")] == [
        "https://shop.test/shirts/red%20one?sku=shirt-s",
        "https://shop.test/shirts/red%20one?sku=shirt-l",
    ]


@pytest.mark.parametrize("template", ["https://shop.test/{slug}", "https://shop.test/{", "{}"])
def test_a_template_that_asks_for_what_is_not_known_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="catalogue_link"):
        EmarsysSettings.model_validate({"sales": "none", "catalogue_link": template})


def test_a_catalogue_that_is_fetched_can_not_be_pushed() -> None:
    with pytest.raises(ConfigurationError, match="not pushed"):
        Catalogue(EmarsysSettings.model_validate({"sales": "none"}), "SEK", None).push(b"")
