"""What OrderWise's rows become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.model.records import Address, Customer, Order, OrderLine, Payment, Product, Return, ShipmentLine
from tests.unit.orderwise_rows import credit, customer, despatch, line, order, pages, product, records, source, stock


def one_order(*lines: dict[str, Any], settings: dict[str, Any] | None = None, **fields: Any) -> Order:
    (found,) = records("orders", {"orders": [order(**fields)], "order_lines": lines or [line()]}, **(settings or {}))
    assert isinstance(found, Order)
    return found


def one_return(*lines: dict[str, Any], **fields: Any) -> Return:
    (found,) = records("returns", {"credits": [credit(**fields)], "order_lines": lines})
    assert isinstance(found, Return)
    return found


def customers(*rows: dict[str, Any], **settings: Any) -> dict[str, Customer]:
    found = records("customers", {"customers": rows}, **settings)
    return {one.key: one for one in found if isinstance(one, Customer)}


def one_product(*rows: dict[str, Any], stocks: list[dict[str, Any]] | None = None) -> Product:
    (found,) = records("products", {"products": rows, "stock": stocks or [stock()]})
    assert isinstance(found, Product)
    return found


# Orders.


@pytest.mark.req("ORD-1", "ORD-3", "ORD-7")
def test_an_order_keeps_its_numbers_times_and_sums() -> None:
    found = one_order()
    assert (found.key, found.number, found.status, found.status_source) == (
        "17", "10017", "confirmed", "Awaiting despatch",
    )  # fmt: skip
    assert found.placed_at == datetime(2026, 4, 30, 9, 0, 0, 87_000, tzinfo=UTC)
    assert (found.total, found.tax, found.shipping, found.shipping_tax) == (
        Decimal("249.50"), Decimal("49.90"), Decimal("49.50"), Decimal("9.90"),
    )  # fmt: skip
    assert (found.currency, found.rate, found.market) == ("SEK", Decimal(1), "Sweden")
    assert found.channel == {"session": "Website", "account": "no"}
    assert found.lines == (
        OrderLine(
            key="170", name="Coat", quantity=2, unit_price=Decimal(100), total=Decimal(200), list_price=Decimal(120),
            sku="COAT-M", product_key="3", variant_key="7",
        ),
    )  # fmt: skip


@pytest.mark.req("ORD-2")
def test_a_further_column_is_a_fact_for_channel_rules() -> None:
    assert one_order(channel_taken_by="eBay ").channel["taken_by"] == "eBay"


@pytest.mark.req("ORD-1", "DAG-2")
def test_an_order_changed_when_anything_of_it_did() -> None:
    late = "2026-04-30T18:00:00.000"
    for column in ("amended_at", "despatched_at", "paid_at"):
        fields: dict[str, Any] = {column: late}
        assert one_order(**fields).updated_at == datetime(2026, 4, 30, 17, tzinfo=UTC)


@pytest.mark.req("ID-6")
def test_an_order_of_the_shared_account_is_of_whoever_it_is_delivered_to() -> None:
    shared = {"web_accounts": [5]}
    found = one_order(settings=shared)
    assert (found.customer_key, found.email) == (None, "asa@mail.test")
    assert one_order(settings=shared, delivery_email=" ").email is None


@pytest.mark.req("ID-2")
def test_an_order_of_an_own_account_has_its_address_where_it_names_none() -> None:
    assert one_order().customer_key == "5"
    assert one_order(delivery_email=None).email == "account@mail.test"


@pytest.mark.req("ORD-6")
def test_status_texts_are_the_installations_own() -> None:
    held = one_order(status="On hold")
    assert (held.status, held.on_hold) == ("confirmed", True)
    for text in ("on hold", "Picked", None):
        unheard = one_order(status=text)
        assert (unheard.status, unheard.on_hold, unheard.status_source) == ("unknown", False, text)


@pytest.mark.req("ORD-1", "QUA-1")
def test_an_order_type_that_nobody_has_named_is_counted_and_not_guessed() -> None:
    rows = {"orders": [order(order_type=8), order(oh_id=18, order_type=2), order(oh_id=19)]}
    (page,) = pages("orders", rows, order_types={1: "order", 2: "ignored", 4: "credit"})  # type: ignore[arg-type]
    assert [record.key for record in page.records] == ["19"]
    assert [key for key, _ in page.refused] == ["17"]
    assert "order type 8" in page.refused[0][1]


@pytest.mark.req("ORD-3")
def test_parts_of_a_kit_are_not_sold_twice() -> None:
    kit = line(item_gross=200, quantity=1)
    part = line(oli_id=171, variant_id=8, sku="PART", item_gross=0, sold_alone=False)
    found = one_order(kit, part)
    assert [(one.kind, one.total) for one in found.lines] == [("goods", Decimal(200)), ("bundle_item", Decimal(0))]


@pytest.mark.req("ORD-3")
def test_a_gift_card_is_no_goods_and_what_was_cancelled_is_told() -> None:
    card, cut = one_order(line(gift_card=1), line(oli_id=171, quantity=0, cancelled=2)).lines
    assert card.kind == "gift_card"
    assert (cut.quantity, cut.cancelled, cut.total) == (0, 2, Decimal(0))


@pytest.mark.req("ORD-3")
def test_the_rate_may_lead_either_way_and_must_be_there() -> None:
    assert one_order(exchange_rate=Decimal("11.4")).rate == Decimal("11.4")
    assert one_order(exchange_rate=4, settings={"rate": "from_base"}).rate == Decimal("0.25")
    (page,) = pages("orders", {"orders": [order(exchange_rate=None)]})
    assert page.refused == [("17", "it has no exchange rate")]


@pytest.mark.req("ORD-6")
def test_an_order_is_captured_once_all_of_it_is_paid() -> None:
    at = "2026-04-30T12:00:00.000"
    (whole,) = one_order(paid=Decimal("249.50"), paid_at=at).payments
    assert whole == Payment(
        key="17-paid", kind="captured", succeeded=True, amount=Decimal("249.50"),
        at=datetime(2026, 4, 30, 11, tzinfo=UTC),
    )  # fmt: skip
    assert [one.kind for one in one_order(paid=100, paid_at=at).payments] == ["other"]
    assert one_order().payments == ()


# Despatches.


@pytest.mark.req("SHP-1", "SHP-2")
def test_each_despatch_is_a_parcel_with_its_own_lines_and_address() -> None:
    rows = [
        despatch(tracking_prefix="https://track.test/", tracking_suffix="?x=1"),
        despatch(line_id=171, quantity=1, tracking_prefix="https://track.test/", tracking_suffix="?x=1"),
        despatch(dh_id=91, number=None, courier="DPD", method="Next day", consignment="123"),
        despatch(dh_id=92, courier=None, method=None, consignment=None, line_id=None),
    ]
    (found,) = records("orders", {"orders": [order()], "order_lines": [line()], "despatches": rows})
    assert isinstance(found, Order)
    own, template, bare = found.shipments
    assert own.lines == (ShipmentLine(line_key="170", quantity=2), ShipmentLine(line_key="171", quantity=1))
    assert own.tracking_url == "https://track.test/TN%201%2F2?x=1"
    assert (template.key, template.number, template.tracking_url) == (
        "91", "10017-91", "https://tracking.dpd.de/status/en_US/parcel/123",
    )  # fmt: skip
    assert (bare.shipped, bare.tracking_url, bare.lines) == (True, None, ())


# Credits.


@pytest.mark.req("ORD-3", "ORD-5")
@pytest.mark.parametrize("sign", [1, -1])
def test_a_credit_is_a_return_whose_money_has_gone_back(sign: int) -> None:
    goods = line(oli_id=400, oh_id=40, quantity=sign, item_gross=90, original_line_id=170)
    found = one_return(goods, line(oli_id=401, oh_id=40, variant_id=None, name="Postage"), total_gross=sign * 100)
    assert (found.order_key, found.order_number, found.status, found.total) == (
        "17",
        "10017",
        "completed",
        Decimal(100),
    )
    assert [(one.line_key, one.quantity, one.total) for one in found.lines] == [("170", 1, Decimal(90))]
    assert [(one.kind, one.succeeded, one.amount) for one in found.refunds] == [("refunded", True, Decimal(100))]


@pytest.mark.req("ORD-3")
def test_a_credit_that_was_called_off_takes_nothing_off() -> None:
    found = one_return(line(oli_id=400, oh_id=40, original_line_id=170), status="Cancelled")
    assert (found.total, found.lines, [one.amount for one in found.refunds]) == (Decimal(0), (), [Decimal(0)])


@pytest.mark.req("ORD-3", "QUA-1")
def test_a_credit_without_an_order_is_named() -> None:
    (page,) = pages("returns", {"credits": [credit(original_id=None, original_number=None, original_shop_number=None)]})
    assert page.records == []
    assert page.refused == [("40", "it is a credit that names no order")]


# Customers.


@pytest.mark.req("CUS-1", "CON-2", "CON-8")
def test_an_account_speaks_with_the_voice_of_its_first_contact() -> None:
    found = customers(customer(), consent={"changed_at": 1}, birth_date=2)
    assert list(found) == ["5"]
    account = found["5"]
    assert (account.email, account.first_name, account.last_name) == ("Asa@mail.test", "Åsa", "Berg")
    assert (account.opted_in, account.opted_in_at) == (True, datetime(2026, 2, 1, 10, tzinfo=UTC))
    assert account.attributes == {"category": "retail"}
    assert account.address == Address(first_name="Åsa", last_name="Berg", city="Stockholm", country="SE")
    assert customers(customer(birth_date="1990-02-03T00:00:00"))["5"].birthdate == date(1990, 2, 3)


@pytest.mark.req("ID-3", "CON-2")
def test_contacts_under_other_addresses_are_somebody_else() -> None:
    found = customers(
        customer(email="office@mail.test", contact_flag=True),
        customer(email="office@mail.test", contact_id=51, contact_email="bo@mail.test", contact_flag=False),
        customer(email="office@mail.test", contact_id=52, contact_email=None),
    )
    assert {key: (one.email, one.opted_in) for key, one in found.items()} == {
        "5": ("office@mail.test", None),
        "5/50": ("asa@mail.test", True),
        "5/51": ("bo@mail.test", False),
    }


@pytest.mark.req("CON-2", "CON-6")
@pytest.mark.parametrize(("flag", "said"), [(True, True), (False, False), (0, False), (1, True), (None, None)])
def test_consent_may_be_the_customers_own_flag(flag: Any, said: bool | None) -> None:
    found = customers(
        customer(flag=flag, contact_flag=not flag),
        customer(flag=flag, contact_id=51, contact_email="bo@mail.test", contact_flag=True),
        consent={"holder": "customer"},
    )
    assert (found["5"].opted_in, found["5/51"].opted_in) == (said, None)


@pytest.mark.req("ID-3")
def test_accounts_that_share_an_address_are_each_given() -> None:
    found = customers(customer(), customer(cd_id=6, contact_id=60))
    assert [one.email for one in found.values()] == ["Asa@mail.test"] * 2


@pytest.mark.req("ID-6")
def test_the_shared_account_is_no_customer() -> None:
    assert customers(customer(), web_accounts=[5]) == {}


@pytest.mark.req("ID-1", "ID-5", "SEC-2")
@pytest.mark.parametrize(
    ("text", "mail"),
    [
        ("a@mail.test; b@mail.test", "a@mail.test"),
        ("Accounts <a@mail.test>", "a@mail.test"),
        ("ask Åsa", "ask Åsa"),
        ("", ""),
    ],
)
def test_an_address_field_holds_what_people_write_into_it(text: str, mail: str) -> None:
    found = customers(customer(email=text, contact_id=None, contact_email=None, merged_into=9))["5"]
    assert (found.email, found.anonymised, found.opted_in, found.merged_into) == (mail, not mail, None, "9")


# Products.


@pytest.mark.req("CAT-1")
def test_a_product_has_its_variants_their_prices_and_their_stock() -> None:
    found = one_product(
        product(colour="Red", size="M"),
        product(colour="Red", size="M", currency="GBP", price_gross=9),
        product(variant_id=8, sku="COAT-L", currency=None, price_gross=None),
        product(variant_id=9, discontinued=True),
        product(variant_id=10, sold_alone=False),
        stocks=[stock(free=-2), stock(variant_id=8, free=Decimal("3.5"))],
    )
    assert (found.key, found.number, found.active) == ("3", "COAT", True)
    red, large = found.variants
    assert (red.sku, red.name, red.stock) == ("COAT-M", "Red M", -2)
    assert [(one.currency, one.amount) for one in red.prices] == [("SEK", Decimal(100)), ("GBP", Decimal(9))]
    assert (large.sku, large.name, large.stock, large.prices) == ("COAT-L", "Coat M", 3, ())
    assert found.updated_at == datetime(2026, 4, 30, 10, tzinfo=UTC), "stock moved it"


@pytest.mark.req("CAT-1")
@pytest.mark.parametrize(("free", "made"), [((10, 7), 3), ((10, 1), 0), ((-1, 10), -1), ((None, 10), 0)])
def test_a_kit_is_as_many_as_its_parts_make(free: tuple[int | None, int], made: int) -> None:
    parts = [
        stock(kit=True, free=99, part_id=8, part_quantity=1, part_free=free[0]),
        stock(kit=True, free=99, part_id=9, part_quantity=2, part_free=free[1]),
    ]
    assert one_product(product(), stocks=parts).variants[0].stock == made


@pytest.mark.req("CAT-1")
def test_a_product_of_which_nothing_is_sold_any_more_keeps_its_variants() -> None:
    found = one_product(product(discontinued=1))
    assert (found.active, [one.sku for one in found.variants]) == (False, ["COAT-M"])


# Times that go back.


@pytest.mark.req("ORD-1", "CAT-1")
def test_where_what_moved_a_time_is_taken_back_the_stream_says_that_times_go_back() -> None:
    sent = one_order(status="Completed", despatched_at="2026-04-30T15:00:00.000")
    called_off = one_order(status="Cancelled", amended_at="2026-04-30T14:59:00.000")
    larger = product(variant_id=8, sku="COAT-L", price_amended_at="2026-04-30T16:00:00.000")

    assert called_off.updated_at < sent.updated_at
    assert one_product(product()).updated_at < one_product(product(), larger).updated_at
    streams = source({})[0].streams
    assert all(streams[stream].goes_back for stream in ("customers", "orders", "products"))
