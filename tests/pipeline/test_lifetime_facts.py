"""A new pair tells no lifetime facts before its history has been read, delivered and found to be right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.model.records import STREAMS
from retail_sync.sandbox.world.events import CustomerKnown
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of, steps_of
from retail_sync.steps.requests import RunRequest

from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def buyer(shop: MailchimpShop) -> CustomerKnown:
    """Somebody who has bought twice, long ago and yesterday."""
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    past = (order(shop.clock() - timedelta(days=days), 500 + days, buyer) for days in (30, 1))
    shop.tell(product(shop.clock() - timedelta(days=60)), buyer, *past)
    return buyer


@pytest.mark.req("DAG-4")
def test_a_first_run_that_finds_everything_right_tells_them(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    report = shop.sync()
    assert report["steps"]["reconcile"]["published"]["member"] == {"delivered": 1}
    assert shop.member(buyer.email)["merge_fields"]["LTV"] == "298"
    created = shop.query("select new from delivery.audit where kind = 'member' order by audit_id limit 1")
    assert {"LTV", "ORDERS", "BUYER"}.isdisjoint(created[0][0]["merge_fields"])


@pytest.mark.req("DAG-4")
def test_a_pair_that_begins_with_what_is_recent_waits_for_its_history(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    shop.change_pair(streams={"orders": {"first_read": "7d"}}, history={"begins": "2026-01-01"})
    shop.sync()
    contact = shop.member(buyer.email)
    assert {"LTV", "ORDERS", "BUYER"}.isdisjoint(contact["merge_fields"])
    assert "Buyer: new" not in contact["tags"], "who bought long ago is not new"
    assert contact["merge_fields"]["LASTORD"] == "2026-03-01"
    shop.run(dag="history", since=datetime(2026, 1, 1, tzinfo=UTC), until=shop.clock())
    contact = shop.member(buyer.email)
    assert (contact["merge_fields"]["LTV"], contact["merge_fields"]["ORDERS"]) == ("298", "2")
    assert "Buyer: repeat" in contact["tags"]


@pytest.mark.req("DAG-4", "OPS-1")
def test_a_history_that_is_not_as_it_was_sent_keeps_them_back(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.pass_time(minutes=5)
    open_run(shop.road, "first", RunRequest())
    for step in steps_of("live", STREAMS):
        if step == "reconcile":
            shop.say("PATCH", "{store}/orders/530", {"order_total": 1})
        perform(shop.road, "first", step, function_of(step))
    assert "LTV" not in shop.member(buyer.email)["merge_fields"]
    shop.say("PATCH", "{store}/orders/530", {"order_total": 149})
    shop.sync()
    assert shop.member(buyer.email)["merge_fields"]["LTV"] == "298"


@pytest.mark.req("DAG-4", "DAG-2")
def test_they_are_told_once_whatever_is_cleared(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.pass_time(minutes=5)
    shop.run(run_id="first")
    shop.go_on("first")
    published = shop.query("select published_at is not null from road.live_pair")
    assert published == [(True,)]
    assert shop.query("select count(*) from delivery.audit where kind = 'member' and result = 'delivered'") == [(2,)]
