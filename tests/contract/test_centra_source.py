"""The Centra source against the Centra sandbox, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    PermissionMissingError,
    RateLimitedError,
    SchemaDriftError,
    UnreachableError,
)
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Budget, Connection, Services, Source
from retail_sync.model.reading import Page, Window
from retail_sync.model.records import Customer, Order, Product, Record, Return, Stream
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.sandbox.world.events import (
    NewsletterChanged,
    OrderCancelled,
    OrderPlaced,
    Refunded,
    ReturnCompleted,
    ReturnLineSpec,
    ReturnMade,
    ShopEvent,
)
from retail_sync.sandbox.world.history import history
from retail_sync.vendors.carriers import read
from retail_sync.vendors.centra import VENDOR
from retail_sync.vendors.centra.sandbox import build

from .open_door import OpenDoor

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "token-of-the-test"
EVERYTHING = Window(datetime(2000, 1, 1, tzinfo=UTC), NOW + timedelta(days=1))
ALL_READS = frozenset(
    f"{name}:read"
    for kinds in (
        "Order Order.attributes Order.billingAddress Order.shippingAddress PaymentHistory Shipment Return Affiliate",
        "Customer Customer.attributes Customer.billingAddress Attribute Market Store StorePlugin Pricelist",
        "Product ProductVariant ProductSize Brand Category Collection Display",
    )
    for name in kinds.split()
)


@dataclass
class Shop:
    """A running sandbox with a short history, and ways to it."""

    control: SandboxControl
    url: str
    door: OpenDoor = field(default_factory=OpenDoor)

    def source(self, token: str = TOKEN, services: Services | None = None, **settings: Any) -> Source:
        connection = Connection("centra_test", self.url, password=token)
        return VENDOR.source(settings, connection, services or Services(lambda: NOW, self.budget, read()))

    def budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        return self.door if rate is None else OpenDoor()

    def book(self, name: str) -> list[dict[str, Any]]:
        books: list[dict[str, Any]] = self.control.state()[name]
        return books


@pytest.fixture(scope="module")
def past() -> list[ShopEvent]:
    """A few months of an invented shop, and one order of its wholesale store."""
    events = list(history(7, customers=60, orders=150, until=NOW - timedelta(hours=1), months=6))
    order = next(event for event in events if isinstance(event, OrderPlaced))
    return [*events, replace(order, number=900_001, store_type="WHOLESALE", at=NOW - timedelta(minutes=30))]


@contextmanager
def opened(past: Sequence[ShopEvent], **settings: Any) -> Iterator[Shop]:
    """A sandbox that these events have happened to."""
    with running(build({"tokens": [{"value": TOKEN}], **settings})) as url, SandboxControl(url) as control:
        control.apply(past)
        control.reset_log()
        yield Shop(control, url)


@pytest.fixture
def shop(past: list[ShopEvent]) -> Iterator[Shop]:
    with opened(past) as running_shop:
        yield running_shop


def records(pages: Iterator[Page]) -> list[Any]:
    found: list[Record] = []
    for page in pages:
        assert not page.refused
        found += page.records
    return found


def keys(found: Sequence[Record]) -> list[str]:
    return [record.key for record in found]


@pytest.mark.req("DAG-2", "ORD-1")
@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize("stream", ["orders", "returns", "customers", "products"])
def test_every_record_arrives_once(shop: Shop, stream: Stream, prefetch: bool) -> None:
    source = shop.source(page_size=20, list_size=7, product_size=15, prefetch=prefetch)
    found = keys(records(source.extract(stream, EVERYTHING)))
    assert sorted(found) == sorted(str(one["id"]) for one in shop.book(stream))
    assert found


@pytest.mark.req("ORD-1", "ORD-3", "SHP-1")
def test_orders_agree_with_the_shops_own_books(shop: Shop) -> None:
    found: dict[str, Order] = {one.number: one for one in records(shop.source().extract("orders", EVERYTHING))}
    for book in shop.book("orders"):
        order = found[str(book["number"])]
        assert (order.total, order.rate) == (Decimal(book["grand_total"]), Decimal(book["rate"]))
        assert (order.currency, order.email, order.market) == (book["currency"], book["email"], book["market"])
        assert (order.channel["store_type"], order.channel.get("affiliate")) == (book["store_type"], book["affiliate"])
        assert order.placed_at == datetime.fromisoformat(book["created_at"]).replace(microsecond=0)
        assert [(int(line.key), line.sku, line.quantity, line.kind == "gift_card") for line in order.lines] == [
            (line["id"], line["sku"], line["ordered"] - line["cancelled"], line["gift_card"]) for line in book["lines"]
        ]
        assert [parcel.tracking_number for parcel in order.shipments] == [
            parcel["tracking_number"] for parcel in book["shipments"]
        ]


@pytest.mark.req("ORD-3", "ORD-7")
def test_the_parts_of_every_order_add_up(shop: Shop) -> None:
    for order in records(shop.source().extract("orders", EVERYTHING)):
        parts = sum(line.total for line in order.lines) + order.shipping + order.other_charges - order.discount
        assert parts == order.total, order.number


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize("sign", [1, -1])
def test_refunds_count_whatever_their_sign(past: list[ShopEvent], sign: int) -> None:
    with opened(past, refund_sign=sign) as shop:
        refunded = {
            order.number: sum(one.amount for one in order.payments if one.kind == "refunded")
            for order in records(shop.source().extract("orders", EVERYTHING))
        }
    told: dict[str, Decimal] = {}
    for event in past:
        if isinstance(event, Refunded):
            told[str(event.number)] = told.get(str(event.number), Decimal(0)) + event.amount
    assert {number: amount for number, amount in refunded.items() if amount} == told


@pytest.mark.req("ORD-2")
def test_both_sorts_of_store_are_read(shop: Shop) -> None:
    found: list[Order] = records(shop.source().extract("orders", EVERYTHING))
    assert {order.channel["store_type"] for order in found} == {"DIRECT_TO_CONSUMER", "WHOLESALE"}


@pytest.mark.req("CUS-1", "CON-2", "ID-2")
def test_customers_agree_with_the_shops_own_books(shop: Shop) -> None:
    found: dict[str, Customer] = {one.key: one for one in records(shop.source().extract("customers", EVERYTHING))}
    assert {key: (one.email, one.registered, one.opted_in) for key, one in found.items()} == {
        str(book["id"]): (book["email"], book["registered"], book["newsletter"]) for book in shop.book("customers")
    }


@pytest.mark.req("CAT-1")
def test_products_agree_with_the_shops_own_books(shop: Shop) -> None:
    found: dict[str, Product] = {one.key: one for one in records(shop.source().extract("products", EVERYTHING))}
    for book in shop.book("products"):
        product = found[str(book["id"])]
        assert (product.number, product.name, product.brand) == (book["number"], book["name"], book["brand"])
        assert (product.collection or "", product.image_url) == (book["collection"], book["image_url"])
        sold = {variant.sku: variant for variant in product.variants}
        assert {sku: one.stock for sku, one in sold.items()} == {one["sku"]: one["stock"] for one in book["variants"]}
        for one in book["variants"]:
            # A page on which a colour is sold names one price; gift cards of several values stand on one.
            if len({other["prices"]["SEK"] for other in book["variants"] if other["colour"] == one["colour"]}) == 1:
                assert {price.currency: price.amount for price in sold[one["sku"]].prices} == {
                    currency: Decimal(amount) for currency, amount in one["prices"].items()
                }


@pytest.mark.req("ORD-5")
def test_returns_of_orders_are_found_whenever_they_were_made(shop: Shop) -> None:
    books = shop.book("returns")
    numbers = [str(book["order_number"]) for book in books]
    found: list[Return] = records(shop.source(parents_at_once=3, list_size=2).extract("returns", None, numbers))
    assert len(found) == len(books)
    assert {one.key: one.total for one in found} == {str(book["id"]): Decimal(book["value"]) for book in books}


@pytest.mark.req("ORD-5")
def test_a_return_that_is_completed_later_is_found_by_its_order_only(shop: Shop) -> None:
    order = next(one for one in shop.book("orders") if not any(line["returned"] for line in one["lines"]))
    line = order["lines"][0]
    spec = ReturnLineSpec(line_id=line["id"], quantity=1, unit_price=Decimal(line["unit_price"]))
    shop.control.apply(
        [
            ReturnMade(at=NOW, return_id=90_001, number=order["number"], lines=(spec,), completed=False),
            ReturnCompleted(at=NOW + timedelta(hours=1), return_id=90_001),
        ]
    )
    later = Window(NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    assert "90001" not in keys(records(shop.source().extract("returns", later)))
    found: list[Return] = records(shop.source().extract("returns", later, [str(order["number"])]))
    assert [(one.key, one.status) for one in found] == [("90001", "completed")]


@pytest.mark.req("DAG-2", "DAG-3")
def test_windows_that_follow_one_another_miss_nothing(shop: Shop) -> None:
    changes = sorted(datetime.fromisoformat(one["updated_at"]) for one in shop.book("orders"))
    edges = [changes[0] - timedelta(days=1), changes[40], changes[90], NOW + timedelta(days=1)]
    windows = [Window(since, until) for since, until in pairwise(edges)]
    found = {key for window in windows for key in keys(records(shop.source().extract("orders", window)))}
    assert found == {one["id"] for one in shop.book("orders")}


@pytest.mark.req("DAG-3")
def test_a_window_is_by_change_or_by_creation(shop: Shop) -> None:
    middle = NOW - timedelta(days=60)
    for by, column in (("changed", "updated_at"), ("created", "created_at")):
        source = shop.source(payment_feed=False)
        found = keys(records(source.extract("orders", Window(middle, NOW, by=by))))  # type: ignore[arg-type]
        assert set(found) == {one["id"] for one in shop.book("orders") if datetime.fromisoformat(one[column]) > middle}


@pytest.mark.req("DAG-3")
def test_a_full_refresh_needs_no_window(shop: Shop) -> None:
    assert len(records(shop.source().extract("orders", None))) == len(shop.book("orders"))


@pytest.mark.req("DAG-2")
def test_orders_that_are_edited_while_pages_are_read_hide_no_other(shop: Shop) -> None:
    pages = shop.source(page_size=10, prefetch=False).extract("orders", Window(EVERYTHING.since, NOW))
    first = next(pages)
    seen = [int(order.number) for order in first.records if isinstance(order, Order)]
    unseen = [one["number"] for one in shop.book("orders") if one["number"] > max(seen)]
    edited = [*seen[:3], *unseen[5:8]]
    shop.control.apply([OrderCancelled(at=NOW + timedelta(hours=2), number=number) for number in edited])
    found = [*keys(first.records), *keys(records(pages))]
    still = {one["id"] for one in shop.book("orders") if datetime.fromisoformat(one["updated_at"]) <= NOW}
    assert still <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.req("DAG-2", "CUS-1")
def test_customers_that_are_edited_while_pages_are_read_hide_no_other(shop: Shop) -> None:
    pages = shop.source(list_size=5, prefetch=False).extract("customers", Window(EVERYTHING.since, NOW))
    first = next(pages)
    leaving = [one["id"] for one in shop.book("customers") if str(one["id"]) not in keys(first.records)][:7]
    shop.control.apply(
        [NewsletterChanged(at=NOW + timedelta(hours=2), customer_id=one, subscribed=False) for one in leaving]
    )
    found = [*keys(first.records), *keys(records(pages))]
    still = {str(one["id"]) for one in shop.book("customers") if datetime.fromisoformat(one["updated_at"]) <= NOW}
    assert still <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("form", ["epoch", "seconds"])
def test_a_429_is_waited_for_by_everybody(shop: Shop, form: str) -> None:
    source = shop.source()
    records(source.extract("customers", Window(NOW, NOW)))
    after = str(int(time.time()) + 1) if form == "epoch" else "1"
    shop.control.fault("status", endpoint="orderConnection", status=429, headers={"Retry-After": after})
    assert len(records(source.extract("orders", EVERYTHING))) == len(shop.book("orders"))
    assert len(shop.door.paused) == 1
    assert 0 <= shop.door.paused[0] <= 2


@pytest.mark.req("DAG-6")
def test_a_long_pause_is_left_to_the_scheduler(shop: Shop) -> None:
    after = str(int(time.time()) + 3_000)
    shop.control.fault("status", endpoint="orderConnection", status=429, headers={"Retry-After": after})
    source = shop.source(services=Services(lambda: datetime.now(UTC), lambda *_: Silent(), read()))
    with pytest.raises(RateLimitedError) as raised:
        records(source.extract("orders", EVERYTHING))
    assert raised.value.retry_at is not None
    assert raised.value.retry_at > datetime.now(UTC) + timedelta(minutes=30)


class Silent(OpenDoor):
    """A budget that only notes a pause."""

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)


@pytest.mark.req("DAG-6")
def test_the_quotas_of_a_small_plan_are_kept(past: list[ShopEvent], database: Database) -> None:
    """Quotas are read at run time, so that none of the requests is refused."""
    with opened(past, plan_scale=0.3) as shop:
        services = Services(lambda: NOW, partial(shared_budget, database), read())
        found = records(shop.source(services=services, page_size=7).extract("orders", EVERYTHING))
        assert len(found) == len(shop.book("orders"))
        assert shop.control.log()["by_status"].keys() <= {"200"}


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("fault", ["drop_connection", "truncate", "html_403"])
def test_a_bad_moment_is_tried_again(shop: Shop, fault: str) -> None:
    if fault == "html_403":
        shop.control.fault("status", endpoint="orderConnection", status=200, body="<html>busy</html>")
    else:
        shop.control.fault(fault, endpoint="orderConnection")
    assert len(records(shop.source().extract("orders", EVERYTHING))) == len(shop.book("orders"))


@pytest.mark.req("OPS-3")
def test_a_bad_day_is_no_empty_read(shop: Shop) -> None:
    shop.control.fault("status", endpoint="orderConnection", status=503, times=None)
    with pytest.raises(UnreachableError):
        records(shop.source().extract("orders", EVERYTHING))


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_wrong_token_is_said_to_be_one(shop: Shop) -> None:
    with pytest.raises(CredentialsError) as raised:
        records(shop.source("no-such-token").extract("orders", EVERYTHING))
    assert "no-such-token" not in str(raised.value)
    (finding,) = list(shop.source("no-such-token").check())
    assert (finding.subject, finding.ok) == ("token", False)
    assert finding.fix


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("stream", "missing"),
    [
        ("orders", "Order.billingAddress:read"),
        ("orders", "PaymentHistory:read"),
        ("returns", "Return:read"),
        ("customers", "Customer:read"),
        ("products", "ProductSize:read"),
    ],
)
def test_a_missing_permission_is_named(past: list[ShopEvent], stream: Stream, missing: str) -> None:
    permissions = sorted(ALL_READS - {missing})
    with opened(past[:300], tokens=[{"value": TOKEN, "permissions": permissions}]) as shop:
        with pytest.raises(PermissionMissingError, match=missing):
            records(shop.source().extract(stream, EVERYTHING))
        findings = {finding.subject: finding for finding in shop.source().check()}
        assert not findings[f"read {stream}"].ok
        assert missing in findings[f"read {stream}"].fix


@pytest.mark.req("OPS-3")
def test_the_check_finds_everything_in_order(shop: Shop) -> None:
    findings = list(shop.source().check())
    assert [finding.subject for finding in findings if not finding.ok] == []
    assert {"token", "newsletter_field", "opt_out_mutation", "read orders", "sort of customers"} <= {
        finding.subject for finding in findings
    }


@pytest.mark.req("OPS-3", "CON-2")
def test_flags_of_other_names_are_listed_and_can_be_set(past: list[ShopEvent]) -> None:
    with opened(past, newsletter_field="wantsMail", registered_field="withAccount") as shop:
        findings = {finding.subject: finding for finding in shop.source().check()}
        assert not findings["newsletter_field"].ok
        assert "wantsMail" in findings["newsletter_field"].detail
        unsaid: list[Customer] = records(shop.source().extract("customers", EVERYTHING))
        assert {one.opted_in for one in unsaid} == {None}
        named = shop.source(newsletter_field="wantsMail", registered_field="withAccount")
        said: list[Customer] = records(named.extract("customers", EVERYTHING))
        assert {one.key: one.opted_in for one in said} == {
            str(book["id"]): book["newsletter"] for book in shop.book("customers")
        }


@pytest.mark.req("OPS-3")
def test_a_sort_that_does_not_exist_is_drift(shop: Shop) -> None:
    with pytest.raises(SchemaDriftError):
        records(shop.source(order_sort="updatedAt_ASC").extract("orders", EVERYTHING))


@pytest.mark.req("CON-3")
def test_an_opt_out_goes_back_to_the_customer_and_is_read_again(shop: Shop) -> None:
    source = shop.source(mutations_at_once=2)
    takers = [book["id"] for book in shop.book("customers") if book["newsletter"]][:5]
    rows = [opt_out(source, place, str(key)) for place, key in enumerate([*takers, 999_999])]
    outcomes = {outcome.row_id: outcome for outcome in source.deliver(rows) if isinstance(outcome, Outcome)}
    assert [outcomes[place].verdict for place in range(len(takers))] == ["delivered"] * len(takers)
    assert outcomes[len(takers)].verdict == "rejected"
    assert outcomes[len(takers)].words
    assert [book["id"] for book in shop.book("customers") if book["id"] in takers and book["newsletter"]] == []
    read_again: list[Customer] = records(source.extract("customers", None))
    assert {one.opted_in for one in read_again if int(one.key) in takers} == {False}


@pytest.mark.req("CON-1")
def test_nothing_but_an_opt_out_is_ever_sent(shop: Shop) -> None:
    source = shop.source()
    taker = next(book["id"] for book in shop.book("customers") if not book["newsletter"])
    row = opt_out(source, 1, str(taker))
    changed = Delivery(
        row_id=1,
        kind=row.kind,
        object_id=row.object_id,
        vendor_key=row.vendor_key,
        operation="update",
        payload={"receive_newsletters": True},
    )
    (outcome,) = source.deliver([changed])
    assert isinstance(outcome, Outcome)
    assert outcome.verdict == "rejected"
    assert shop.control.log()["writes"] == 0


@pytest.mark.req("CON-3", "OPS-3")
def test_an_opt_out_without_the_permission_stops_with_its_name(past: list[ShopEvent]) -> None:
    permissions = sorted(ALL_READS)
    with opened(past[:300], tokens=[{"value": TOKEN, "permissions": permissions}]) as shop:
        source = shop.source()
        with pytest.raises(PermissionMissingError, match="Customer:write"):
            list(source.deliver([opt_out(source, 1, "1")]))


def opt_out(source: Source, row_id: int, key: str) -> Delivery:
    wanted = source.opt_out(key)
    return Delivery(
        row_id=row_id,
        kind=wanted.kind,
        object_id=wanted.object_id,
        vendor_key=wanted.vendor_key,
        operation="opt_out",
        payload=wanted.payload,
    )


@pytest.mark.req("DAG-6")
def test_a_small_delta_costs_one_request_a_stream_and_one_each_for_payments_and_stock(shop: Shop) -> None:
    source = shop.source()
    window = Window(NOW - timedelta(hours=2), NOW)
    records(source.extract("orders", window))
    shop.control.reset_log()
    for stream in source.streams:
        records(source.extract(stream, window))
    assert shop.control.log()["requests"] == 6


@pytest.mark.req("ORD-5", "DAG-5")
def test_an_order_of_which_money_went_back_is_read_though_it_has_not_changed(shop: Shop) -> None:
    order = next(one for one in shop.book("orders") if one["status"] == "SHIPPED")
    at = NOW - timedelta(minutes=5)
    shop.control.apply([Refunded(at=at, number=order["number"], amount=Decimal(5), return_id=None)])
    window = Window(NOW - timedelta(minutes=30), NOW)
    found: list[Order] = records(shop.source().extract("orders", window))
    assert str(order["number"]) in {one.number for one in found}
    without: list[Order] = records(shop.source(payment_feed=False).extract("orders", window))
    assert str(order["number"]) not in {one.number for one in without}


@pytest.mark.req("OPS-3")
def test_a_wrong_setting_is_named(shop: Shop) -> None:
    with pytest.raises(ConfigurationError, match="page_sise"):
        shop.source(page_sise=3)
