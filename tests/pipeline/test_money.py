"""What an order has come to, after everything that can happen to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.sandbox.world.events import CustomerKnown, LineCancelled, OrderCancelled, ReturnCompleted

from .mailchimp_shop import MailchimpShop
from .tales import came_back, order, paid_back, sent

pytestmark = pytest.mark.usefixtures("sql_alone")


def value(shop: MailchimpShop) -> Decimal:
    return Decimal(shop.member("buyer@mail.test")["merge_fields"]["LTV"])


@pytest.mark.req("ORD-1", "ORD-3", "ORD-5")
def test_goods_that_come_back_count_at_once_and_the_refund_does_not_count_again(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 3), (8, 1)])
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    assert value(shop) == Decimal("449.00")

    returned = came_back(shop.clock(), placed, 2)
    shop.tell(returned)
    shop.sync()
    assert value(shop) == Decimal("249.00")
    assert sorted(line["quantity"] for line in shop.order(501)["lines"]) == [1, 1]
    assert "Awaiting refund" in shop.member("buyer@mail.test")["tags"]

    shop.pass_time(days=3)
    shop.tell(paid_back(shop.clock(), placed, "190.00", made=returned))
    shop.sync()
    assert value(shop) == Decimal("259.00"), "what was paid back counts, not what the goods were worth"
    assert "Awaiting refund" not in shop.member("buyer@mail.test")["tags"]
    assert shop.order(501)["financial_status"] == "partially_refunded"


@pytest.mark.req("ORD-1", "ORD-4")
def test_goods_on_their_way_back_count_when_they_arrive(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    returned = came_back(shop.clock(), placed, 1, completed=False)
    shop.tell(returned)
    shop.sync()
    assert value(shop) == Decimal("149.00")
    assert "Awaiting return" in shop.member("buyer@mail.test")["tags"]

    shop.pass_time(days=2)
    shop.tell(ReturnCompleted(at=shop.clock(), return_id=returned.return_id))
    shop.sync()
    assert value(shop) == Decimal("49.00")
    assert [line["product_id"] for line in shop.order(501)["lines"]] == ["shipping"]


@pytest.mark.req("ORD-3", "DAG-3")
def test_money_paid_back_without_a_return_is_found_in_the_night(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    shop.pass_time(days=1)
    shop.tell(paid_back(shop.clock(), placed, "20.00"))
    shop.night()
    assert value(shop) == Decimal("129.00")
    assert shop.mails(501).count("refund_confirmation") == 0, "a part that is paid back is not the order refunded"


@pytest.mark.req("ORD-3", "ORD-6")
def test_money_for_a_gift_card_that_goes_back_takes_nothing_off_the_goods(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    plain = order(shop.clock(), 501, buyer)
    placed = order(shop.clock(), 502, buyer, [(7, 1), (8, 1)], shipping=Decimal(0))
    mixed = replace(placed, lines=(placed.lines[0], replace(placed.lines[1], gift_card=True)))
    shop.tell(plain, mixed)
    shop.sync()
    assert value(shop) == Decimal("249.00")

    shop.pass_time(days=1)
    shop.tell(paid_back(shop.clock(), mixed, "100.00"))
    shop.night()
    assert (value(shop), shop.order(502)["financial_status"]) == (Decimal("149.00"), "partially_refunded")
    assert "refund_confirmation" not in shop.mails(502)

    shop.pass_time(days=1)
    shop.tell(paid_back(shop.clock(), mixed, "100.00"))
    shop.night()
    assert (value(shop), shop.order(502)["financial_status"]) == (Decimal("149.00"), "refunded")
    assert shop.mails(502).count("refund_confirmation") == 1


@pytest.mark.req("ORD-1", "ORD-3")
def test_a_cancelled_line_is_out_of_the_order_once(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 2), (8, 1)])
    shop.tell(placed)
    shop.sync()
    shop.tell(LineCancelled(at=shop.clock(), number=501, line_id=placed.lines[1].line_id, quantity=1))
    shop.sync()
    assert value(shop) == Decimal("249.00")
    assert [line["product_id"] for line in shop.order(501)["lines"]] == ["7"]


@pytest.mark.req("ORD-1", "ORD-3")
def test_a_cancelled_order_is_worth_nothing_whatever_is_paid_back(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    first, second = order(shop.clock(), 501, buyer), order(shop.clock(), 502, buyer)
    shop.tell(first, second)
    shop.sync()
    shop.tell(OrderCancelled(at=shop.clock(), number=502), paid_back(shop.clock(), second, "149.00"))
    shop.sync()
    fields = shop.member("buyer@mail.test")["merge_fields"]
    assert (fields["LTV"], fields["ORDERS"]) == ("149", "1")
    assert shop.mails(502) == ["order_confirmation", "order_invoice", "cancellation_confirmation"]


@pytest.mark.req("ORD-3")
def test_each_order_counts_at_its_own_rate(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    euros: dict[str, Any] = {"currency": "EUR", "market": "Finland"}
    shop.tell(
        order(shop.clock(), 501, buyer),
        order(shop.clock(), 502, buyer, rate=Decimal("11.4001"), **euros),
        order(shop.clock(), 503, buyer, rate=Decimal("11.1234"), **euros),
    )
    shop.sync()
    assert value(shop) == Decimal("3505.00"), "149 + 149 x 11.4001 + 149 x 11.1234, rounded at the end"
