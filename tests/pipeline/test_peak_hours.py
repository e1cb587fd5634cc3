"""Peak hours of the source: what weighs on it waits and is seen to wait, the rest goes on, and nothing is lost."""

from __future__ import annotations

import pytest

from retail_sync.errors import PeakHoursError
from retail_sync.sandbox.world.events import StockChanged
from retail_sync.steps.upkeep import watch

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")
LATE = """
    select subject, record from exceptions.entry
     where subject in ('deadline.run', 'deadline.record', 'deadline.deferred') and closed_at is null
"""
#: Tests begin at noon of a Monday.
PEAK = {"hours": ["08:00-18:00"], "timezone": "UTC", "heavy": ["customers"]}


@pytest.fixture
def spared(shop: MailchimpShop, beginnings: Beginnings) -> MailchimpShop:
    """A shop that was synced, and from now on is in its peak hours."""
    beginnings.begin(shop, in_peak_hours)
    return shop


def in_peak_hours(shop: MailchimpShop) -> None:
    shop.tell(product(shop.clock()), customer(shop.clock(), 1, "first@mail.test"))
    shop.sync()
    shop.change_pair(source={"peak": PEAK})


@pytest.mark.req("DAG-4")
def test_an_orders_run_leaves_the_heavy_read_for_later(spared: MailchimpShop) -> None:
    newcomer = customer(spared.clock(), 2, "newcomer@mail.test")
    known = customer(spared.clock(), 1, "first@mail.test", first_name="Renamed")
    bought = order(spared.clock(), 700, known)
    spared.tell(newcomer, known, bought, sent(spared.clock(), bought))

    report = spared.sync()

    assert report["state"] == "closed"
    assert report["streams"]["orders"]["state"] == "complete"
    assert report["streams"]["customers"]["state"] == "deferred"
    assert report["steps"]["extract:customers"]["until"] == "2026-03-02T18:00:00+00:00"
    assert spared.order(700)["fulfillment_status"] == "shipped"
    assert spared.emails() == {"first@mail.test"}
    assert spared.member("first@mail.test")["merge_fields"]["FNAME"] != "Renamed"

    spared.pass_time(hours=7)
    assert spared.sync()["streams"]["customers"]["state"] == "complete"
    assert spared.emails() == {"first@mail.test", "newcomer@mail.test"}
    assert spared.member("first@mail.test")["merge_fields"]["FNAME"] == "Renamed"


@pytest.mark.req("DAG-4", "CAT-1")
def test_the_catalogue_run_waits_for_a_quiet_hour(spared: MailchimpShop) -> None:
    stocked = {"source": {"settings": {"stock_feed": False}, "peak": PEAK}}
    spared.change_pair(**stocked)
    spared.sync()
    spared.tell(StockChanged(at=spared.clock(), variant_id=70, stock=0))

    report = spared.run(dag="catalogue")

    assert report["state"] == "closed"
    assert report["streams"]["products"]["state"] == "deferred"
    assert spared.source.log()["by_endpoint"].get("products") is None
    assert spared.differences()

    spared.pass_time(hours=7)
    assert spared.run(dag="catalogue")["streams"]["products"]["state"] == "complete"


@pytest.mark.req("DAG-4", "DAG-3")
def test_a_history_waits_and_goes_on_by_itself(spared: MailchimpShop) -> None:
    with pytest.raises(PeakHoursError) as caught:
        spared.go_on("backfill", dag="history")

    assert caught.value.retry_at is not None
    assert caught.value.retry_at.isoformat() == "2026-03-02T18:00:00+00:00"
    assert spared.query("select state from road.step where run_id = 'backfill' and step like 'extract:%'") == [
        ("deferred",)
    ]
    spared.pass_time(hours=7)
    assert spared.go_on("backfill", dag="history")["state"] == "closed"


@pytest.mark.req("DAG-4", "DAG-7")
def test_waiting_is_no_missed_deadline_until_it_lasts_too_long(spared: MailchimpShop) -> None:
    always = {"hours": ["00:00-12:00", "12:00-00:00"], "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    spared.change_pair(source={"peak": {**PEAK, **always}})
    spared.sync()
    spared.pass_time(hours=12)
    spared.sync()
    watch(spared.road)
    assert spared.query(LATE) == []

    spared.pass_time(hours=13)
    spared.sync()
    watch(spared.road)
    assert spared.query(LATE) == [("deadline.deferred", "customers stream")]
