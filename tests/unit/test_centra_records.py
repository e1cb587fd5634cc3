"""What Centra's returns, customers and products become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.model.records import Customer, Product, Return
from tests.unit.centra_nodes import address, customer, money, product, read_list, refund_of_return


def one_return(**fields: Any) -> Return:
    record = read_list("returns", [refund_of_return(**fields)]).records[0]
    assert isinstance(record, Return)
    return record


def one_customer(**fields: Any) -> Customer:
    record = read_list("customers", [customer(**fields)]).records[0]
    assert isinstance(record, Customer)
    return record


def one_product(**fields: Any) -> Product:
    record = read_list("products", [product(**fields)]).records[0]
    assert isinstance(record, Product)
    return record


@pytest.mark.req("ORD-5")
def test_a_return_names_its_order_its_lines_and_its_refunds() -> None:
    found = one_return()
    assert (found.key, found.order_key, found.order_number, found.status) == ("31", "a" * 32, "1001", "completed")
    assert found.created_at == found.updated_at == datetime(2026, 3, 9, 11, tzinfo=UTC)
    assert [(line.line_key, line.quantity, line.total) for line in found.lines] == [("1", 1, Decimal("299.5"))]
    assert [(one.kind, one.amount, one.succeeded) for one in found.refunds] == [("refunded", Decimal("299.5"), True)]


@pytest.mark.req("ORD-5")
@pytest.mark.parametrize(("theirs", "ours"), [("PENDING", "open"), ("COMPLETED", "completed"), ("LOST", "unknown")])
def test_a_returns_status_may_be_new_to_us(theirs: str, ours: str) -> None:
    assert one_return(returnStatus=theirs).status == ours


@pytest.mark.req("ORD-5")
def test_a_wholesale_return_has_no_order_and_no_customer() -> None:
    found = read_list("returns", [{k: v for k, v in refund_of_return().items() if k not in {"order", "customer"}}])
    record = found.records[0]
    assert isinstance(record, Return)
    assert (record.order_key, record.order_number, record.customer_key) == (None, None, None)


@pytest.mark.req("CUS-1")
def test_a_customer_keeps_the_address_as_it_is_written() -> None:
    found = one_customer()
    assert (found.key, found.email) == ("5", "Asa@Mail.test")
    assert (found.first_name, found.phone, found.birthdate) == ("Åsa", "+46701234567", date(1990, 2, 3))
    assert found.address is not None
    assert (found.address.line1, found.address.line2, found.address.country) == ("Storgatan 1", None, "SE")


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(("flag", "opted_in"), [(True, True), (False, False), (None, None)])
def test_the_newsletter_flag_is_the_only_opt_in(flag: bool | None, opted_in: bool | None) -> None:
    assert one_customer(newsletter=flag).opted_in is opted_in


@pytest.mark.req("CON-2")
def test_a_flag_that_was_not_asked_for_leaves_consent_unsaid() -> None:
    node = {name: value for name, value in customer().items() if name not in {"newsletter", "registered"}}
    record = read_list("customers", [node]).records[0]
    assert isinstance(record, Customer)
    assert (record.opted_in, record.registered) == (None, True)


@pytest.mark.req("ID-2")
def test_a_guests_record_is_told_from_a_registered_one() -> None:
    assert one_customer(registered=False).registered is False


@pytest.mark.req("CUS-1")
def test_custom_attributes_follow() -> None:
    attributes = [
        {"type": {"name": "loyalty", "isMapped": False}, "elements": [{"key": "level", "value": "gold"}]},
        {
            "type": {"name": "size", "isMapped": True},
            "elements": [{"key": "top", "value": "M"}, {"key": "shoe", "selectedValue": "39"}],
        },
        {"type": {"name": "empty", "isMapped": False}, "elements": [{"key": "none", "value": None}]},
    ]
    assert one_customer(attributes=attributes).attributes == {"loyalty": "gold", "size.top": "M", "size.shoe": "39"}


@pytest.mark.req("CUS-1")
def test_a_name_that_stands_only_on_the_address_is_found() -> None:
    found = one_customer(firstName=None, lastName="", billingAddress=address(firstName="Bo", lastName="Ek"))
    assert (found.first_name, found.last_name) == ("Bo", "Ek")


@pytest.mark.req("CAT-1")
def test_a_product_has_a_variant_for_each_size_with_stock_and_price() -> None:
    displays = [
        {"status": "INACTIVE", "uri": "old", "media": [{"source": {"url": "https://img.test/old.jpg"}}], "prices": []},
        {
            "status": "ACTIVE",
            "uri": "shirt",
            "description": "A shirt.",
            "media": [{"source": None}, {"source": [{"url": "https://img.test/shirt.jpg"}]}],
            "prices": [
                {"pricelist": {"name": "Sweden"}, "price": money(399.0) | {"currency": {"code": "SEK"}}},
                {"pricelist": {"name": "No price"}, "price": None},
            ],
            "productVariants": [{"id": 70}],
        },
    ]
    found = one_product(displays=displays)
    variant = found.variants[0]
    assert (found.number, found.brand, found.collection, found.active) == ("P1", "House", "Autumn", True)
    assert (found.url, found.image_url, found.description) == ("shirt", "https://img.test/shirt.jpg", "A shirt.")
    assert (variant.key, variant.sku, variant.name, variant.stock) == ("71", "P1BM", "Blue M", 4)
    assert [(price.currency, price.amount, price.list_name) for price in variant.prices] == [
        ("SEK", Decimal(399), "Sweden")
    ]


@pytest.mark.req("CAT-1")
def test_a_product_changed_when_one_of_its_colours_did() -> None:
    assert one_product().updated_at == datetime(2026, 1, 31, 23, tzinfo=UTC)


@pytest.mark.req("CAT-1")
def test_a_colour_that_no_display_sells_has_no_price() -> None:
    elsewhere = {
        "status": "ACTIVE",
        "uri": "x",
        "prices": [{"price": money(1) | {"currency": {"code": "SEK"}}}],
        "productVariants": [{"id": 999}],
    }
    assert one_product(displays=[elsewhere]).variants[0].prices == ()


@pytest.mark.req("CAT-1")
def test_stock_that_is_not_told_is_not_zero() -> None:
    node = product()
    node["variants"][0]["productSizes"][0]["stockTotals"] = None
    record = read_list("products", [node]).records[0]
    assert isinstance(record, Product)
    assert record.variants[0].stock is None
