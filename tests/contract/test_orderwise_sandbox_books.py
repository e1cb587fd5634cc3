"""The OrderWise sandbox: what happens in a shop, as its tables have it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomersMerged,
    LineCancelled,
    NewsletterChanged,
    OrderCancelled,
    OrderConfirmed,
    OrderHeld,
    OrderReleased,
    ProductWithdrawn,
    Refunded,
    ReturnLineSpec,
    ReturnMade,
    ShopEvent,
    StockChanged,
)

from .centra_shop import NOON, customer, goods, placed, product, shipped
from .orderwise_shop import Client, Row, sandbox

LATER = NOON + timedelta(days=2)
HEADERS = """
SELECT oh_ecommerce_order_number AS number, cd_account_number AS account, cd_account_customer AS trade,
       oda_email AS email, es_name AS session, os_description AS status, oht_gross AS gross,
       ohd_last_amended_datetime AS amended
  FROM order_header JOIN customer_detail ON cd_id = oh_cd_id JOIN order_status ON os_id = oh_os_id
  JOIN order_header_total ON oht_oh_id = oh_id JOIN order_header_detail ON ohd_oh_id = oh_id
  LEFT JOIN order_delivery_address ON oda_oh_id = oh_id LEFT JOIN ecommerce_session ON es_id = oh_es_id
 WHERE oh_sot_id = 1 ORDER BY oh_id
"""
CREDITS = """
SELECT c.oh_sot_id AS type, c.oh_original_oh_id AS original, oht_gross AS gross, oht_delivery_gross AS delivery,
       oli_original_oli_id AS line, oli_qty_required AS quantity, oli_item_gross AS price, oli_vad_id AS variant
  FROM order_header AS c JOIN order_header_total ON oht_oh_id = c.oh_id JOIN order_line_item ON oli_oh_id = c.oh_id
 WHERE c.oh_sot_id <> 1 ORDER BY c.oh_id
"""
BACK = ReturnMade(
    at=LATER, return_id=9, number=501, lines=(ReturnLineSpec(line_id=5011, quantity=1, unit_price=Decimal("80.00")),)
)


def orders(client: Client) -> list[Row]:
    return client.rows(HEADERS)


@pytest.mark.req("ID-6")
def test_whoever_has_no_account_is_booked_on_the_web_shops() -> None:
    events: list[ShopEvent] = [
        product(),
        customer(1),
        customer(2, registered=False),
        placed(501),
        placed(502, customer_id=2, email="guest@mail.test"),
        placed(503, customer_id=1, affiliate="Zalando"),
        placed(504, customer_id=2, store_type="WHOLESALE"),
        placed(505, affiliate="fashionblog"),
    ]
    with sandbox(events) as client:
        found = [(one["number"], one["account"], one["trade"], one["session"]) for one in orders(client)]
        assert found == [
            ("501", "C1", False, "Website"),
            ("502", "WEB", False, "Website"),
            ("503", "WEB", False, "zalando"),
            (None, "T2", True, None),
            ("505", "C1", False, "Website"),
        ]
        assert orders(client)[1]["email"] == "guest@mail.test"


@pytest.mark.req("ID-3")
def test_several_accounts_may_share_an_address_and_texts_may_end_in_blanks() -> None:
    people = [customer(number, email="one@mail.test", newsletter=number == 1) for number in range(1, 12)]
    with sandbox(people) as client:
        rows = client.rows("SELECT cc_email AS email, cca_l_1 AS yes FROM customer_contact "
                           "JOIN customer_contact_analysis ON cca_cc_id = cc_id ORDER BY cc_id")  # fmt: skip
    assert {row["email"] for row in rows} == {"one@mail.test", "one@mail.test "}
    assert [row["yes"] for row in rows] == [True] + [False] * 10


@pytest.mark.req("CON-3")
@pytest.mark.parametrize(
    ("on", "asked"),
    [
        ("contact", "SELECT cca_l_1 AS yes, cca_d_1 AS at FROM customer_contact_analysis"),
        ("customer", "SELECT ca_l_1 AS yes, ca_d_1 AS at FROM customer_analysis WHERE ca_cd_id = 2"),
    ],
)
def test_the_newsletter_is_an_analysis_flag_with_the_time_of_its_change(on: str, asked: str) -> None:
    with sandbox([customer(1)], consent_on=on) as client:
        assert client.rows(asked) == [{"yes": True, "at": "2024-01-15T12:00:00.000"}]
        client.app.apply([NewsletterChanged(at=LATER, customer_id=1, subscribed=False)])
        assert client.rows(asked) == [{"yes": False, "at": "2024-01-17T12:00:00.000"}]


@pytest.mark.req("ORD-1")
def test_an_order_goes_on_in_the_tenants_own_words() -> None:
    words = {"accepted": "Ready to pick ", "part_sent": "Part gone"}
    with sandbox([customer(1), product(), placed(501)], statuses=words) as client:
        for event, status in [
            (None, "Awaiting approval"),
            (OrderConfirmed(at=LATER, number=501), "Ready to pick "),
            (OrderHeld(at=LATER, number=501, reason="WAITING_FOR_FRAUD_CHECK"), "On hold"),
            (OrderReleased(at=LATER, number=501), "Ready to pick "),
            (shipped(501, (5011,), LATER, last=False), "Part gone"),
            (shipped(501, (5011, 5012), LATER, parcel=2), "Completed"),
            (OrderCancelled(at=LATER, number=501), "Cancelled"),
        ]:
            client.app.apply([event] if event else [])
            assert orders(client)[0]["status"] == status


@pytest.mark.req("SHP-1", "SHP-2")
@pytest.mark.parametrize(("amends", "moved"), [(False, "2024-01-15T20:21:00.000"), (True, "2024-01-17T12:00:00.000")])
def test_each_despatch_is_a_row_and_need_not_move_the_order(amends: bool, moved: str) -> None:
    asked = """SELECT dh_consignment_number AS number, cod_name AS courier, cod_tracking_url_prefix AS prefix
                 FROM delivery_header
                 JOIN delivery_method ON dm_id = dh_dm_id JOIN courier_detail ON cod_id = dm_cod_id"""
    parcels = [shipped(501, (5011,), LATER, last=False), shipped(501, (5011, 5012), LATER, parcel=2)]
    events: list[ShopEvent] = [customer(1), product(), placed(501), *parcels]
    with sandbox(events, despatch_amends_order=amends, couriers={"PostNord": "https://follow.test/?id="}) as client:
        rows = client.rows(asked)
        assert orders(client)[0]["amended"] == moved
        (left,) = client.rows("SELECT SUM(oli_qty_tbsent) AS left_to_send FROM order_line_item")
    assert [(row["number"], row["courier"], row["prefix"]) for row in rows] == [
        ("TN5011", "PostNord", "https://follow.test/?id="),
        ("TN5012", "PostNord", "https://follow.test/?id="),
    ]
    assert left == {"left_to_send": 0.0}


@pytest.mark.req("ORD-1", "ORD-3")
def test_what_is_cancelled_lowers_the_total_and_vat_makes_it_whole() -> None:
    asked = (
        "SELECT oht_net AS net, oht_vat AS vat, oht_gross AS gross, oht_delivery_gross AS sent FROM order_header_total"
    )
    events: list[ShopEvent] = [customer(1), product(), placed(501, discount=Decimal("10.00"), voucher="TEN")]
    with sandbox(events) as client:
        assert client.rows(asked) == [{"net": 223.2, "vat": 55.8, "gross": 279.0, "sent": 49.0}]
        client.app.apply([LineCancelled(at=LATER, number=501, line_id=5011, quantity=1)])
        assert client.rows(asked) == [{"net": 159.2, "vat": 39.8, "gross": 199.0, "sent": 49.0}]
        assert client.rows("SELECT ohs_code AS code, ohs_gross AS gross FROM order_header_dissur") == [
            {"code": "TEN", "gross": 10.0}
        ]


@pytest.mark.req("ORD-3", "ORD-5")
def test_goods_that_come_back_are_nowhere_until_they_are_credited() -> None:
    with sandbox([customer(1), product(), placed(501), BACK]) as client:
        assert client.rows(CREDITS) == []
        client.app.apply([Refunded(at=LATER, number=501, amount=Decimal("129.00"), return_id=9)])
        (credit,) = client.rows(CREDITS)
        assert orders(client)[0]["gross"] == 289.0
    assert credit == {
        "type": 4,
        "original": 1,
        "gross": 129.0,
        "delivery": 49.0,
        "line": 1,
        "quantity": 1.0,
        "price": 80.0,
        "variant": 1,
    }


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize("kind", [4, 9])
def test_money_without_goods_is_a_credit_with_a_line_of_text(kind: int) -> None:
    back = Refunded(at=LATER, number=501, amount=Decimal("25.00"))
    with sandbox([customer(1), product(), placed(501), back], goodwill_type=kind) as client:
        (credit,) = client.rows(CREDITS)
    assert (credit["type"], credit["gross"], credit["variant"], credit["line"]) == (kind, 25.0, None, None)


@pytest.mark.req("ORD-1", "ORD-3")
def test_an_exchange_credits_what_came_back_once() -> None:
    other = placed(502, at=LATER, exchange_of=501, lines=(goods(5021, 1),))
    late = Refunded(at=LATER + timedelta(days=1), number=501, amount=Decimal("80.00"), return_id=9)
    with sandbox([customer(1), product(), placed(501), BACK, other]) as client:
        assert [one["gross"] for one in client.rows(CREDITS)] == [80.0]
        client.app.apply([late])
        assert [one["gross"] for one in client.rows(CREDITS)] == [80.0]


@pytest.mark.req("ID-5")
@pytest.mark.parametrize(("moves", "account"), [(True, "C1"), (False, "C2")])
def test_an_account_that_is_merged_is_closed(moves: bool, account: str) -> None:
    events: list[ShopEvent] = [product(), customer(1), customer(2), placed(501, customer_id=2)]
    asked = "SELECT cd_closed AS closed, cd_merged_into_id AS kept FROM customer_detail WHERE cd_id > 1 ORDER BY cd_id"
    with sandbox([*events, CustomersMerged(at=LATER, kept_id=1, merged_id=2)], merge_moves_orders=moves) as client:
        assert client.rows(asked) == [{"closed": False, "kept": None}, {"closed": True, "kept": 2}]
        assert orders(client)[0]["account"] == account


@pytest.mark.req("SEC-2")
def test_a_person_who_is_erased_leaves_amounts_behind() -> None:
    events: list[ShopEvent] = [product(), customer(1), customer(2, registered=False), placed(501)]
    events += [placed(502, customer_id=2, email="guest@mail.test")]
    events += [CustomerErased(at=LATER, customer_id=number) for number in (1, 2)]
    with sandbox(events) as client:
        assert [(one["email"], one["gross"]) for one in orders(client)] == [(None, 289.0), (None, 289.0)]
        (left,) = client.get("customers", last_id=1)
        assert (left["statementName"], left["statementEmail"]) == ("Erased", "")


@pytest.mark.req("CAT-1")
def test_stock_may_be_owed_and_a_kit_is_what_its_parts_allow() -> None:
    with sandbox([customer(1), product(), StockChanged(at=NOON, variant_id=71, stock=0), placed(501)]) as client:
        assert client.get("stock/1/free-stock") == {"freeStockQty": -3.0}
    with sandbox([product(), StockChanged(at=LATER, variant_id=71, stock=4)], kit_every=1) as client:
        (own,) = client.rows("SELECT vasq_free_stock_quantity AS own FROM variant_stock_quantity WHERE vasq_vad_id = 1")
        parts = client.rows(
            "SELECT vasq_free_stock_quantity AS free, vbc_quantity AS needed FROM variant_bom"
            " JOIN variant_bom_component ON vbc_vb_id = vb_id JOIN variant_stock_quantity ON vasq_vad_id = vbc_vad_id"
            " WHERE vb_vad_id = 1"
        )
        assert client.get("stock/1/free-stock") == {"freeStockQty": 4.0}
    assert own == {"own": 0.0}
    assert parts == [{"free": 4.0, "needed": 1.0}, {"free": 9.0, "needed": 2.0}]


@pytest.mark.req("CAT-1")
def test_what_has_been_sold_is_discontinued_and_not_deleted() -> None:
    asked = "SELECT vad_variant_code AS sku, vas_discontinued_product AS gone FROM variant_detail JOIN variant_setting"
    with sandbox([customer(1), product(), placed(501), ProductWithdrawn(at=LATER, product_id=7)]) as client:
        rows = client.rows(f"{asked} ON vas_vad_id = vad_id ORDER BY vad_id")
    assert rows == [{"sku": sku, "gone": True} for sku in ("P7-R-S", "P7-R-M", "P7-B-M")]
