"""Two ERPs as sources: the same invented shop lives in each, and its audience comes out as right as Centra's does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from retail_sync.consent.by_hand import to_take_off
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import (
    ContactLeft,
    CustomersMerged,
    NewsletterChanged,
    ParcelLine,
    ProductWithdrawn,
    StockChanged,
)
from tests.oracle.shop import people
from tests.oracle.terms import Json

from .mailchimp_shop import MailchimpShop
from .tales import came_back, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")
_OPEN = "select subject from exceptions.entry where closed_at is null and subject like 'consent.%'"


@pytest.fixture(params=["fulfil", "orderwise"])
def erp(request: pytest.FixtureRequest, apart: SandboxControl, dsn: str) -> Iterator[MailchimpShop]:
    """An empty shop in an ERP. But for what the test says that it has broken, both sides must agree at its end."""
    control: SandboxControl = request.getfixturevalue(request.param)
    control.reset()
    apart.reset()
    shop = MailchimpShop(control, apart, dsn)
    yield shop
    shop.judge()
    shop.close()


@pytest.mark.req("DAG-1", "DAG-2", "ORD-1", "ORD-3", "CAT-1")
def test_a_past_and_a_day_arrive_whole_and_nothing_is_sent_twice(erp: MailchimpShop) -> None:
    erp.live_past(customers=60, orders=120)
    erp.sync()
    assert erp.differences() == []
    erp.sync()
    assert erp.writes == 0
    are_worth_what_the_books_say(erp)
    erp.live_day()
    erp.sync()
    erp.night()
    # A change of stock moves no time of change in an ERP: it comes with the catalogue.
    erp.run(dag="catalogue")
    assert erp.differences() == []
    erp.sync()
    assert erp.writes == 0
    are_worth_what_the_books_say(erp)


def are_worth_what_the_books_say(erp: MailchimpShop) -> None:
    """Everybody's lifetime value is what the ERP's own books come to, of which something was paid back."""
    known = {email: person for email, person in people(erp.books(), erp.terms).items() if person.orders}
    (audience,) = erp.destination.state()["lists"].values()
    held = {one["email_address"].lower(): Decimal(str(one["merge_fields"]["LTV"])) for one in audience["members"]}
    assert {email: held[email] for email in known} == {email: one.value(erp.terms) for email, one in known.items()}
    assert any(one.paid_back for person in known.values() for one in person.orders if not one.cancelled)


@pytest.mark.req("ORD-3", "ORD-5", "SUP-1")
def test_a_credit_note_reduces_once_and_as_soon_as_it_is_there(erp: MailchimpShop) -> None:
    buyer = customer(erp.clock(), 1, "buyer@mail.test")
    bought = order(erp.clock(), 700, buyer, [(7, 3), (8, 1)])
    erp.tell(product(erp.clock()), product(erp.clock(), 8), buyer, bought, sent(erp.clock(), bought))
    erp.sync()
    assert Decimal(str(erp.member("buyer@mail.test")["merge_fields"]["LTV"])) == 449

    back = came_back(erp.clock(), bought, 2)
    erp.tell(back)
    erp.pass_time(days=1)
    erp.tell(paid_back(erp.clock(), bought, "200.00", made=back))
    erp.sync()
    erp.sync()
    assert Decimal(str(erp.member("buyer@mail.test")["merge_fields"]["LTV"])) == 249
    (held,) = erp.store()["orders"].values()
    assert {line["quantity"] for line in held["lines"]} == {1}

    erp.tell(paid_back(erp.clock(), bought, "49.00"))
    erp.sync()
    assert Decimal(str(erp.member("buyer@mail.test")["merge_fields"]["LTV"])) == 200


@pytest.mark.req("ID-2", "ID-3")
def test_several_records_of_one_address_are_one_contact_with_all_their_orders(erp: MailchimpShop) -> None:
    now = erp.clock()
    first, second = customer(now, 1, "twice@mail.test"), customer(now, 2, "Twice@mail.test")
    guest = customer(now, 3, "twice@mail.test", registered=False)
    placed = [order(now, 700 + one.customer_id, one) for one in (first, second, guest)]
    erp.tell(product(now), first, second, guest, *placed)
    erp.sync()

    assert {email.lower() for email in erp.emails()} == {"twice@mail.test"}
    fields = erp.member("twice@mail.test")["merge_fields"]
    assert (int(fields["ORDERS"]), int(Decimal(str(fields["LTV"])))) == (3, 447)
    assert len({one["customer"]["id"] for one in erp.store()["orders"].values()}) == 1


@pytest.mark.req("ID-6", "ORD-2")
def test_a_shared_customer_is_nobody_and_the_orders_own_address_is(erp: MailchimpShop) -> None:
    now = erp.clock()
    guests = [customer(now, n, f"guest{n}@mail.test", registered=False) for n in (1, 2)]
    on_market = customer(now, 3, "stranger@mail.test", registered=False)
    placed = [order(now, 700 + one.customer_id, one) for one in guests]
    erp.tell(product(now), *guests, on_market, *placed, order(now, 703, on_market, affiliate="zalando"))
    erp.sync()

    assert erp.emails() == {"guest1@mail.test", "guest2@mail.test"}
    assert {int(erp.member(one.email)["merge_fields"]["ORDERS"]) for one in guests} == {1}
    # Fulfil puts two letters before its own numbers.
    assert {number.removeprefix("SO") for number in erp.store()["orders"]} == {"701", "702"}


@pytest.mark.req("SHP-1", "SHP-2")
def test_each_parcel_is_told_once_with_its_own_link(erp: MailchimpShop) -> None:
    buyer = customer(erp.clock(), 1, "buyer@mail.test")
    erp.tell(product(erp.clock()), product(erp.clock(), 8), buyer)
    erp.sync()
    bought = order(erp.clock(), 700, buyer, [(7, 1), (8, 1)])
    first, second = ((ParcelLine(line_id=line.line_id, quantity=1),) for line in bought.lines)
    erp.tell(bought, sent(erp.clock(), bought, lines=first, last=False))
    erp.sync()
    erp.pass_time(days=1)
    erp.tell(sent(erp.clock(), bought, parcel=2, tracking_number="00573132439867012", lines=second))
    erp.sync()
    erp.sync()

    told = [one["properties"] for one in erp.member(buyer.email)["events"] if one["name"] == "order_shipped"]
    assert [one["tracking_number"] for one in told] == ["0057313243986700", "00573132439867012"]
    assert all(one["tracking_number"] in one["tracking_url"] for one in told)
    assert len({one["shipment"] for one in told}) == 2


@pytest.mark.req("CAT-1")
def test_stock_follows_the_erp_with_the_catalogue(erp: MailchimpShop) -> None:
    erp.tell(product(erp.clock()))
    erp.sync()
    erp.tell(StockChanged(at=erp.clock(), variant_id=70, stock=0))
    erp.pass_time(hours=1)
    erp.run(dag="catalogue")
    assert stock(erp) == {"P7-S": 0, "P7-M": 5}

    erp.tell(ProductWithdrawn(at=erp.clock(), product_id=7))
    erp.pass_time(hours=1)
    erp.run(dag="catalogue")
    assert stock(erp) == {"P7-S": 0, "P7-M": 0}


@pytest.mark.req("CON-3", "CON-1")
def test_who_leaves_is_taken_off_every_record_or_listed_for_those_who_can(erp: MailchimpShop) -> None:
    now = erp.clock()
    records = [customer(now, n, "twice@mail.test", newsletter=True) for n in (1, 2)]
    erp.tell(*records)
    erp.sync()
    assert erp.member("twice@mail.test")["status"] == "subscribed"
    erp.tell(ContactLeft(at=erp.clock(), email="twice@mail.test"))
    erp.sync()
    erp.sync()

    if erp.road.writes_consent:
        assert {one["newsletter"] for one in erp.books()["customers"]} == {False}
        assert open_subjects(erp) == set()
        return
    assert {one["newsletter"] for one in erp.books()["customers"]} == {True}
    assert open_subjects(erp) == {"consent.by_hand"}
    with erp.road.database.connection() as connection:
        assert len(to_take_off(connection, erp.road.pair)) == 2
    erp.tell(*(NewsletterChanged(at=erp.clock(), customer_id=n, subscribed=False) for n in (1, 2)))
    erp.sync()
    assert open_subjects(erp) == set()
    assert erp.member("twice@mail.test")["status"] == "unsubscribed"


@pytest.mark.req("ID-5")
def test_a_merge_takes_the_orders_to_the_survivor(erp: MailchimpShop) -> None:
    now = erp.clock()
    kept, merged = customer(now, 1, "kept@mail.test"), customer(now, 2, "merged@mail.test")
    erp.tell(product(now), kept, merged, order(now, 701, kept), order(now, 702, merged))
    erp.sync()
    erp.pass_time(hours=1)
    erp.tell(CustomersMerged(at=erp.clock(), kept_id=1, merged_id=2))
    erp.sync()
    erp.night()
    assert erp.differences() == []


def stock(shop: MailchimpShop) -> dict[str, int]:
    """How many of each SKU can be bought at the marketing platform."""
    variants = [one for product in shop.store()["products"].values() for one in product["variants"]]
    return {one["sku"]: int(one["inventory_quantity"]) for one in variants if one["sku"]}


def open_subjects(shop: MailchimpShop) -> set[str]:
    """What waits for somebody about consent."""
    return {one for (one,) in shop.query(_OPEN)}


@pytest.mark.req("SHP-3")
def test_a_review_is_asked_for_when_the_parcel_will_have_come(erp: MailchimpShop) -> None:
    buyer = customer(erp.clock(), 1, "buyer@mail.test", newsletter=True)
    erp.tell(product(erp.clock()), product(erp.clock(), 8), buyer)
    erp.sync()
    bought = order(erp.clock(), 700, buyer, [(7, 1), (8, 1)])
    # A day may go by before it leaves: what counts is when it left, and how long it takes to Sweden.
    erp.tell(bought)
    erp.sync()
    erp.pass_time(days=1)
    erp.tell(sent(erp.clock(), bought))
    back = came_back(erp.clock(), bought, 1)
    erp.tell(back, paid_back(erp.clock(), bought, "100.00", made=back))
    erp.sync()
    review = erp.road.pair.shipments.review
    assert review is not None
    erp.pass_time(seconds=review.after.by_country["SE"].total_seconds() - 43_200)
    erp.sync()
    assert asked(erp, buyer.email) == []
    erp.pass_time(days=1)
    erp.sync()
    (told,) = asked(erp, buyer.email)
    assert told["skus"] == "P8-S", "what came back is not asked about"


@pytest.mark.req("DAG-4", "CAT-1")
def test_in_peak_hours_orders_go_on_and_products_wait(erp: MailchimpShop) -> None:
    """Tests begin at noon of a Monday."""
    buyer = customer(erp.clock(), 1, "buyer@mail.test")
    erp.tell(product(erp.clock()), buyer)
    erp.sync()
    erp.run(dag="catalogue")
    erp.change_pair(source={"peak": {"hours": ["08:00-18:00"], "timezone": "Europe/London", "heavy": ["products"]}})
    erp.tell(order(erp.clock(), 700, buyer), StockChanged(at=erp.clock(), variant_id=71, stock=1))

    report = erp.sync()
    assert (report["state"], report["streams"]["orders"]["state"]) == ("closed", "complete")
    assert report["streams"]["products"]["state"] == "deferred"
    assert len(erp.store()["orders"]) == 1
    assert erp.run(dag="catalogue")["streams"]["products"]["state"] == "deferred"
    assert stock(erp)["P7-M"] == 5

    erp.pass_time(hours=7)
    erp.run(dag="catalogue")
    assert stock(erp)["P7-M"] == 1


def asked(shop: MailchimpShop, email: str) -> list[Json]:
    """What a contact was asked to review."""
    return [one["properties"] for one in shop.member(email)["events"] if one["name"] == "review_request"]
