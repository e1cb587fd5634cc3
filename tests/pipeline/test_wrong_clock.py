"""A worker whose clock is ahead of everybody's: what is recorded meanwhile is read all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from retail_sync.sandbox.world.events import CustomerKnown, NewsletterChanged

from .mailchimp_shop import MailchimpShop
from .tales import order

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.mark.req("DAG-2", "CON-3", "ORD-1")
def test_what_happens_while_a_clock_is_ahead_is_read_by_then_or_afterwards(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    shop.change_pair(consent={"source_opt_out": "apply"})
    shop.tell(NewsletterChanged(at=shop.clock(), customer_id=buyer.customer_id, subscribed=True))
    shop.sync()
    right, road = shop.clock, shop.road
    shop.road = replace(road, clock=lambda: right() + timedelta(hours=2))
    shop.run()

    shop.pass_time(minutes=5)
    shop.tell(
        order(right(), 501, buyer), NewsletterChanged(at=right(), customer_id=buyer.customer_id, subscribed=False)
    )
    shop.road = road
    shop.sync()

    assert "501" in shop.store()["orders"]
    assert shop.query("select key, opted_in from people.customer") == [("1", False)]
