"""What the buyer is written to about an order: each thing once, in its order, while it is news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.sandbox.world.events import CustomerKnown, OrderCancelled, OrderConfirmed, PaymentCaptured

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import came_back, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")

CONFIRMED, INVOICE, SENT = "order_confirmation", "order_invoice", "shipping_confirmation"
REFUND, CANCELLED = "refund_confirmation", "cancellation_confirmation"


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), buyer)
    # The first sync is silent: nobody is told of what is long over.
    shop.sync()
    return buyer


@pytest.mark.req("ORD-6")
def test_what_happened_within_one_delta_is_told_in_its_order(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    assert shop.mails(501) == [CONFIRMED, INVOICE, SENT]
    shop.run(full_refresh=True)
    shop.run(dag="history")
    assert shop.mails(501) == [CONFIRMED, INVOICE, SENT]


@pytest.mark.req("ORD-6", "ORD-1")
def test_an_order_is_confirmed_when_the_pair_says_so(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.change_pair(
        triggers={"orders": {"financial.captured": ["pending", "paid"], "fulfillment.shipped": ["shipped"]}}
    )
    placed = order(shop.clock(), 501, buyer, captured=False)
    shop.tell(placed, OrderConfirmed(at=shop.clock(), number=501))
    shop.sync()
    assert (shop.mails(501), shop.order(501)["financial_status"]) == ([], "awaiting_payment")
    shop.tell(PaymentCaptured(at=shop.clock(), number=501))
    shop.sync()
    assert shop.mails(501) == [CONFIRMED, INVOICE]


@pytest.mark.req("ORD-8", "OPS-4")
def test_after_an_outage_what_is_no_news_any_more_is_logged_and_not_sent(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed)
    shop.pass_time(days=3)
    shop.tell(sent(shop.clock(), placed))
    report = shop.sync()
    assert shop.mails(501) == [SENT], "only the parcel is news"
    assert shop.order(501)["financial_status"] == "settled"
    assert report["outbox"]["order"] == {"delivered": 1, "expired": 2, "queued": 3}
    logged = shop.query("select result, words from delivery.audit where code = 'late' order by audit_id")
    assert [(result, words.split()[2]) for result, words in logged] == [
        ("expired", "financial.pending"),
        ("expired", "financial.captured"),
    ]
    shop.run(full_refresh=True)
    assert shop.writes == 0


@pytest.mark.req("ORD-8", "DAG-3")
def test_a_backfill_of_a_pair_that_is_live_writes_to_nobody(shop: MailchimpShop) -> None:
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    past = [order(shop.clock() - timedelta(days=40 + place), 500 + place, buyer) for place in range(3)]
    shop.tell(product(shop.clock() - timedelta(days=60)), buyer, *past, sent(past[0].at, past[0]))
    shop.tell(OrderCancelled(at=past[1].at + timedelta(days=1), number=501))
    shop.change_pair(streams={"orders": {"first_read": "1d"}}, history={"begins": "2026-01-01"})
    shop.sync()
    assert not shop.store()["orders"]
    shop.run(dag="history", since=datetime(2026, 1, 1, tzinfo=UTC), until=shop.clock())
    assert {number: shop.mails(number) for number in (500, 501, 502)} == {500: [], 501: [], 502: []}
    statuses = [(one["financial_status"], one["fulfillment_status"]) for one in shop.store()["orders"].values()]
    assert sorted(statuses) == [("called_off", ""), ("settled", ""), ("settled", "despatched")]


@pytest.mark.req("ORD-5", "ORD-6")
def test_goods_that_came_back_are_no_refund_and_a_part_of_it_is_not_the_whole(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 2)])
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    returned = came_back(shop.clock(), placed, 2)
    shop.tell(returned)
    shop.sync()
    assert REFUND not in shop.mails(501), "nothing has been paid back as yet"
    shop.tell(paid_back(shop.clock(), placed, "200.00", made=returned))
    shop.sync()
    assert shop.order(501)["financial_status"] == "partially_refunded"
    assert REFUND not in shop.mails(501)
    shop.tell(paid_back(shop.clock(), placed, "49.00"))
    shop.night()
    assert shop.order(501)["financial_status"] == "refunded"
    assert shop.mails(501) == [CONFIRMED, INVOICE, SENT, REFUND]


@pytest.mark.req("ORD-6")
def test_a_cancellation_that_the_pair_does_not_tell_of_is_silent(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    told = {state: words for state, words in shop.road.pair.triggers.orders.items() if state != "financial.cancelled"}
    shop.change_pair(triggers={"orders": told})
    shop.tell(order(shop.clock(), 501, buyer))
    shop.sync()
    shop.tell(OrderCancelled(at=shop.clock(), number=501))
    shop.sync()
    assert shop.mails(501) == [CONFIRMED, INVOICE]
    assert shop.order(501)["financial_status"] == "called_off"
    assert shop.order(501)["cancelled_at_foreign"]


@pytest.mark.req("ORD-6", "REC-1")
def test_an_order_that_somebody_deleted_comes_back_in_silence(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed)
    shop.sync()
    shop.say("DELETE", "{store}/orders/501")
    shop.tell(sent(shop.clock(), placed))
    shop.sync()
    shop.sync()
    assert shop.mails(501) == [CONFIRMED, INVOICE, SENT]
    assert shop.order(501)["financial_status"] == "settled"
