"""The OrderWise source against the OrderWise sandbox, over HTTP: the shipped SQL is what is executed there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.model.reading import By, Window
from retail_sync.model.records import Customer, Order, Product, Return, Stream
from retail_sync.sandbox.world.events import (
    CustomersMerged,
    NewsletterChanged,
    OrderPlaced,
    Refunded,
    ShopEvent,
    StockChanged,
)

from .centra_shop import customer, goods, placed, product, shipped
from .orderwise_source_stage import EVERYTHING, NOW, Stage, keys, months, opened, records

STREAMS: tuple[Stream, ...] = ("customers", "products", "orders", "returns")
WEB_CUSTOMER = 1


@pytest.fixture(scope="module")
def past() -> list[ShopEvent]:
    """A few months of an invented shop with the end of summer time in them, and an order of its wholesale desk."""
    events = months(8, customers=50, orders=90)
    order = next(event for event in events if isinstance(event, OrderPlaced))
    return [*events, replace(order, number=900_001, store_type="WHOLESALE", at=NOW - timedelta(minutes=30))]


@pytest.fixture(scope="module")
def shop(past: list[ShopEvent]) -> Iterator[Stage]:
    """A sandbox that tests only read."""
    with opened(past) as stage:
        yield stage


@pytest.mark.req("DAG-2", "ORD-1")
@pytest.mark.parametrize("stream", STREAMS)
def test_every_record_arrives_once_over_many_pages(shop: Stage, stream: Stream) -> None:
    source = shop.source(page_size=9, product_size=40, child_size=7)
    found = keys(source.extract(stream, EVERYTHING))
    own = shop.books()
    expected = {str(one["id"]) for one in own[stream]}
    if stream == "returns":
        # Money without goods is a credit too; the judge's books tell it with the order.
        expected = {str(row["oh_id"]) for row in shop.table("order_header") if row["oh_sot_id"] == 4}
    assert sorted(found) == sorted(expected)
    assert len(found) > 9


@pytest.mark.req("ORD-1", "ORD-2", "ORD-3", "SHP-1")
def test_orders_agree_with_the_installations_own_books(shop: Stage) -> None:
    found: dict[str, Order] = {one.key: one for one in records(shop.source().extract("orders", EVERYTHING))}
    for book in shop.books()["orders"]:
        order = found[str(book["id"])]
        assert (order.number, order.total, order.rate) == (book["number"], book["grand_total"], book["rate"])
        assert (order.currency, order.email, order.market) == (book["currency"], book["email"], book["market"])
        assert order.customer_key == (str(book["customer_id"]) if book["customer_id"] else None)
        assert order.status.upper() == book["status"]
        assert (order.channel["account"] == "yes") == (book["store_type"] == "WHOLESALE")
        assert order.placed_at == datetime.fromisoformat(book["created_at"])
        assert order.discount == book["discount"]
        assert [(line.key, line.sku, line.quantity, line.cancelled, line.unit_price) for line in order.lines] == [
            (str(line["id"]), line["sku"], line["ordered"] - line["cancelled"], line["cancelled"], line["unit_price"])
            for line in book["lines"]
        ]
        assert [(one.tracking_number, one.carrier, one.shipped_at) for one in order.shipments] == [
            (one["tracking_number"], one["carrier"], datetime.fromisoformat(one["shipped_at"]))
            for one in book["shipments"]
        ]


@pytest.mark.req("ORD-3", "ORD-7")
def test_the_parts_of_every_order_add_up(shop: Stage) -> None:
    for order in records(shop.source().extract("orders", EVERYTHING)):
        parts = sum(line.total for line in order.lines) + order.shipping + order.other_charges - order.discount
        assert parts == order.total, order.number


@pytest.mark.req("ORD-3", "ORD-5")
@pytest.mark.parametrize("goodwill_type", [4, 9])
def test_credits_take_off_what_was_paid_back(past: list[ShopEvent], goodwill_type: int) -> None:
    with opened(past, goodwill_type=goodwill_type) as shop:
        source = shop.source(order_types={1: "order", 4: "credit", goodwill_type: "credit"})
        back: list[Return] = records(source.extract("returns", EVERYTHING))
        orders = keys(source.extract("orders", EVERYTHING))
        own = shop.books()
    assert sorted(orders) == sorted(str(book["id"]) for book in own["orders"])
    credited: dict[str | None, Decimal] = {}
    for one in back:
        credited[one.order_number] = credited.get(one.order_number, Decimal(0)) + sum(pay.amount for pay in one.refunds)
    assert credited == {
        book["number"]: sum(pay["amount"] for pay in book["payments"] if pay["kind"] == "REFUND")
        for book in own["orders"]
        if any(pay["kind"] == "REFUND" for pay in book["payments"])
    }
    lines = {one.key: [(line.line_key, line.quantity) for line in one.lines] for one in back if one.lines}
    assert lines == {
        str(book["id"]): [(str(line["line_id"]), line["quantity"]) for line in book["lines"]] for book in own["returns"]
    }


@pytest.mark.req("QUA-1", "ORD-3")
def test_a_type_that_the_settings_do_not_name_is_refused_and_named(past: list[ShopEvent]) -> None:
    with opened(past, goodwill_type=9) as shop:
        pages = list(shop.source().extract("orders", EVERYTHING))
        expected = sorted(str(row["oh_id"]) for row in shop.table("order_header") if row["oh_sot_id"] == 9)
    refused = [one for page in pages for one in page.refused]
    assert sorted(key for key, _ in refused) == expected
    assert expected
    assert all("order type 9" in reason for _, reason in refused)


@pytest.mark.req("CUS-1", "CON-2", "ID-3", "ID-6")
@pytest.mark.parametrize("holder", ["contact", "customer"])
def test_customers_agree_with_the_installations_own_books(past: list[ShopEvent], holder: str) -> None:
    with opened(past, consent_on=holder) as shop:
        source = shop.source(consent={"holder": holder, "changed_at": 1}, birth_date=2)
        found: dict[str, Customer] = {one.key: one for one in records(source.extract("customers", EVERYTHING))}
        own = shop.books()["customers"]
    assert str(WEB_CUSTOMER) not in found
    assert {key: (one.email, bool(one.opted_in)) for key, one in found.items()} == {
        str(book["id"]): (book["email"], book["newsletter"]) for book in own
    }
    assert all((one.opted_in_at is not None) == bool(one.opted_in) for one in found.values())
    assert any(one.opted_in for one in found.values())
    assert {one.attributes["category"] for one in found.values()} == {"retail", "trade"}


@pytest.mark.req("CAT-1")
def test_products_agree_with_the_installations_own_books(shop: Stage) -> None:
    found: dict[str, Product] = {one.key: one for one in records(shop.source().extract("products", EVERYTHING))}
    for book in shop.books()["products"]:
        record = found[str(book["id"])]
        assert (record.number, record.name, record.brand) == (book["number"], book["name"], book["brand"])
        assert (record.collection, record.image_url, record.active) == (
            book["collection"], book["image_url"], book["active"],
        )  # fmt: skip
        assert [(one.sku, one.stock) for one in record.variants] == [
            (one["sku"], one["stock"]) for one in book["variants"]
        ]
        assert [{price.currency: price.amount for price in one.prices} for one in record.variants] == [
            one["prices"] for one in book["variants"]
        ]
    assert {row["vas_vad_id"] for row in shop.table("variant_setting") if row.get("vas_kit_variant")}, "kits are sold"


@pytest.mark.req("CAT-1", "DAG-4")
def test_a_product_of_which_only_the_stock_moved_is_read_also_that_of_a_kit() -> None:
    with opened([product()], kit_every=1) as shop:
        source = shop.source()
        (before,) = records(source.extract("products", EVERYTHING))
        shop.control.apply([StockChanged(at=NOW - timedelta(minutes=5), variant_id=71, stock=0)])
        (after,) = records(source.extract("products", Window(NOW - timedelta(minutes=30), NOW)))
        assert records(source.extract("products", Window(NOW - timedelta(minutes=3), NOW))) == []
    assert before.variants[0].stock == 3
    assert after.variants[0].stock == 0
    assert after.updated_at > before.updated_at


@pytest.mark.req("CAT-1")
def test_what_is_oversold_is_told_as_it_stands() -> None:
    line = replace(goods(51), variant_id=72, sku="P7-R-M")
    with opened([product(), customer(1), placed(5, lines=(line,))], kit_every=0) as shop:
        (found,) = records(shop.source().extract("products", EVERYTHING))
    assert {one.sku: one.stock for one in found.variants} == {"P7-R-S": 3, "P7-R-M": -2, "P7-B-M": 5}


@pytest.mark.req("ID-2", "ID-6")
def test_a_guests_order_is_booked_on_the_web_account_and_belongs_to_its_own_address() -> None:
    guest = customer(7, registered=False)
    events: list[ShopEvent] = [product(), guest, placed(5, customer_id=7, email="guest@mail.test", lines=(goods(51),))]
    with opened(events) as shop:
        (order,) = records(shop.source().extract("orders", EVERYTHING))
        assert (order.customer_key, order.email) == (None, "guest@mail.test")
        assert records(shop.source().extract("customers", EVERYTHING)) == []
        (named,) = records(shop.source(web_accounts=[]).extract("orders", EVERYTHING))
        assert named.customer_key == str(WEB_CUSTOMER)


@pytest.mark.req("ID-5")
def test_an_account_that_was_merged_says_into_which() -> None:
    at = NOW - timedelta(hours=1)
    events: list[ShopEvent] = [
        customer(1),
        customer(2, email="other@mail.test"),
        CustomersMerged(at=at, kept_id=1, merged_id=2),
    ]
    with opened(events) as shop:
        found = {one.email: one for one in records(shop.source().extract("customers", EVERYTHING))}
    assert found["other@mail.test"].merged_into == found["person1@mail.test"].key


@pytest.mark.req("DAG-2", "DAG-3")
@pytest.mark.parametrize("stream", ["orders", "customers", "returns"])
def test_windows_that_follow_one_another_miss_nothing(shop: Stage, stream: Stream) -> None:
    everything = records(shop.source().extract(stream, EVERYTHING))
    times = sorted(one.updated_at for one in everything)
    edges = [EVERYTHING.since + timedelta(days=1), *times[:: max(len(times) // 6, 1)], EVERYTHING.until]
    windows = [Window(since, until) for since, until in pairwise(edges)]
    found = {key for window in windows for key in keys(shop.source().extract(stream, window))}
    assert found == {one.key for one in everything}


@pytest.mark.req("DAG-2")
def test_what_happens_in_the_hour_that_comes_twice_is_not_lost() -> None:
    turn = datetime(2025, 10, 26, 1, tzinfo=UTC)
    times = [turn + timedelta(minutes=minutes) for minutes in range(-70, 80, 10)]
    events: list[ShopEvent] = [product(), customer(1), *(placed(number, at=at) for number, at in enumerate(times, 1))]
    with opened(sorted(events, key=lambda event: event.at)) as shop:
        source = shop.source()
        for since, until in pairwise(turn + timedelta(minutes=minutes) for minutes in range(-75, 95, 15)):
            found = {order.number for order in records(source.extract("orders", Window(since, until)))}
            assert {str(number) for number, at in enumerate(times, 1) if since < at <= until} <= found


@pytest.mark.req("DAG-3")
@pytest.mark.parametrize("by", ["changed", "created"])
def test_a_window_is_by_change_or_by_creation(shop: Stage, by: By) -> None:
    middle = NOW - timedelta(days=60)
    found = set(keys(shop.source().extract("orders", Window(middle, EVERYTHING.until, by=by))))
    everything: list[Order] = records(shop.source().extract("orders", EVERYTHING))
    column = "updated_at" if by == "changed" else "placed_at"
    assert found == {order.key for order in everything if getattr(order, column) > middle}
    assert len(found) < len(everything)


@pytest.mark.req("DAG-2", "SHP-2")
def test_a_despatch_is_found_though_it_amends_no_order() -> None:
    events: list[ShopEvent] = [product(), customer(1), placed(5)]
    with opened(events) as shop:
        at = NOW - timedelta(minutes=5)
        shop.control.apply([shipped(5, (51,), at, last=False), shipped(5, (52,), at, parcel=2)])
        window = Window(NOW - timedelta(minutes=30), NOW)
        (order,) = records(shop.source().extract("orders", window))
    assert [[line.line_key for line in one.lines] for one in order.shipments] == [["1"], ["2"]]
    assert order.updated_at == at


@pytest.mark.req("ORD-5")
def test_a_credit_is_found_by_its_own_time() -> None:
    with opened([product(), customer(1), placed(5)]) as shop:
        shop.control.apply([Refunded(at=NOW - timedelta(minutes=5), number=5, amount=Decimal(7))])
        (found,) = records(shop.source().extract("returns", Window(NOW - timedelta(minutes=30), NOW)))
    assert (found.order_number, found.total, found.lines) == ("5", 7, ())


@pytest.mark.req("DAG-3", "DAG-4")
def test_customers_and_products_can_be_asked_for_by_key(shop: Stage) -> None:
    source = shop.source(page_size=2, product_size=2)
    streams: tuple[Stream, ...] = ("customers", "products")
    for stream in streams:
        all_keys = keys(source.extract(stream, None))
        wanted = all_keys[3:8]
        pages: list[Any] = list(source.extract(stream, None, [*wanted, "999999"]))
        assert sorted(record.key for page in pages for record in page.records) == sorted(wanted)
        assert list(source.extract(stream, None, ["999999"])), "what is not there is answered"


@pytest.mark.req("DAG-6")
def test_a_small_delta_costs_few_calls_at_the_pace_of_the_account(past: list[ShopEvent]) -> None:
    with opened(past) as shop:
        source = shop.source()
        window = Window(NOW - timedelta(hours=2), NOW)
        for stream in STREAMS:
            records(source.extract(stream, window))
        assert shop.control.log()["requests"] <= 9
        assert {(rate, slots) for _, rate, slots in shop.door.named} == {(1.0, 1)}
        assert len({name for name, _, _ in shop.door.named}) == 1


@pytest.mark.req("DAG-2", "CON-3")
def test_a_change_of_consent_is_a_change_of_the_customer() -> None:
    with opened([customer(1, newsletter=True)]) as shop:
        shop.control.apply([NewsletterChanged(at=NOW - timedelta(minutes=5), customer_id=1, subscribed=False)])
        (found,) = records(shop.source().extract("customers", Window(NOW - timedelta(minutes=30), NOW)))
    assert found.opted_in is False
