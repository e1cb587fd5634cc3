"""The life of an order, and what each turn of it leaves at the marketing platform."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.sandbox.world.events import (
    CustomerKnown,
    LineCancelled,
    LineSpec,
    OrderConfirmed,
    ParcelLine,
    PaymentCaptured,
)

from .mailchimp_shop import MailchimpShop
from .tales import came_back, order, paid_back, sent

pytestmark = pytest.mark.usefixtures("sql_alone")


def value(shop: MailchimpShop) -> Decimal:
    return Decimal(shop.member("buyer@mail.test")["merge_fields"]["LTV"])


def statuses(shop: MailchimpShop, number: int) -> tuple[str, str]:
    held = shop.order(number)
    return held["financial_status"], held["fulfillment_status"]


@pytest.mark.req("ORD-1", "ORD-6")
def test_an_order_goes_through_all_its_states_a_day_at_a_time(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1)], captured=False)
    first, second = (ParcelLine(line_id=line.line_id, quantity=1) for line in placed.lines)
    turns: list[tuple[list[Any], tuple[str, str]]] = [
        ([placed], ("pending", "")),
        ([OrderConfirmed(at=shop.clock(), number=501)], ("pending", "")),
        ([PaymentCaptured(at=shop.clock(), number=501)], ("paid", "")),
        ([sent(shop.clock(), placed, lines=(first,), last=False)], ("paid", "partially_shipped")),
        ([sent(shop.clock(), placed, parcel=2, lines=(second,))], ("paid", "shipped")),
    ]
    for told, state in turns:
        shop.tell(*(replace(event, at=shop.clock()) for event in told))
        shop.sync()
        assert statuses(shop, 501) == state
        shop.pass_time(days=1)
    assert shop.mails(501) == ["order_confirmation", "order_invoice", "shipping_confirmation"]


@pytest.mark.req("ORD-1", "ORD-5")
def test_a_refund_a_day_after_the_return_takes_nothing_off_twice(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 3)])
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    returned = came_back(shop.clock(), placed, 1)
    shop.tell(returned)
    shop.sync()
    assert (value(shop), statuses(shop, 501)) == (Decimal(249), ("paid", "shipped"))
    shop.pass_time(days=1)
    shop.tell(paid_back(shop.clock(), placed, "100.00", made=returned))
    shop.sync()
    assert (value(shop), statuses(shop, 501)) == (Decimal(249), ("partially_refunded", "shipped"))
    assert [line["quantity"] for line in shop.order(501)["lines"]] == [2]


@pytest.mark.req("ORD-5", "ORD-3")
@pytest.mark.parametrize(("paid", "left"), [("80.00", "269"), ("130.00", "219")])
def test_a_refund_that_is_not_what_the_goods_were_worth_counts_as_paid(
    shop: MailchimpShop, buyer: CustomerKnown, paid: str, left: str
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 3)])
    returned = came_back(shop.clock(), placed, 1)
    shop.tell(placed, sent(shop.clock(), placed), returned, paid_back(shop.clock(), placed, paid, made=returned))
    shop.sync()
    assert value(shop) == Decimal(left)
    assert shop.order(501)["order_total"] == f"{left}.00"


@pytest.mark.req("ORD-5", "ORD-1")
def test_lines_that_went_are_gone_and_an_order_of_nothing_keeps_one_that_is_no_purchase(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 2)])
    shop.tell(placed)
    shop.sync()
    shop.tell(LineCancelled(at=shop.clock(), number=501, line_id=placed.lines[1].line_id, quantity=1))
    shop.sync()
    assert [(line["product_id"], line["quantity"]) for line in shop.order(501)["lines"]] == [("7", 1), ("8", 1)]
    for line in placed.lines:
        shop.tell(LineCancelled(at=shop.clock(), number=501, line_id=line.line_id, quantity=1))
    shop.sync()
    assert [line["product_id"] for line in shop.order(501)["lines"]] == ["shipping"]
    assert shop.order(501)["order_total"] == "49.00"


@pytest.mark.req("ORD-1", "ORD-3")
def test_an_exchange_counts_once(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, shipping=Decimal(0))
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    back = came_back(shop.clock(), placed, 1)
    instead = order(shop.clock(), 502, buyer, [(8, 1)], exchange_of=501, shipping=Decimal(0))
    shop.tell(back, instead)
    shop.sync()
    assert value(shop) == Decimal(100)
    assert (shop.order(501)["order_total"], shop.order(502)["order_total"]) == ("0.00", "100.00")
    assert "refund_confirmation" not in shop.mails(501), "the goods were exchanged, and nothing paid back"


@pytest.mark.req("ORD-1", "ORD-3")
def test_an_order_of_nothing_is_paid(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.tell(
        order(shop.clock(), 501, buyer, discount=Decimal(100), voucher="ALL", shipping=Decimal(0), captured=False)
    )
    shop.tell(OrderConfirmed(at=shop.clock(), number=501))
    shop.sync()
    assert (shop.order(501)["order_total"], statuses(shop, 501)) == ("0.00", ("paid", ""))
    assert [promo["code"] for promo in shop.order(501)["promos"]] == ["ALL"]


@pytest.mark.req("ORD-1")
def test_four_hundred_lines_are_one_order(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1)] * 400)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    assert len(shop.order(501)["lines"]) == 400
    assert shop.mails(501) == ["order_confirmation", "order_invoice", "shipping_confirmation"]


@pytest.mark.req("ORD-3", "ORD-1")
def test_an_order_stands_in_its_own_currency_and_counts_in_the_pairs(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    euros = order(shop.clock(), 501, buyer, currency="EUR", market="Finland", rate=Decimal("11.4001"))
    shop.tell(euros, order(shop.clock(), 502, buyer))
    shop.sync()
    assert (shop.order(501)["currency_code"], shop.order(501)["order_total"]) == ("EUR", "149.00")
    assert value(shop) == Decimal("1847.61"), "149 x 11.4001 + 149, rounded at the end"


@pytest.mark.req("ORD-3")
def test_prices_of_three_decimals_stay_exact(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    line = LineSpec(
        line_id=50100, product_id=7, variant_id=70, sku="P7-S", name="Coat 7", quantity=4,
        unit_price=Decimal("12.345"), list_price=Decimal("12.345"),
    )  # fmt: skip
    shop.tell(order(shop.clock(), 501, buyer, lines=(line,), shipping=Decimal(0)))
    shop.sync()
    assert [one["price"] for one in shop.order(501)["lines"]] == ["12.345"]
    assert value(shop) == Decimal("49.38")


@pytest.mark.req("ORD-9")
def test_coupon_and_affiliate_stay_on_the_order(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.tell(order(shop.clock(), 501, buyer, affiliate="Blogg & Co", voucher="VÅR", discount=Decimal(10)))
    shop.sync()
    held = shop.order(501)
    assert [(promo["code"], promo["amount_discounted"]) for promo in held["promos"]] == [("VÅR", "10.00")]
    assert held["landing_site"].endswith("?utm_source=Blogg+%26+Co&utm_medium=affiliate")
    assert held["campaign_id"] == ""


@pytest.mark.req("ORD-1", "ORD-5", "ORD-3")
def test_money_paid_back_without_a_return_is_found_by_the_next_run(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    shop.pass_time(days=1)
    shop.sync()
    shop.pass_time(hours=1)
    shop.tell(paid_back(shop.clock(), placed, "20.00"))
    shop.sync()
    assert (value(shop), statuses(shop, 501)) == (Decimal(129), ("partially_refunded", "shipped"))
    assert "refund_confirmation" not in shop.mails(501)


@pytest.mark.req("ORD-1", "ORD-3")
def test_an_account_that_gives_no_payments_by_date_is_read_in_the_night(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    settings = {**shop.road.pair.source.settings, "payment_filter": "AnotherName"}
    shop.change_pair(source={"settings": settings})
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed)
    shop.sync()
    shop.pass_time(days=1)
    shop.sync()
    shop.pass_time(hours=1)
    shop.tell(paid_back(shop.clock(), placed, "20.00"))
    shop.sync()
    assert value(shop) == Decimal(149)
    shop.night()
    assert value(shop) == Decimal(129)
