"""The everyday life of a pair: a first sync, nothing new, a day later, after an outage, looked at again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from retail_sync.sandbox.world.events import StockChanged
from retail_sync.steps.reconcile import compare
from tests.oracle.shop import people
from tests.oracle.terms import Terms

from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product


@pytest.mark.req("DAG-2", "ID-2", "ID-3", "CON-2", "ORD-2", "ORD-3", "CAT-1")
def test_a_first_sync_brings_the_whole_shop(past: MailchimpShop) -> None:
    known = people(past.books(), past.terms)
    assert past.emails() == {email for email, person in known.items() if person.is_contact}
    statuses = {past.member(email)["status"] for email in list(past.emails())[:40]}
    assert statuses == {"subscribed", "transactional"}
    assert past.destination.state()["mails"] == [], "nobody is told of what is long over"


@pytest.mark.req("DAG-2")
def test_a_second_run_of_an_unchanged_shop_writes_nothing(past: MailchimpShop) -> None:
    report = past.sync()
    assert report["outbox"] == {}
    past.run()
    assert past.writes == 0
    assert past.destination.log()["requests"] < 40, "so little is read back by lists"


@pytest.mark.req("REC-1")
def test_both_sides_can_be_compared_without_a_run(past: MailchimpShop) -> None:
    found = compare(past.road, "on a Monday", sample=10_000)
    assert [found[sort] for sort in ("missing", "extra", "different")] == [0, 0, 0]
    assert found["by_kind"]["order"]["sampled"] == len(past.store()["orders"])


@pytest.mark.req("DAG-2", "DAG-5", "ORD-1", "ORD-5")
def test_a_day_later_the_day_has_arrived(past: MailchimpShop) -> None:
    before = past.store()["orders"]
    past.live_day()
    past.sync()
    past.night()
    assert past.store()["orders"].keys() > before.keys()
    assert past.store()["orders"] != before
    past.run()
    assert past.writes == 0


@pytest.mark.req("DAG-3", "DAG-5")
def test_after_an_outage_of_a_day_nothing_is_missing(past: MailchimpShop) -> None:
    past.source.fault("status", endpoint="*", times=None, status=503)
    past.live_day()
    with pytest.raises(Exception, match="503"):
        past.run(run_id="in the outage")
    assert past.differences() != []
    past.source.clear_faults()
    past.sync()
    past.night()


@pytest.mark.req("DAG-3")
def test_a_window_that_is_read_again_by_hand_changes_nothing(past: MailchimpShop) -> None:
    now = past.clock()
    report = past.run(trigger="manual", since=now - timedelta(days=90), until=now)
    assert report["streams"]["orders"]["extracted"] > 10
    assert past.writes == 0


@pytest.mark.req("DAG-2", "DAG-3")
def test_a_full_refresh_writes_nothing(past: MailchimpShop) -> None:
    report = past.run(trigger="manual", full_refresh=True)
    assert report["people"] == len(people(past.books(), past.terms))
    assert past.writes == 0


@pytest.mark.req("OPS-5", "DAG-2")
def test_an_edited_pair_file_sends_the_difference_and_no_more(past: MailchimpShop) -> None:
    known = people(past.books(), past.terms)
    values = {email: person.value(past.terms) for email, person in known.items() if person.counted}
    past.terms = Terms(vip_from=Decimal(5000))
    past.change_pair(segments={"vip_from": "5000"})
    report = past.sync()
    promoted = sum(1 for value in values.values() if 5000 <= value < 10000)
    assert promoted > 0
    assert {kind: found["delivered"] for kind, found in report["outbox"].items()} == {
        "member": promoted,
        "tags": promoted,
    }


@pytest.mark.req("CAT-1")
def test_stock_follows_though_it_moves_no_product(shop: MailchimpShop) -> None:
    shop.tell(product(shop.clock()))
    shop.sync()
    shop.pass_time(hours=2)
    shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0))
    shop.sync()
    (held,) = [one for one in shop.store()["products"]["7"]["variants"] if one["id"] == "70"]
    assert held["inventory_quantity"] == 0


@pytest.mark.req("CAT-2")
def test_an_order_of_a_product_that_was_not_read_yet_lists_it_from_its_line(shop: MailchimpShop) -> None:
    """As when somebody starts a run of orders alone, or a product is listed and bought between two pages."""
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), buyer)
    shop.sync()
    shop.tell(product(shop.clock(), 9), order(shop.clock(), 501, buyer, [(9, 1)]))
    shop.sync(streams=("customers", "orders"))
    assert [line["product_title"] for line in shop.order(501)["lines"]] == ["Coat 9"]
    assert len(shop.store()["products"]["9"]["variants"]) == 1
    shop.pass_time(hours=2)
    shop.sync()
    assert len(shop.store()["products"]["9"]["variants"]) == 2
