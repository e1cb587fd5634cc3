"""The Fulfil source against the Fulfil sandbox, over HTTP: what it reads agrees with the merchant's own books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from retail_sync.model.reading import Window
from retail_sync.model.records import Customer, Order, Product, Return, Stream
from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomersMerged,
    LineCancelled,
    OrderPlaced,
    ProductListed,
    ProductWithdrawn,
    Refunded,
    ReturnCompleted,
    ReturnLineSpec,
    ReturnMade,
    Shipped,
    ShopEvent,
    StockChanged,
)
from tests.contract.centra_shop import HOME, customer, goods, placed
from tests.contract.fulfil_source_shop import EVERYTHING, NOW, Shop, opened, past, records

STREAMS: tuple[Stream, ...] = ("customers", "products", "orders", "returns")
ONE, CENT = Decimal(1), Decimal("0.01")


@pytest.fixture(scope="module")
def events() -> list[ShopEvent]:
    return past()


@pytest.fixture(scope="module")
def shop(events: list[ShopEvent]) -> Iterator[Shop]:
    """The shop of all tests that change nothing in it."""
    with opened(events) as running_shop:
        yield running_shop


@pytest.fixture
def fresh(events: list[ShopEvent]) -> Iterator[Shop]:
    """A shop of one's own."""
    with opened(events) as running_shop:
        yield running_shop


@pytest.fixture
def empty() -> Iterator[Shop]:
    with opened([]) as running_shop:
        yield running_shop


def orders(shop: Shop, window: Window | None = EVERYTHING, **settings: Any) -> dict[str, Order]:
    return {one.number: one for one in records(shop.source(**settings).extract("orders", window))}


def returns(shop: Shop, window: Window | None = EVERYTHING, **settings: Any) -> list[Return]:
    return records(shop.source(**settings).extract("returns", window))


def net(order: Order, returned: list[Return]) -> Decimal:
    """What an order is worth: a return counts with what was refunded for it, with its goods' worth until then."""
    mine = [one for one in returned if one.order_number == order.number]
    claimed = {payment.key for one in mine for payment in one.refunds}
    loose = [one.amount for one in order.payments if one.kind == "refunded" and one.key not in claimed]
    for one in mine:
        refunded = [payment.amount for payment in one.refunds if payment.succeeded]
        loose.append(sum(refunded, Decimal(0)) if refunded else one.total if one.status == "completed" else Decimal(0))
    return order.total - sum(loose, Decimal(0))


@pytest.mark.req("DAG-2", "ORD-1")
@pytest.mark.parametrize("form", [{"body": "list"}, {"body": "object"}])
def test_every_record_arrives_once_in_either_form_of_a_request(shop: Shop, form: dict[str, Any]) -> None:
    source = shop.source(page_size=60, ids_at_once=23, **form)
    guests = {row["anonymous_customer"] for row in shop.rows("sale.channel")}
    expected = {
        "customers": {str(row["id"]) for row in shop.rows("party.party") if row["id"] not in guests},
        "products": {str(row["id"]) for row in shop.rows("product.template")},
        "orders": {str(row["id"]) for row in shop.rows("sale.sale")},
        "returns": {str(row["id"]) for row in shop.rows("stock.shipment.out.return")},
    }
    for stream in STREAMS:
        found = Counter(one.key for one in records(source.extract(stream, EVERYTHING)))
        assert found == Counter(expected[stream])


@pytest.mark.req("ORD-1", "ORD-3", "SHP-1")
def test_orders_agree_with_the_merchants_own_books(shop: Shop) -> None:
    found, gross, lines = orders(shop), shop.gross(), shop.by_id("sale.line")
    shipments, currencies = shop.by_id("stock.shipment.out"), shop.by_id("currency.currency")
    for row in shop.rows("sale.sale"):
        order = found[row["number"]]
        ordered = [number for number in row["lines"] if lines[number]["quantity"] > 0]
        assert order.total == sum(gross[row["id"]][number] for number in ordered)
        assert (order.rate, order.currency) == (Decimal(row["rate"]), currencies[row["currency"]]["code"])
        assert order.placed_at == datetime.fromisoformat(row["create_date"]).replace(tzinfo=UTC)
        assert {line.key: (line.total, line.quantity, line.kind == "gift_card") for line in order.lines} == {
            str(number): (gross[row["id"]][number], lines[number]["quantity"], lines[number]["is_gift_card"])
            for number in ordered
            if not lines[number]["is_shipping"] and Decimal(lines[number]["gross_price"]) >= 0
        }
        assert [(one.tracking_number, one.shipped) for one in order.shipments] == [
            (shipments[number]["tracking_number"], True) for number in row["shipments"]
        ]


@pytest.mark.req("ORD-3", "ORD-7")
@pytest.mark.parametrize("taxes", ["taxes", None])
def test_the_parts_of_every_order_add_up(shop: Shop, taxes: str | None) -> None:
    for order in orders(shop, names={"line_taxes": taxes}).values():
        parts = sum(line.total for line in order.lines) + order.shipping - order.discount
        assert parts == order.total, order.number
        assert all(line.unit_price * line.quantity == line.total for line in order.lines)
        assert abs(order.total - order.tax - (order.total / Decimal("1.25"))) <= CENT * (len(order.lines) + 2)


@pytest.mark.req("ORD-3", "ORD-5")
@pytest.mark.parametrize("notes", ["negative_invoice", "credit_note"])
@pytest.mark.parametrize("named", [True, False])
def test_every_cause_reduces_an_order_once(events: list[ShopEvent], notes: str, named: bool) -> None:
    with opened(events, credit_notes=notes, credit_names_return=named) as shop:
        found, back = orders(shop), returns(shop)
    spent: dict[str, Decimal] = {}
    made: dict[int, ReturnMade] = {one.return_id: one for one in events if isinstance(one, ReturnMade)}
    done = {one.return_id for one in events if isinstance(one, ReturnCompleted)}
    paid = {one.return_id for one in events if isinstance(one, Refunded)}
    for one in events:
        if isinstance(one, Refunded):
            spent[f"SO{one.number}"] = spent.get(f"SO{one.number}", Decimal(0)) + one.amount
    for number, event in made.items():
        if number not in paid and (event.completed or number in done):
            worth = sum((line.unit_price * line.quantity for line in event.lines), Decimal(0))
            spent[f"SO{event.number}"] = spent.get(f"SO{event.number}", Decimal(0)) + worth
    assert spent
    assert {
        number: order.total - net(order, back) for number, order in found.items() if net(order, back) != order.total
    } == spent


@pytest.mark.req("ORD-5")
def test_a_return_names_the_lines_that_it_takes_back(shop: Shop) -> None:
    lines = shop.by_id("sale.line")
    found = returns(shop)
    assert found
    for one in found:
        for line in one.lines:
            assert f"sale.line,{line.line_key}" == lines[int(line.key)]["origin"]
            assert line.quantity == -lines[int(line.key)]["quantity"]


@pytest.mark.req("ORD-2")
def test_channels_say_what_rules_need(shop: Shop) -> None:
    found = orders(shop)
    assert found["SO900001"].channel["source"] == "manual"
    assert found["SO900001"].channel["account_manager"] == "yes"
    assert found["SO900002"].channel["source"] == "zalando"
    assert {order.channel["source"] for order in found.values()} >= {"shopify", "manual", "zalando"}


@pytest.mark.req("ID-6")
def test_the_shared_party_of_a_channels_guests_is_nobody(shop: Shop) -> None:
    guests = {str(row["anonymous_customer"]) for row in shop.rows("sale.channel") if row["anonymous_customer"]}
    assert guests
    assert not guests & {one.key for one in records(shop.source().extract("customers", EVERYTHING))}
    bought = orders(shop)["SO900002"]
    assert (bought.customer_key, bought.email) == (None, "guest@post.test")


@pytest.mark.req("ID-3")
def test_parties_of_one_address_are_each_given(empty: Shop) -> None:
    empty.control.apply([customer(1, email="two@mail.test"), customer(2, email="Two@Mail.test", registered=False)])
    found: list[Customer] = records(empty.source().extract("customers", EVERYTHING))
    assert sorted(one.email.lower() for one in found) == ["two@mail.test", "two@mail.test"]


@pytest.mark.req("CUS-1", "CON-2", "ID-2")
def test_customers_agree_with_the_merchants_own_books(shop: Shop) -> None:
    found: dict[str, Customer] = {one.key: one for one in records(shop.source().extract("customers", EVERYTHING))}
    mechanisms, (category,) = shop.by_id("party.contact_mechanism"), shop.rows("party.category")
    for row in shop.rows("party.party"):
        if str(row["id"]) in found:
            mails = [
                mechanisms[one]["value"] for one in row["contact_mechanisms"] if mechanisms[one]["type"] == "email"
            ]
            one = found[str(row["id"])]
            assert (one.email, one.opted_in) == (mails[0], category["id"] in row["categories"])
            assert f"{one.first_name} {one.last_name}" == row["name"]
    assert {one.opted_in for one in found.values()} == {True, False}


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(("kept", "strategy"), [("metafield", "metafield"), ("tag", "contact_mechanism")])
def test_consent_is_read_wherever_the_merchant_keeps_it(events: list[ShopEvent], kept: str, strategy: str) -> None:
    with opened(events) as shop:
        by_category = {one.key: one.opted_in for one in records(shop.source().extract("customers", EVERYTHING))}
    with opened(events, newsletter=kept) as shop:
        source = shop.source(consent={"strategy": strategy})
        found = {one.key: one.opted_in for one in records(source.extract("customers", EVERYTHING))}
    assert {key for key, opted_in in found.items() if opted_in} == {key for key, yes in by_category.items() if yes}


@pytest.mark.req("CAT-1")
def test_products_agree_with_the_merchants_own_books(shop: Shop) -> None:
    found: dict[str, Product] = {one.key: one for one in records(shop.source().extract("products", EVERYTHING))}
    templates = shop.by_id("product.template")
    sold = {variant.key: (variant, product) for product in found.values() for variant in product.variants}
    for row in shop.rows("product.product"):
        variant, product = sold[str(row["id"])]
        assert (variant.sku, variant.stock) == (row["code"], sum(row["stock"].values()))
        assert [(one.currency, one.amount) for one in variant.prices] == [("SEK", Decimal(row["list_price"]))]
        assert product.name == templates[row["template"]]["name"]


@pytest.mark.req("CAT-1")
def test_a_change_of_stock_is_seen_by_who_reads_the_whole_catalogue(fresh: Shop) -> None:
    variant = next(one for one in past() if isinstance(one, ProductListed)).variants[0]
    fresh.control.apply([StockChanged(at=NOW, variant_id=variant.variant_id, stock=3)])
    source = fresh.source()
    assert source.streams["products"].whole
    recent: list[Product] = records(source.extract("products", Window(NOW - timedelta(minutes=1), NOW)))
    assert not recent
    found: list[Product] = records(source.extract("products", EVERYTHING))
    assert {one.stock for product in found for one in product.variants if one.sku == variant.sku} == {3}


@pytest.mark.req("CAT-1")
def test_a_withdrawn_product_is_inactive_and_can_be_asked_for(fresh: Shop) -> None:
    event = next(one for one in past() if isinstance(one, ProductListed))
    fresh.control.apply([ProductWithdrawn(at=NOW, product_id=event.product_id)])
    gone: list[Product] = records(fresh.source().extract("products", Window(NOW - timedelta(minutes=1), NOW)))
    assert [one.active for one in gone] == [False]
    again: list[Product] = records(fresh.source().extract("products", None, [gone[0].key, "999999"]))
    assert [(one.key, one.active) for one in again] == [(gone[0].key, False)]


@pytest.mark.req("DAG-2", "DAG-3")
@pytest.mark.parametrize("stream", STREAMS)
def test_windows_that_follow_one_another_miss_nothing(shop: Shop, stream: Stream) -> None:
    edges = [EVERYTHING.since, NOW - timedelta(days=90), NOW - timedelta(days=20), EVERYTHING.until]
    windows = [Window(since, until) for since, until in pairwise(edges)]
    source = shop.source()
    found = {one.key for window in windows for one in records(source.extract(stream, window))}
    assert found == {one.key for one in records(source.extract(stream, None))}


@pytest.mark.req("DAG-3")
def test_a_window_is_by_change_or_by_creation(shop: Shop) -> None:
    middle = NOW - timedelta(days=60)
    expected = {
        row["number"]
        for row in shop.rows("sale.sale")
        if datetime.fromisoformat(row["create_date"]).replace(tzinfo=UTC) > middle
    }
    assert set(orders(shop, Window(middle, NOW, by="created"))) == expected


def _changes() -> list[tuple[str, ShopEvent, Stream]]:
    """Changes of what belongs to an order, a return or a customer, each an hour after the history ended."""
    at = NOW + timedelta(hours=1)
    listed = {one.number: one for one in past() if isinstance(one, OrderPlaced)}
    number, order = next(iter(listed.items()))
    line = order.lines[0]
    spec = ReturnLineSpec(line_id=line.line_id, quantity=1, unit_price=line.unit_price)
    return [
        (f"SO{number}", Refunded(at=at, number=number, amount=Decimal(5)), "orders"),
        (f"SO{number}", ReturnMade(at=at, return_id=9_001, number=number, lines=(spec,), completed=False), "returns"),
        (f"SO{number}", LineCancelled(at=at, number=number, line_id=line.line_id, quantity=1), "orders"),
    ]


@pytest.mark.req("ORD-5", "DAG-5")
@pytest.mark.parametrize("case", range(3))
def test_a_change_of_what_belongs_to_a_sale_is_read_though_the_sale_was_not_touched(fresh: Shop, case: int) -> None:
    number, event, stream = _changes()[case]
    before = fresh.by_id("sale.sale")
    fresh.control.apply([event])
    changed = [row for row in fresh.rows("sale.sale") if row["write_date"] != before[row["id"]]["write_date"]]
    assert not changed
    window = Window(NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    found = records(fresh.source().extract(stream, window))
    assert [one.order_number if isinstance(one, Return) else one.number for one in found] == [number]


@pytest.mark.req("CUS-1", "CON-4")
def test_a_new_address_is_read_though_the_party_was_not_touched(empty: Shop) -> None:
    empty.control.apply([customer(1), customer(1, at=NOW, email="new@mail.test")])
    found: list[Customer] = records(empty.source().extract("customers", Window(NOW - timedelta(minutes=1), NOW)))
    assert [one.email for one in found] == ["new@mail.test"]


@pytest.mark.req("ID-5")
def test_orders_of_a_merged_party_are_the_kept_ones_and_nobody_is_left_behind(empty: Shop) -> None:
    later = NOW - timedelta(minutes=10)
    empty.control.apply(
        [customer(1), customer(2), placed(11, customer_id=2), CustomersMerged(at=later, kept_id=1, merged_id=2)]
    )
    window = Window(later - timedelta(minutes=1), NOW)
    found: dict[str, Customer] = {one.key: one for one in records(empty.source().extract("customers", window))}
    kept, merged = (str(row["id"]) for row in empty.rows("party.party")[-2:])
    assert (found[merged].anonymised, found[kept].anonymised) == (True, False)
    assert found[kept].email == "person1@mail.test"
    assert [one.customer_key for one in orders(empty, window).values()] == [kept]


@pytest.mark.req("CUS-1")
def test_an_erased_party_is_nobody_any_more(empty: Shop) -> None:
    empty.control.apply([customer(1), placed(11), CustomerErased(at=NOW, customer_id=1)])
    (found,) = records(empty.source().extract("customers", EVERYTHING))
    assert (found.anonymised, found.email, found.opted_in) == (True, "", False)


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize("company_amount", ["amount_cpny_ccy_cache", None])
def test_an_order_that_came_back_whole_keeps_its_rate_and_worth(empty: Shop, company_amount: str | None) -> None:
    bought = (goods(111, 2),)
    spec = ReturnLineSpec(line_id=111, quantity=2, unit_price=Decimal("80.00"))
    empty.control.apply(
        [
            customer(1),
            placed(11, currency="NOK", rate=Decimal("0.95"), lines=bought, shipping=Decimal(0)),
            ReturnMade(at=NOW, return_id=1, number=11, lines=(spec,), completed=True),
        ]
    )
    names = {"line_company_amount": company_amount}
    found, back = orders(empty, names=names, rates={"NOK": "0.95"}), returns(empty)
    order = found["SO11"]
    assert (order.rate, order.total, order.tax) == (Decimal("0.95"), Decimal("160.00"), Decimal("32.00"))
    assert (back[0].total, net(order, back)) == (Decimal("160.00"), Decimal(0))


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize("tracking", ["text", "record"])
def test_a_tracking_number_is_text_or_a_record_of_its_own(events: list[ShopEvent], tracking: str) -> None:
    told = {f"SO{one.number}": one.tracking_number for one in events if isinstance(one, Shipped)}
    with opened(events, tracking=tracking) as shop:
        found = orders(shop)
    assert {number: order.shipments[-1].tracking_number for number, order in found.items() if order.shipments} == told


@pytest.mark.req("ORD-1")
@pytest.mark.parametrize("form", ["both", "parts", "bare_days"])
def test_dates_are_read_in_each_form(events: list[ShopEvent], form: str) -> None:
    with opened(events[:400], date_form=form) as shop:
        found = orders(shop)
        times = {row["number"]: row["create_date"] for row in shop.rows("sale.sale")}
    assert found
    assert {number: order.placed_at.replace(tzinfo=None) for number, order in found.items()} == {
        number: datetime.fromisoformat(text) for number, text in times.items()
    }


@pytest.mark.req("ORD-9")
def test_attribution_is_found_in_the_metadata(empty: Shop) -> None:
    empty.control.apply([customer(1), placed(11, affiliate="blogger", cart_id="c-1"), placed(12, exchange_of=11)])
    found = orders(empty, attribution={"affiliate": "affiliate", "cart": "cart"}, market="price_list")
    assert (found["SO11"].affiliate, found["SO11"].cart_key, found["SO11"].market) == ("blogger", "c-1", "Sweden")
    assert found["SO12"].exchange_of == "SO11"


@pytest.mark.req("CUS-1")
def test_an_address_is_the_partys_own(empty: Shop) -> None:
    empty.control.apply([customer(1)])
    (found,) = records(empty.source().extract("customers", EVERYTHING))
    assert found.address is not None
    assert (found.address.line1, found.address.postcode, found.address.country) == (
        HOME.line1,
        HOME.postcode,
        HOME.country,
    )
