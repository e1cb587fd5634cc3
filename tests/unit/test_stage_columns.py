"""The columns that rules judge, as seal makes them of staged records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.rows import dict_row

from retail_sync.db.database import Database
from retail_sync.model.records import (
    STREAMS,
    Address,
    OrderLine,
    Payment,
    Price,
    Record,
    ReturnLine,
    Shipment,
    Variant,
)
from retail_sync.model.views import FieldLimit, FieldMapping
from retail_sync.steps.extract import extract
from retail_sync.steps.open_run import open_run
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.seal import seal
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.limits import limits

from .memory_shop import NOON, Hands, MemoryShop, customer, order, product, road_to, sent_back

AGO = NOON - timedelta(hours=1)
SETTINGS = MailchimpSettings(audience="a", store="s")
TAKES = limits(
    {
        "FNAME": FieldMapping("first_name", length=10),
        "PHONE": FieldMapping("phone", "phone"),
        "ADDRESS": FieldMapping("address", "address"),
        "CITY": FieldMapping("address.city"),
        "AGE": FieldMapping("attributes.age", "number"),
        "SINCE": FieldMapping("attributes.since", "date"),
        "SITE": FieldMapping("attributes.site", "url"),
        "SIZE": FieldMapping("attributes.size", "dropdown", choices=("S", "M")),
        "LTV": FieldMapping("facts.lifetime_value", "number"),
    },
    SETTINGS,
)


def sealed(database: Database, stream: str, *records: Record, run_id: str = "run", **changes: Any) -> dict[str, Any]:
    """The sealed rows of a run that read these records, by key."""
    shop = MemoryShop(Hands())
    shop.put(*records)
    road = road_to(database, shop, **changes)
    open_run(road, run_id, RunRequest())
    for one in STREAMS:
        extract(road, run_id, one)
    seal(road, run_id)
    with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        statement = sql.SQL("select * from {} where run_id = %s").format(sql.Identifier("quality", f"batch_{stream}"))
        rows = cursor.execute(statement, [run_id]).fetchall()
    return {row["key"]: row for row in rows}


def valued(connection: Connection[Any], key: str, number: str) -> None:
    """An order that was accepted once."""
    connection.execute(
        """
        with person as (
            insert into people.person (pair, email, created_at) values ('shop_to_list', %(key)s, now())
            returning person_id)
        insert into people.order_value (pair, key, number, person_id, version_id, excluded, placed_at, currency, gross,
                                        reduced, net, net_base, counted)
        select 'shop_to_list', %(key)s, %(number)s, person_id, 1, false, now(), 'SEK', 0, 0, 0, 0, true from person
        """,
        {"key": key, "number": number},
    )


def line(key: str = "1", **more: Any) -> OrderLine:
    given: dict[str, Any] = {"quantity": 1, "unit_price": Decimal(200), "total": Decimal(200), "sku": "A"}
    return OrderLine(key=key, name="Shirt", **(given | {"product_key": "p", "variant_key": "v"} | more))


def paid(kind: Any, amount: int, *, succeeded: bool = True) -> Payment:
    return Payment(key=f"{kind}{amount}", kind=kind, succeeded=succeeded, amount=Decimal(amount), at=NOON)


def parcel(key: str, **more: Any) -> Shipment:
    return Shipment(key=key, number=key, shipped=True, **more)


@pytest.mark.req("QUA-1")
def test_lines_are_told_that_have_no_pieces_no_price_or_no_product(database: Database) -> None:
    lines = (
        line("good"),
        line("cancelled", quantity=0, cancelled=2),
        line("of nothing", quantity=0),
        line("below zero", unit_price=Decimal(-1)),
        line("no sku", sku=None),
        line("no variant", variant_key=None),
        line("gift card", kind="gift_card", sku=None, product_key=None, variant_key=None),
        line("fine", unit_price=Decimal("66.667"), quantity=3),
        line("beyond reason", quantity=10**15),
    )
    row = sealed(database, "orders", order("1", AGO, lines=lines), order("2", AGO, lines=()))
    assert (row["o1"]["line_count"], row["o1"]["lines_unusable"]) == (9, 2)
    assert (row["o1"]["lines_no_product"], row["o1"]["fine_prices"]) == (2, 1)
    assert row["o2"]["line_count"] == 0


@pytest.mark.req("QUA-1")
def test_refunds_are_held_against_the_total_or_what_was_captured(database: Database) -> None:
    row = sealed(
        database,
        "orders",
        order("1", AGO, payments=(paid("refunded", 300), paid("refunded", 50, succeeded=False))),
        # A line was cancelled and paid back before the rest came back.
        order("2", AGO, total=Decimal(149), payments=(paid("captured", 249), paid("refunded", 249))),
        order("3", AGO),
    )
    assert {key: found["refund_excess"] for key, found in row.items()} == {"o1": 51, "o2": 0, "o3": -249}


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("placed_at", "is_off"),
    [
        (NOON, False),
        (NOON + timedelta(hours=23), False),
        (NOON + timedelta(hours=25), True),
        (datetime(1990, 1, 1, tzinfo=UTC), False),
        (datetime(1989, 12, 31, tzinfo=UTC), True),
        (datetime(1, 1, 1, tzinfo=UTC), True),
        (datetime(9999, 12, 31, tzinfo=UTC), True),
    ],
)
def test_a_date_may_be_from_1990_to_tomorrow(database: Database, placed_at: datetime, is_off: bool) -> None:
    row = sealed(database, "orders", order("1", AGO, placed_at=placed_at))["o1"]
    assert (row["days_off"] > 0) is is_off


@pytest.mark.req("QUA-1", "SHP-2")
def test_parcels_are_told_that_share_a_number_or_have_none(database: Database) -> None:
    shipments = (
        parcel("a", carrier="PostNord", tracking_number="1", tracking_url="https://t.test/1"),
        parcel("b", carrier="PostNord", tracking_number="1 ", tracking_url="https://t.test/1"),
        parcel("c", carrier="PostNord", tracking_number=" "),
        parcel("d", tracking_number="2", tracking_url="https://t.test/2"),
        parcel("e", untracked=True),
    )
    row = sealed(database, "orders", order("1", AGO, shipments=shipments))["o1"]
    assert (row["shipped_no_url"], row["shipped_no_number"], row["repeated_tracking"]) == (1, 2, 1)


@pytest.mark.req("QUA-1")
def test_a_number_is_shared_with_another_key_of_the_run_or_of_the_past(database: Database) -> None:
    with database.connection() as connection:
        valued(connection, "old", "3")
        valued(connection, "o4", "4")
    twin = order("1", AGO)
    records = [twin, order("2", AGO), order("3", AGO), order("4", AGO)]
    row = sealed(database, "orders", *records, type(twin)(**{**_fields(twin), "key": "twin"}))
    assert {key for key, found in row.items() if found["number_shared"]} == {"o1", "twin", "o3"}


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


@pytest.mark.req("QUA-1", "CUS-1")
@pytest.mark.parametrize(
    ("said", "cut", "unfit"),
    [
        ({}, None, None),
        ({"phone": "+46 70", "attributes": {"age": "41", "since": "2020-02-29", "size": "M"}}, None, None),
        ({"first_name": "Maximiliana"}, "FNAME", None),
        ({"first_name": "  Åsa-Britta  "}, None, None),
        ({"first_name": "*|EMAIL|*"}, "FNAME", None),
        ({"first_name": "\u202eevil"}, "FNAME", None),
        ({"first_name": "a\0b"}, None, None),
        ({"first_name": "😀" * 10}, None, None),
        ({"first_name": "😀" * 100_000}, "FNAME", None),
        ({"address": Address(city="x" * 256)}, "CITY", "ADDRESS"),
        ({"address": Address(first_name="Maximiliana", line1="a", city="b", postcode="c")}, "FNAME", None),
        ({"attributes": {"age": "forty"}}, None, "AGE"),
        ({"attributes": {"age": "NaN"}}, None, "AGE"),
        ({"attributes": {"age": " 1e3 "}}, None, None),
        ({"attributes": {"age": "1_000"}}, None, "AGE"),
        ({"attributes": {"since": "2021-02-29"}}, None, "SINCE"),
        ({"attributes": {"since": "yesterday", "site": "shop.test", "size": "XL"}}, None, "SINCE, SITE, SIZE"),
        ({"attributes": {"since": "2020-05-01T10:00:00", "site": "https://shop.test/å", "size": ""}}, None, None),
        ({"attributes": {"site": "https://shop.test/" + "x" * 255}}, None, "SITE"),
        ({"attributes": {"size": "'; drop table x; -- %s {}"}}, None, "SIZE"),
    ],
)  # fmt: skip
def test_a_record_is_told_that_does_not_fit_its_contact_fields(
    database: Database, said: dict[str, Any], cut: str | None, unfit: str | None
) -> None:
    row = sealed(database, "customers", customer("c1", AGO, **said), takes=TAKES)["c1"]
    assert (row["fields_cut"], row["fields_unfit"]) == (cut, unfit)


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("email", "is_refused"),
    [
        ("kim@mail.test", False),
        (" KIM@Example.COM ", True),
        ("kim@notexample.com", False),
        ("kim@examplexcom", False),
        ("NoReply@shop.test", True),
        ("someone.noreply@shop.test", False),
    ],
)
def test_addresses_are_told_that_the_destination_refuses(database: Database, email: str, is_refused: bool) -> None:
    row = sealed(database, "orders", order("1", AGO, email=email), takes=TAKES)["o1"]
    assert row["address_refused"] is is_refused
    assert sealed(database, "orders", order("1", AGO, email=email), run_id="no list")["o1"]["address_refused"] is None


@pytest.mark.req("ORD-3", "QUA-1")
@pytest.mark.parametrize(
    ("books", "unfit"),
    [
        ("SEK", {"owithout": "EUR at a rate of 1", "obelow": "EUR at a rate of -11"}),
        (
            "EUR",
            {
                "oown": "SEK at a rate of 1",
                "oother": "EUR at a rate of 11.4",
                "obelow": "EUR at a rate of -11",
            },
        ),
    ],
)
def test_a_rate_is_told_that_can_not_lead_to_the_pairs_currency(
    database: Database, books: str, unfit: dict[str, str]
) -> None:
    sold = {
        "own": ("SEK", "1.00"),
        "rounded": ("SEK", "1.0001"),
        "other": ("EUR", "11.40"),
        "without": ("EUR", "1"),
        "below": ("EUR", "-11"),
    }
    told = [order(key, AGO, currency=one, rate=Decimal(rate), total=Decimal(9)) for key, (one, rate) in sold.items()]
    no_value = [order("cancelled", AGO, status="cancelled", currency="EUR", total=Decimal(9)),
                order("free", AGO, currency="EUR", total=Decimal(0))]  # fmt: skip
    rows = sealed(database, "orders", *told, *no_value, value={"currency": books})
    assert {key: row["rate_unfit"] for key, row in rows.items() if row["rate_unfit"]} == unfit


@pytest.mark.req("QUA-1")
def test_each_attribute_is_sealed_once_and_whether_it_is_used(database: Database) -> None:
    mapping = {"fields": {"AGE": {"value": "attributes.age"}}, "unused_attributes": ["internal.note"]}
    said = {"age": "41", "shoe": "44", "internal.note": "x", "x" * 5_000: "y"}
    people = [customer(str(number), AGO, attributes=said) for number in range(3)]
    row = sealed(database, "attributes", *people, customer("silent", AGO), mapping=mapping)
    assert {key[:20]: (found["customers"], found["is_used"]) for key, found in row.items()} == {
        "age": (3, True),
        "internal.note": (3, True),
        "shoe": (3, False),
        "x" * 20: (3, False),
    }


@pytest.mark.req("QUA-1", "CAT-1")
def test_products_are_told_that_lack_price_stock_or_picture_while_they_are_sold(database: Database) -> None:
    sek, eur = Price(currency="SEK", amount=Decimal(1)), Price(currency="EUR", amount=Decimal(1))
    variants = (
        Variant(key="1", sku="A", name="S", prices=(eur, sek), stock=0),
        Variant(key="2", sku="B", name="M", prices=(eur,), stock=1),
        Variant(key="3", sku="C", name="L"),
    )
    shown = {"image_url": "https://shop.test/a.jpg"}
    row = sealed(
        database,
        "products",
        product("sold", AGO, variants=variants),
        product("shown", AGO, variants=variants[:1], **shown),
        product("withdrawn", AGO, variants=variants, active=False),
    )
    found = {key: (one["no_price"], one["no_stock"], one["no_image"]) for key, one in row.items()}
    assert found == {"sold": (2, 1, True), "shown": (0, 0, False), "withdrawn": (0, 0, False)}


@pytest.mark.req("QUA-1", "ORD-5")
def test_a_return_is_held_against_the_lines_of_its_order(database: Database) -> None:
    def back(key: str, line_key: str | None) -> ReturnLine:
        return ReturnLine(key=key, line_key=line_key, quantity=1, total=Decimal(1))

    lines = (back("a", "1-1"), back("b", "gone"), back("c", None))
    row = sealed(
        database,
        "returns",
        order("1", AGO),
        sent_back("known", "1", AGO, lines=lines),
        sent_back("unknown", "2", AGO, lines=lines),
        sent_back("empty", "1", AGO),
    )
    found = {key: (one["order_known"], one["line_count"], one["lines_unknown"]) for key, one in row.items()}
    assert found == {"known": (True, 3, 2), "unknown": (False, 3, 1), "empty": (True, 0, 0)}


@pytest.mark.req("QUA-1", "ORD-2")
def test_a_return_s_order_is_known_when_it_was_valued_once(database: Database) -> None:
    with database.connection() as connection:
        valued(connection, "o7", "7")
    assert sealed(database, "returns", sent_back("r", "7", AGO))["r"]["order_known"]


def test_a_limit_of_what_is_worked_out_here_asks_nothing_of_the_record(database: Database) -> None:
    takes = (FieldLimit("LTV", "facts.lifetime_value", "number", form="[0-9]+"), FieldLimit("ID", "person_id"))
    row = sealed(database, "customers", customer("c1", AGO), takes=takes)["c1"]
    assert (row["fields_cut"], row["fields_unfit"]) == (None, None)
