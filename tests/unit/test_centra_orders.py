"""What Centra's orders become."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.model.records import Order
from retail_sync.vendors.centra.facts import Settings
from tests.unit.centra_nodes import address, line, money, order, payment, read_orders, shipment


def one(settings: Settings | None = None, **fields: Any) -> Order:
    page = read_orders([order(**fields)], settings)
    assert not page.refused
    record = page.records[0]
    assert isinstance(record, Order)
    return record


@pytest.mark.req("ORD-1")
def test_an_order_keeps_its_numbers_times_and_sums() -> None:
    found = one()
    assert (found.key, found.number, found.status) == (f"{1001:032x}", "1001", "shipped")
    assert found.placed_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert found.updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert found.placed_at.tzinfo is UTC
    assert (found.currency, found.total, found.tax) == ("SEK", Decimal("648.0"), Decimal("129.6"))
    assert (found.shipping, found.shipping_tax, found.other_charges) == (Decimal(49), Decimal("9.8"), Decimal(0))
    assert sum(one.total for one in found.lines) + found.shipping + found.other_charges == found.total


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize("text", ["0.1", "134.64", "1234567890.12", "19.9900", "1e2"])
def test_amounts_are_the_digits_of_the_answer(text: str) -> None:
    assert one(grandTotal={"value": float(text), "currency": {"code": "SEK"}}).total == Decimal(text)


@pytest.mark.req("ORD-3")
def test_the_noise_of_a_binary_fraction_is_rounded_off() -> None:
    assert one(lines=[line(lineValue=money(134.63999999999999))]).lines[0].total == Decimal("134.64")
    assert one(totals={"shipping": money(0.1 + 0.2)}).shipping == Decimal("0.3")


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize(("direction", "rate"), [("to_base", Decimal(8)), ("from_base", Decimal("0.125"))])
def test_the_rate_turns_into_the_base_currency_by_multiplication(direction: Any, rate: Decimal) -> None:
    assert one(Settings(rate=direction), currencyBaseRate=8.0).rate == rate


@pytest.mark.req("ORD-1")
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("PENDING", "pending"),
        ("CONFIRMED", "confirmed"),
        ("PROCESSING", "processing"),
        ("SHIPPED", "shipped"),
        ("ARCHIVED", "shipped"),
        ("CANCELLED", "cancelled"),
        ("DELETED", "cancelled"),
        ("BRAND_NEW", "unknown"),
    ],
)
def test_a_status_that_nobody_knows_is_data(theirs: str, ours: str) -> None:
    found = one(status=theirs)
    assert (found.status, found.status_source) == (ours, theirs)


@pytest.mark.req("ORD-1")
def test_a_bundle_and_its_items_count_once() -> None:
    lines = [
        line(1, __typename="BundleOrderLine", quantity=1, lineValue=money(500)),
        line(2, __typename="BundleItemOrderLine", quantity=1, lineValue=money(300)),
        line(3, __typename="BundleItemOrderLine", quantity=1, lineValue=money(200)),
    ]
    kinds = ("bundle", "bundle_item", "bundle_item")
    on_parent, on_items = one(lines=lines).lines, one(Settings(bundle_money="items"), lines=lines).lines
    assert tuple(found.kind for found in on_parent) == kinds
    assert [found.total for found in on_parent] == [500, 0, 0]
    assert [found.total for found in on_items] == [0, 300, 200]


@pytest.mark.req("ORD-3")
def test_a_gift_card_is_told_from_goods() -> None:
    sold = line(
        __typename="GiftCertificateOrderLine", product=None, productSize=None, productNumber="GC", collection=None
    )
    assert (one(lines=[sold]).lines[0].kind, one(lines=[sold]).lines[0].sku) == ("gift_card", "GC")


@pytest.mark.req("ORD-1")
def test_a_line_that_is_wholly_cancelled_is_worth_nothing() -> None:
    found = one(lines=[line(quantity=0, cancelledQuantity=2, lineValue=money(599))]).lines[0]
    assert (found.quantity, found.cancelled, found.total) == (0, 2, Decimal(0))


@pytest.mark.req("ORD-4")
def test_a_line_says_what_was_bought() -> None:
    found = one().lines[0]
    assert (found.sku, found.product_key, found.variant_key) == ("P1BM", "7", "71")
    assert (found.name, found.variant_name, found.collection) == ("Shirt", "Blue M", "Autumn")
    assert (found.unit_price, found.list_price) == (Decimal("299.5"), Decimal("399.0"))


@pytest.mark.req("ORD-9")
def test_discounts_are_positive_whatever_their_sign() -> None:
    applied = [
        {"__typename": "AppliedVoucher", "value": money(-50.0), "voucher": {"code": "SPRING", "name": "Spring"}},
        {"__typename": "AdminDiscount", "value": money(10.0)},
    ]
    found = one(discountsApplied=applied)
    assert [(one.code, one.amount) for one in found.discounts] == [
        ("SPRING", Decimal(50)),
        ("AdminDiscount", Decimal(10)),
    ]
    assert found.discount == 60


@pytest.mark.req("ID-1")
@pytest.mark.parametrize(
    ("fields", "email"),
    [
        ({}, "asa@mail.test"),
        ({"billingAddress": address(email="")}, "asa@mail.test"),
        ({"billingAddress": None, "shippingAddress": address(email="to@mail.test")}, "to@mail.test"),
        ({"billingAddress": None, "shippingAddress": address(email=None)}, "customer@post.test"),
        ({"billingAddress": None, "shippingAddress": None, "customer": None}, None),
    ],
)
def test_the_orders_own_address_goes_before_its_customers(fields: dict[str, Any], email: str | None) -> None:
    assert one(**fields).email == email


@pytest.mark.req("ORD-2")
def test_channel_rules_see_store_market_affiliate_and_payment_method() -> None:
    wholesale = one(
        __typename="WholesaleOrder",
        store={"name": "B2B", "type": "WHOLESALE"},
        affiliate={"name": "zalando"},
        customer=None,
    )
    assert wholesale.channel == {
        "store_type": "WHOLESALE",
        "store": "B2B",
        "market": "Sweden",
        "affiliate": "zalando",
        "payment_method": "klarna",
    }
    assert wholesale.customer_key is None


@pytest.mark.req("ORD-2")
def test_channel_rules_see_mapped_attributes_and_those_asked_for() -> None:
    attributes = [
        {
            "type": {"name": "origin", "isMapped": True},
            "elements": [{"key": "from", "selectedValue": "1", "selectedValueName": "Marketplace"}],
        },
        {"type": {"name": "note", "isMapped": False}, "elements": [{"key": "text", "value": "by phone"}]},
        {"type": {"name": "gift", "isMapped": False}, "elements": [{"key": "text", "value": "card"}]},
    ]
    channel = one(Settings(channel_attributes=("note",)), attributes=attributes).channel
    assert {name: value for name, value in channel.items() if name.startswith("attribute.")} == {
        "attribute.origin": "Marketplace",
        "attribute.note": "by phone",
    }


@pytest.mark.req("ORD-1")
def test_payments_say_what_moved_and_whether_it_succeeded() -> None:
    history = [
        payment(1, "AUTH"),
        payment(2, "CAPTURE", status="PENDING"),
        payment(3, "CAPTURE_FAILED"),
        payment(4, "CAPTURE"),
        payment(5, "REFUND", -100.0),
        payment(6, "CANCEL", -5.0),
        payment(7, "INVOICE"),
        payment(8, "INVENTED"),
    ]
    found = one(paymentHistory=history).payments
    assert [(one.kind, one.succeeded) for one in found] == [
        ("authorised", True),
        ("captured", False),
        ("captured", False),
        ("captured", True),
        ("refunded", True),
        ("released", True),
        ("other", True),
        ("other", True),
    ]
    assert [found[4].amount, found[5].amount] == [100, 5]


@pytest.mark.req("SHP-1")
def test_a_shipment_gets_its_tracking_url_from_the_carriers() -> None:
    parcel = one().shipments[0]
    assert (parcel.key, parcel.number, parcel.shipped) == ("5", "1001-1", True)
    assert (parcel.carrier, parcel.service, parcel.tracking_number) == ("PostNord", "MyPack", "00370726")
    assert parcel.tracking_url == "https://tracking.postnord.com/se/tracking?id=00370726"
    assert [(one.line_key, one.quantity) for one in parcel.lines] == [("1", 2)]


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize(
    ("fields", "url", "untracked"),
    [
        ({"carrierInformation": None, "trackingNumber": None, "isShipped": False, "shippedAt": None}, None, False),
        ({"carrierInformation": {"carrierName": "Nobody", "serviceName": None}}, None, False),
        ({"trackingNumber": ""}, None, False),
        ({"carrierInformation": {"carrierName": "PostNord", "serviceName": "Varubrev"}}, None, True),
    ],
)
def test_a_shipment_without_tracking_is_told_from_one_that_lacks_it(
    fields: dict[str, Any], url: str | None, untracked: bool
) -> None:
    parcel = one(shipments=[shipment(**fields)]).shipments[0]
    assert (parcel.tracking_url, parcel.untracked) == (url, untracked)


@pytest.mark.req("QUA-1")
def test_times_without_an_offset_are_of_the_zone_of_the_settings() -> None:
    found = one(Settings(timezone="Europe/Stockholm"), updatedAt="2026-07-01T10:00:00")
    assert found.updated_at == datetime(2026, 7, 1, 8, tzinfo=UTC)
