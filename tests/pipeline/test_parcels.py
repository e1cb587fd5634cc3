"""Parcels: each is told of once, in its own event, and a review is asked for when it has surely come."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from retail_sync.errors import WaitError
from retail_sync.sandbox.world.events import CustomerKnown, OrderPlaced, ParcelLine, Shipped
from tests.oracle.terms import Json, Terms

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import came_back, customer, order, product, sent
from .test_kill import Point, die, run_until
from .test_shipments import learn_carrier

pytestmark = pytest.mark.usefixtures("sql_alone")

WHO = "buyer@mail.test"
ONCE = Terms(promised=frozenset({"parcels are told once"}))
ADDRESS = "https://tracking.postnord.com/se/tracking?id="


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, WHO)
    shop.tell(product(shop.clock()), product(shop.clock(), 8), product(shop.clock(), 9), buyer)
    shop.terms = ONCE
    shop.sync()
    return buyer


def parcel(at: datetime, placed: OrderPlaced, number: int, **changes: object) -> Shipped:
    """The parcel of that number, with the order's line of that number in it."""
    lines = (ParcelLine(line_id=placed.lines[number - 1].line_id, quantity=1),)
    last = number == len(placed.lines)
    return sent(at, placed, parcel=number, lines=lines, tracking_number=f"T{number}", last=last, **changes)


def told(shop: MailchimpShop, name: str = "order_shipped", who: str = WHO) -> list[Json]:
    """The properties of the events of that name on a contact's timeline, as they came."""
    return [event["properties"] for event in shop.member(who)["events"] if event["name"] == name]


def numbers(shop: MailchimpShop, name: str = "order_shipped") -> Sequence[str]:
    return [event["shipment"] for event in told(shop, name)]


@pytest.mark.req("SHP-1", "SHP-2")
def test_each_parcel_is_told_once_whatever_is_run_again(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1), (9, 1)])
    shop.tell(placed, parcel(shop.clock(), placed, 1))
    shop.sync()
    shop.tell(parcel(shop.clock(), placed, 2), parcel(shop.clock(), placed, 3))
    shop.pass_time(minutes=5)
    shop.run(run_id="second")
    shop.go_on("second")
    shop.night()
    shop.run(full_refresh=True)
    assert shop.writes == 0
    assert sorted(numbers(shop)) == ["501-1", "501-2", "501-3"]
    first = told(shop)[0]
    assert first == {
        "event_id": first["event_id"],
        "order": "501",
        "shipment": "501-1",
        "items": "1 x Coat 7 (Red S)",
        "skus": "P7-S",
        "carrier": "PostNord",
        "service": "MyPack Collect",
        "tracking_number": "T1",
        "tracking_url": f"{ADDRESS}T1",
    }


@pytest.mark.req("SHP-1", "SHP-2", "QUA-3")
def test_one_parcel_that_nobody_can_follow_holds_no_other(
    shop: MailchimpShop, buyer: CustomerKnown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1)])
    shop.tell(placed, parcel(shop.clock(), placed, 1, carrier="Cykelbudet"), parcel(shop.clock(), placed, 2))
    shop.sync()
    assert numbers(shop) == ["501-2"]
    assert (shop.order(501)["fulfillment_status"], shop.order(501)["tracking_number"]) == ("partially_shipped", "T2")
    assert "shipping_confirmation" not in shop.mails(501), "the order as a whole has not left as yet"
    assert shop.member(WHO)["merge_fields"]["LTV"] == "249", "the revenue counts meanwhile"
    assert shop.differences() == []

    shop.terms = Terms(carriers={"cykelbudet": "cykelbudet"}, promised=ONCE.promised)
    learn_carrier(tmp_path, monkeypatch)
    shop.change_pair()
    shop.sync()
    assert numbers(shop) == ["501-2", "501-1"]
    assert told(shop)[1]["tracking_url"] == "https://cykelbudet.test/T1"
    assert shop.mails(501).count("shipping_confirmation") == 1


@pytest.mark.req("SHP-1", "ORD-8", "OPS-4")
def test_a_parcel_whose_address_comes_too_late_is_logged_and_not_told(
    shop: MailchimpShop, buyer: CustomerKnown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed, carrier="Cykelbudet", tracking_number="CB-1"))
    shop.sync()
    shop.pass_time(days=3)
    shop.terms = Terms(carriers={"cykelbudet": "cykelbudet"})
    learn_carrier(tmp_path, monkeypatch)
    shop.change_pair()
    shop.sync()
    shop.run(full_refresh=True)
    assert told(shop) == []
    logged = shop.query("select result from delivery.audit where object_id like 'shipment:%'")
    assert logged == [("expired",)]


@pytest.mark.req("SHP-1")
def test_a_letter_is_told_without_an_address(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed, service="Varubrev", tracking_number=None))
    shop.sync()
    (event,) = told(shop)
    assert event["service"] == "Varubrev"
    assert not {"tracking_url", "tracking_number"} & event.keys()


@pytest.mark.req("ORD-8", "SHP-2")
def test_what_left_before_the_pair_went_live_is_past(shop: MailchimpShop) -> None:
    buyer = customer(shop.clock(), 1, WHO)
    placed = order(shop.clock() - timedelta(hours=3), 501, buyer)
    shop.tell(product(shop.clock()), buyer, placed, sent(shop.clock() - timedelta(hours=1), placed))
    shop.sync()
    shop.run(full_refresh=True)
    shop.night()
    assert shop.member(WHO)["events"] == []
    assert shop.query("select count(*) from delivery.audit where kind = 'event'") == [(0,)]


@pytest.mark.req("SHP-2", "ORD-6")
def test_the_platforms_own_shipping_mail_is_a_choice(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.change_pair(shipments={"vendor_mail": False})
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    assert shop.mails(501) == ["order_confirmation", "order_invoice"]
    assert shop.order(501)["fulfillment_status"] == "despatched"
    assert numbers(shop) == ["501-1"]

    shop.change_pair(shipments={"vendor_mail": True, "event": None})
    second = order(shop.clock(), 502, buyer)
    shop.tell(second, sent(shop.clock(), second))
    shop.sync()
    assert shop.mails(502) == ["order_confirmation", "order_invoice", "shipping_confirmation"]
    assert numbers(shop) == ["501-1"]
    shop.terms = Terms()


@pytest.mark.req("SHP-2")
@pytest.mark.parametrize("fault", ["after_write_drop", "drop_connection", "status"])
def test_an_event_that_nobody_answered_is_read_back_and_never_sent_blindly(
    shop: MailchimpShop, buyer: CustomerKnown, fault: str
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1)])
    shop.tell(placed, parcel(shop.clock(), placed, 1), parcel(shop.clock(), placed, 2))
    shop.destination.fault(fault, endpoint="POST*events", times=1)
    for _ in range(3):
        try:
            shop.sync()
        except WaitError:
            continue
        else:
            shop.pass_time(minutes=5)
    assert [one["fired"] for one in shop.destination.faults()] == [1]
    assert sorted(numbers(shop)) == ["501-1", "501-2"]
    assert shop.query("select distinct state from delivery.outbox where kind = 'event'") == [("delivered",)]


def leave_unanswered(shop: MailchimpShop, buyer: CustomerKnown, fault: str) -> None:
    """A parcel leaves, and the marketing platform never says whether it took the event."""
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.destination.fault(fault, endpoint="POST*events", times=1)
    shop.destination.fault("status", endpoint="GET*events", times=0)
    with pytest.raises(WaitError):
        shop.sync()
    assert shop.query("select state from delivery.outbox where kind = 'event'") == [("unknown",)]
    shop.destination.clear_faults()
    shop.pass_time(minutes=5)


@pytest.mark.req("SHP-2", "ID-5")
@pytest.mark.parametrize("fault", ["after_write_drop", "drop_connection"])
def test_an_event_that_nobody_answered_is_read_back_under_the_contacts_new_address(
    shop: MailchimpShop, buyer: CustomerKnown, fault: str
) -> None:
    leave_unanswered(shop, buyer, fault)
    shop.tell(replace(buyer, at=shop.clock(), email="moved@post.test"))
    shop.sync()
    shop.sync()
    assert [one["shipment"] for one in told(shop, who="moved@post.test")] == ["501-1"]
    assert shop.query("select state from delivery.outbox where kind = 'event'") == [("delivered",)]


@pytest.mark.req("SHP-2", "OPS-1")
def test_what_a_contact_was_told_that_is_gone_for_good_ends_with_a_verdict(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    leave_unanswered(shop, buyer, "after_write_drop")
    shop.say("POST", f"{{list}}/members/{shop.member(WHO)['id']}/actions/delete-permanent")
    shop.sync()
    shop.sync()
    assert shop.query("select state, code from delivery.outbox where kind = 'event'") == [("rejected", "gone")]
    owners = "select distinct owner from exceptions.entry where closed_at is null and subject = 'outbox.rejected'"
    assert shop.query(owners) == [("marketing",)]


@pytest.mark.req("SHP-2", "DAG-2")
@pytest.mark.parametrize("point", ["load.claimed:3", "load.sent:2", "load.before_commit:2"])
def test_a_worker_that_dies_over_events_tells_none_of_them_twice(
    shop: MailchimpShop, buyer: CustomerKnown, tmp_path: Path, point: str
) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1), (9, 1)])
    shop.tell(placed)
    shop.sync()
    shop.tell(*(parcel(shop.clock(), placed, number) for number in (1, 2, 3)))
    shop.pass_time(minutes=5)
    run_id = run_until(shop, Point(point, "load"))
    assert die(shop, tmp_path, run_id, Point(point, "load")) == -signal.SIGKILL
    assert shop.query("select distinct state from delivery.outbox where kind = 'event'") == [("claimed",)]
    shop.go_on(run_id)
    shop.sync()
    shop.sync()
    assert sorted(numbers(shop)) == ["501-1", "501-2", "501-3"]


@pytest.mark.req("SHP-3")
def test_a_review_is_asked_for_when_the_parcel_has_come(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.change_pair(shipments={"review": {"after": {"default": "9d", "by_country": {"SE": "4d"}}}})
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1)])
    shop.tell(placed)
    shop.pass_time(days=2)
    shop.tell(sent(shop.clock(), placed))
    shop.sync()
    shop.pass_time(days=3)
    shop.run(run_id="early")
    shop.go_on("early")
    assert numbers(shop, "review_request") == [], "two days and three are from the order, not from despatch"
    shop.tell(came_back(shop.clock(), placed, 1, completed=False))
    shop.sync()
    shop.pass_time(days=1)
    shop.sync()
    shop.run(full_refresh=True)
    (request,) = told(shop, "review_request")
    assert (request["shipment"], request["items"]) == ("501-1", "1 x Coat 8 (Red S)"), "the other is on its way back"
    assert shop.query("select count(*) from road.due where reason = 'parcel news'") == [(0,)]
    assert numbers(shop) == ["501-1"]


@pytest.mark.req("SHP-3")
def test_nobody_is_asked_about_goods_that_went_back(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed))
    shop.sync()
    assert shop.query("select count(*) from road.due where reason = 'parcel news'") == [(1,)]
    shop.tell(came_back(shop.clock(), placed, 1))
    shop.sync()
    assert shop.query("select count(*) from road.due where reason = 'parcel news'") == [(0,)]
    shop.pass_time(days=5)
    shop.sync()
    shop.run(full_refresh=True)
    assert numbers(shop, "review_request") == []


@pytest.mark.req("SHP-3", "ORD-8")
def test_a_request_is_withdrawn_while_it_waits_and_of_no_use_after_a_long_outage(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    first, second = order(shop.clock(), 501, buyer), order(shop.clock(), 502, buyer, [(8, 1)])
    shop.tell(first, second, sent(shop.clock(), first), sent(shop.clock(), second))
    shop.sync()
    shop.pass_time(days=5)
    run_until(shop, Point("", "load"))
    waiting = shop.query("select object_id from delivery.outbox where object_id like 'review:%' and state = 'pending'")
    assert len(waiting) == 2
    shop.tell(came_back(shop.clock(), first, 1))
    shop.sync()
    assert numbers(shop, "review_request") == ["502-1"]

    third = order(shop.clock(), 503, buyer, [(9, 1)])
    shop.tell(third, sent(shop.clock(), third))
    shop.sync()
    shop.pass_time(days=20)
    shop.sync()
    assert numbers(shop, "review_request") == ["502-1"]
