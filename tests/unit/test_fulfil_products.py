"""What Fulfil's product templates become."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from retail_sync.model.records import Product
from retail_sync.vendors.fulfil.children import Children
from retail_sync.vendors.fulfil.client import Question, Rows
from retail_sync.vendors.fulfil.decoding import Unknown
from retail_sync.vendors.fulfil.payloads import TemplateRow
from retail_sync.vendors.fulfil.products import Products
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import shapes
from tests.unit.fulfil_rows import NOON


class Account:
    """Has these rows, by model, and keeps what it was asked."""

    currency = "SEK"

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        self.rows = {"product.product": rows.get("products", []), "product.media": rows.get("media", [])}
        self.asked: list[Question] = []

    def read(self, question: Question, size: int, last: int = 0) -> Rows:
        self.asked.append(question)
        return Rows([row for row in self.rows[question.model] if row["id"] > last][:size], NOON)

    def count(self, question: Question) -> int:
        return len(self.rows[question.model])


def variant(number: int, **fields: Any) -> dict[str, Any]:
    said = {
        "id": number,
        "create_date": NOON,
        "template": 7,
        "code": f"P7-{number}",
        "variant_name": f"Red / {number}",
        "list_price": Decimal("100.00"),
        "quantity_available": Decimal("4.0"),
    }
    return said | fields


def read(account: Account, template: dict[str, Any] | None = None, **settings: Any) -> list[Any]:
    own = Settings(**settings)
    said: dict[str, Any] = {"id": 7, "create_date": NOON, "name": "Coat"}
    made = Products(account, Children(account, own), account, shapes(own), own)  # type: ignore[arg-type]
    return made.records([TemplateRow(**(said | (template or {})))])


def one(account: Account, template: dict[str, Any] | None = None, **settings: Any) -> Product:
    (found,) = read(account, template, **settings)
    assert isinstance(found, Product)
    return found


@pytest.mark.req("CAT-1")
def test_a_template_is_a_product_with_its_variants() -> None:
    found = one(Account(products=[variant(1), variant(2)]), {"brand": "North", "collection": "Winter"})
    assert (found.key, found.number, found.name, found.brand, found.collection) == ("7", "7", "Coat", "North", "Winter")
    assert [(each.key, each.sku, each.name, each.stock) for each in found.variants] == [
        ("1", "P7-1", "Red / 1", 4),
        ("2", "P7-2", "Red / 2", 4),
    ]
    assert [(price.currency, price.amount) for price in found.variants[0].prices] == [("SEK", Decimal("100.00"))]


@pytest.mark.req("CAT-1")
def test_what_is_archived_is_gone_and_what_is_not_for_sale_can_t_be_had() -> None:
    account = Account(products=[variant(1), variant(2, active=False), variant(3, sellable=False)])
    assert [(each.key, each.stock) for each in one(account).variants] == [("1", 4), ("3", 0)]


@pytest.mark.req("CAT-1")
@pytest.mark.parametrize(
    ("template", "fields"), [({"active": False}, {}), ({}, {"active": False}), ({}, {"sellable": False})]
)
def test_a_product_of_which_nothing_is_sold_is_inactive_and_keeps_its_variants(
    template: dict[str, Any], fields: dict[str, Any]
) -> None:
    found = one(Account(products=[variant(1, **fields)]), template)
    assert (found.active, [each.sku for each in found.variants]) == (False, ["P7-1"])


@pytest.mark.req("CAT-1")
def test_stock_that_is_not_counted_is_unknown_and_one_below_zero_is_told() -> None:
    account = Account(products=[variant(1, quantity_available=None), variant(2, quantity_available=-3)])
    assert [each.stock for each in one(account).variants] == [None, -3]


@pytest.mark.req("CAT-1")
def test_stock_is_that_of_the_warehouses_that_count() -> None:
    account = Account(products=[variant(1)])
    one(account, warehouses=[4, 5], stock_field="quantity_on_hand")
    assert account.asked[0].context == {"active_test": False, "locations": [4, 5]}
    assert "quantity_on_hand" in account.asked[0].fields


@pytest.mark.req("CAT-1")
def test_tax_is_put_on_prices_that_lack_it() -> None:
    account = Account(products=[variant(1, list_price=Decimal("79.96"))])
    assert one(account, list_price_tax=25).variants[0].prices[0].amount == Decimal("99.95")


@pytest.mark.req("OPS-3")
def test_a_variant_that_can_t_be_read_is_named_with_its_product() -> None:
    ((key, reason),) = read(Account(products=[variant(1), variant(2, list_price=Unknown("Moon"))]))
    assert key == "7"
    assert "product.product 2" in reason
    assert "'Moon'" in reason


@pytest.mark.req("CAT-1")
def test_the_first_picture_is_shown() -> None:
    account = Account(products=[variant(1)], media=[{"id": 3, "url": "https://img.shop.test/3.jpg"}])
    found = one(account, {"media": [3]}, names={"template_media": "media"})
    assert found.image_url == "https://img.shop.test/3.jpg"
