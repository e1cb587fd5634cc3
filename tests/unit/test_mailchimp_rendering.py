"""From people, orders and products to what Mailchimp is to hold."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Facts
from retail_sync.model.records import (
    Address,
    Discount,
    Payment,
    Shipment,
    ShipmentLine,
)
from retail_sync.model.views import FieldMapping
from retail_sync.vendors.mailchimp.members import People
from retail_sync.vendors.mailchimp.orders import Orders
from retail_sync.vendors.mailchimp.payloads import bounded, encoded, money
from retail_sync.vendors.mailchimp.structure import structure

from .mailchimp_renderings import AT, CAPTURED, SETTINGS, line, person, render, sold, told, view


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(
    ("changes", "pair", "status"),
    [
        ({}, {}, "subscribed"),
        ({}, {"double_opt_in": True}, "pending"),
        ({"known_out": True}, {}, "transactional"),
        ({"wish": "unknown"}, {}, "transactional"),
        ({"wish": "opted_out"}, {"double_opt_in": True}, "transactional"),
        ({"known_out": True}, {"without_consent": "skip"}, None),
        ({"wish": "unknown"}, {"without_consent": "skip"}, None),
        ({}, {"without_consent": "skip"}, "subscribed"),
    ],
)
def test_the_status_of_birth_needs_a_wish_and_no_farewell(
    changes: dict[str, Any], pair: dict[str, Any], status: str | None
) -> None:
    rendered = People(view(**pair), SETTINGS).render(person(**changes))

    assert [one.birth for one in rendered if one.kind == "member"] == ([{"status": status}] if status else [])
    assert len(rendered) == (3 if status else 0)


@pytest.mark.req("CON-1")
def test_no_payload_of_a_person_ever_holds_a_status_or_an_opt_in() -> None:
    for one in People(view(), SETTINGS).render(person()):
        assert "status" not in one.payload
        assert one.payload.get("opt_in_status", False) is False


@pytest.mark.req("ID-1")
def test_a_person_is_a_member_with_tags_and_a_customer() -> None:
    member, tags, customer = People(view(), SETTINGS).render(person())

    assert (member.object_id, tags.object_id, customer.object_id) == ("member:7", "tags:7", "customer:7")
    assert member.vendor_key == tags.vendor_key == customer.vendor_key == customer.payload["id"]
    assert member.payload == {"email_address": "asa@mail.test", "merge_fields": {"FNAME": "Åsa", "LTV": "0"}}
    assert member.needs == ("merge_field:LTV",)
    assert tags.payload["tags"] == ["Awaiting refund", "Buyer: vip", "Collection: Autumn", "Collection: Winter"]
    assert tags.needs == ("member:7",)
    assert customer.payload["address"] == {"address1": "Storgatan 1", "city": "Umeå", "country_code": "SE"}
    assert customer.needs == ("member:7", "store:main")


def test_who_has_bought_nothing_gets_no_tags() -> None:
    _, tags, _ = People(view(), SETTINGS).render(person(facts=Facts(currency="SEK")))
    assert tags.payload["tags"] == []


def test_a_fact_that_can_be_no_tag_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="lifetime_value"):
        People(view(tags=("lifetime_value",)), SETTINGS)


def test_a_default_field_of_another_type_is_waited_for() -> None:
    odd = view(mapping={"FNAME": FieldMapping("facts.order_count", "number")})
    assert People(odd, SETTINGS).render(person())[0].needs == ("merge_field:FNAME",)


@pytest.mark.req("ORD-6")
@pytest.mark.parametrize(
    ("order", "sale", "state"),
    [
        ({"payments": ()}, {}, "pending"),
        ({"payments": (msgspec.structs.replace(CAPTURED, succeeded=False),)}, {}, "pending"),
        ({"payments": (msgspec.structs.replace(CAPTURED, kind="authorised"),)}, {}, "pending"),
        ({}, {}, "paid"),
        ({"payments": (), "total": Decimal(0)}, {}, "paid"),
        ({"payments": (), "total": Decimal(0), "status": "pending"}, {}, "pending"),
        ({}, {"refunded": Decimal(50), "refunded_at": AT, "net_total": Decimal(150)}, "partially_refunded"),
        ({}, {"refunded": Decimal(200), "refunded_at": AT, "net_total": Decimal(0)}, "refunded"),
        ({}, {"refunded": Decimal(200), "net_total": Decimal(0)}, "paid"),
        ({}, {"returned": {"1": 1}, "net_total": Decimal(100)}, "paid"),
        ({"status": "cancelled"}, {"refunded": Decimal(200), "net_total": Decimal(0)}, "cancelled"),
    ],
)
def test_what_the_money_is_at(order: dict[str, Any], sale: dict[str, Any], state: str) -> None:
    assert render(sold(order, **sale)).payload["financial_status"] == state


def parcel(key: str = "s1", quantity: int = 2, **changes: Any) -> Shipment:
    fields: dict[str, Any] = {
        "number": key,
        "shipped": True,
        "shipped_at": AT,
        "carrier": "PostNord",
        "tracking_number": f"T{key}",
        "tracking_url": f"https://track.test/{key}",
        "lines": (ShipmentLine(line_key="1", quantity=quantity),),
    }
    return Shipment(key=key, **(fields | changes))


@pytest.mark.req("ORD-6")
@pytest.mark.req("SHP-1")
@pytest.mark.parametrize(
    ("order", "hold", "state"),
    [
        ({}, False, None),
        ({"status": "shipped"}, False, "shipped"),
        ({"status": "shipped"}, True, None),
        ({"shipments": (parcel(shipped=False),)}, False, None),
        ({"shipments": (parcel(quantity=1),)}, False, "partially_shipped"),
        ({"shipments": (parcel(quantity=2),)}, False, "shipped"),
        ({"shipments": (parcel(quantity=1), parcel("s2", quantity=1))}, False, "shipped"),
        ({"shipments": (parcel(lines=()),)}, False, "partially_shipped"),
        ({"shipments": (parcel(quantity=1),)}, True, None),
    ],
)
def test_how_much_of_an_order_has_left(order: dict[str, Any], hold: bool, state: str | None) -> None:
    assert render(sold(order, hold_shipping=hold)).payload.get("fulfillment_status") == state


@pytest.mark.req("ORD-6")
def test_the_pairs_own_words_for_states_win() -> None:
    statuses = {"financial.captured": "invoiced", "fulfillment.none": "waiting"}
    payload = render(sold(), statuses=statuses, triggers={}).payload
    assert (payload["financial_status"], payload["fulfillment_status"]) == ("invoiced", "waiting")


@pytest.mark.req("ORD-6")
def test_what_is_told_is_what_the_pair_says_and_in_its_order() -> None:
    shipped = {"status": "shipped", "shipments": (parcel(shipped_at=AT + timedelta(hours=2)),)}
    assert told(sold(shipped)) == [
        ("financial.pending", "pending", ""),
        ("financial.captured", "paid", ""),
        ("fulfillment.shipped", "paid", "shipped"),
    ]
    confirmed_when_paid: dict[str, Any] = {"financial.captured": ["pending", "paid"]}
    assert told(sold(shipped), triggers=confirmed_when_paid) == [
        ("financial.captured", "pending", ""),
        ("financial.captured.2", "paid", ""),
    ]
    state = render(sold(shipped), triggers=confirmed_when_paid)
    assert state.payload["fulfillment_status"] == "despatched", "what is not told sets nothing off"
    waiting = render(sold({"payments": ()}), triggers=confirmed_when_paid)
    assert waiting.payload["financial_status"] == "awaiting_payment"


@pytest.mark.req("ORD-6", "ORD-8")
def test_every_value_that_mails_somebody_has_its_quiet_word() -> None:
    shipped = sold({"status": "shipped", "shipments": (parcel(),)})
    pending, paid, sent, state = Orders(view(), SETTINGS).render(shipped)
    assert (pending.quiet, paid.quiet) == ({"financial_status": "awaiting_payment"}, {"financial_status": "settled"})
    assert sent.quiet == state.quiet == {"financial_status": "settled", "fulfillment_status": "despatched"}
    assert pending.useful_until == AT + timedelta(hours=48)
    assert state.useful_until is None


@pytest.mark.req("ORD-6")
def test_a_cancelled_order_is_not_told_what_it_once_was() -> None:
    released = Payment(key="r", kind="released", succeeded=True, amount=Decimal(200), at=AT + timedelta(hours=1))
    (step, state) = Orders(view(), SETTINGS).render(sold({"status": "cancelled", "payments": (released,)}))
    assert (step.step, step.payload) == ("financial.cancelled", state.payload)
    assert step.useful_until == AT + timedelta(hours=49)


@pytest.mark.req("ORD-9")
def test_where_an_order_came_from_stays_on_it() -> None:
    came = {
        "affiliate": "Tradera Ads",
        "campaign": "spring/26",
        "discounts": (Discount(code="VÅR", amount=Decimal(9)),),
    }
    payload = render(sold(came)).payload
    query = "utm_source=Tradera+Ads&utm_campaign=spring%2F26&utm_medium=affiliate"
    assert payload["landing_site"] == f"https://shop.test/?{query}"
    assert payload["promos"] == [{"code": "VÅR", "amount_discounted": "9.00", "type": "fixed"}]
    assert "campaign_id" not in payload, "a campaign that is none of the account's spoils the whole order"
    assert "landing_site" not in render(sold()).payload


@pytest.mark.req("ORD-3")
def test_a_share_of_tax_leaves_no_digits_that_the_source_does_not_have() -> None:
    assert render(sold(net_total=Decimal("79.99999999999999"))).payload["order_total"] == "80.00"
    exact = sold({"total": Decimal("1.125")}, net_total=Decimal("1.125"))
    assert render(exact).payload["order_total"] == "1.125"


@pytest.mark.req("SHP-1")
def test_tracking_is_that_of_the_last_parcel_that_can_be_followed() -> None:
    parcels = (
        parcel("s1"),
        parcel("s2", shipped_at=AT + timedelta(days=1)),
        parcel("s3", shipped_at=AT + timedelta(days=2), tracking_url=None),
        parcel("s4", shipped_at=AT + timedelta(days=3), shipped=False),
    )
    payload = render(sold({"shipments": parcels})).payload
    assert payload["tracking_url"] == "https://track.test/s2"
    assert (payload["tracking_number"], payload["tracking_carrier"]) == ("Ts2", "PostNord")

    held = render(sold({"shipments": parcels}, hold_shipping=True)).payload
    assert not [name for name in held if name.startswith("tracking")]


@pytest.mark.req("ORD-5")
def test_lines_hold_what_is_left() -> None:
    lines = (line("2", quantity=3), line("1"), line("3", quantity=1), line("4", quantity=0))
    rendered = render(sold({"lines": lines}, returned={"2": 1, "3": 1}))

    assert [(one["id"], one["quantity"]) for one in rendered.payload["lines"]] == [("1", 2), ("2", 2)]
    assert rendered.payload["lines"][0]["price"] == "100.00"


@pytest.mark.req("ORD-5")
@pytest.mark.parametrize("changes", [{"returned": {"1": 2}}, {"order": {"lines": ()}}])
def test_an_order_of_nothing_keeps_a_line_that_is_no_purchase(changes: dict[str, Any]) -> None:
    rendered = render(sold(**changes))

    assert [one["product_id"] for one in rendered.payload["lines"]] == ["shipping"]
    assert rendered.needs == ("customer:7", "product:centra_main:shipping")


@pytest.mark.req("CAT-2")
def test_an_order_needs_its_customer_and_its_products() -> None:
    lines = (line("1"), line("2", product_key="9"), line("3", product_key=None, kind="gift_card"), line("4"))
    rendered = render(sold({"lines": lines}))

    assert rendered.object_id == "order:centra_main:k1"
    assert rendered.needs == (
        "customer:7",
        "product:centra_main:10",
        "product:centra_main:9",
        "product:centra_main:shipping",
    )
    assert rendered.payload["lines"][2]["product_id"] == "shipping"


@pytest.mark.req("ORD-3")
@pytest.mark.req("ORD-9")
def test_money_is_net_and_exact_and_promos_stay() -> None:
    order = {
        "total": Decimal("1047.10"),
        "discount": Decimal(50),
        "tax": Decimal("209.42"),
        "shipping": Decimal(49),
        "discounts": (Discount(code="B", amount=Decimal(20)), Discount(code="A", amount=Decimal(30))),
    }
    payload = render(sold(order, net_total=Decimal("947.1"))).payload

    assert payload["order_total"] == "947.10"
    assert (payload["discount_total"], payload["tax_total"], payload["shipping_total"]) == ("50.00", "209.42", "49.00")
    assert [(promo["code"], promo["amount_discounted"]) for promo in payload["promos"]] == [
        ("A", "30.00"),
        ("B", "20.00"),
    ]
    assert b'"order_total":947.10,' in encoded(payload)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("-5.1", "-5.10"), ("1E+2", "100.00"), ("1.234", "1.234"), ("1.2300", "1.23")],
)
def test_amounts_keep_every_digit(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


@pytest.mark.req("DAG-2")
def test_a_change_of_nothing_but_the_time_of_change_is_no_change() -> None:
    later = sold({"updated_at": AT + timedelta(days=9), "status": "cancelled"})
    assert render(later).payload == render(sold({"status": "cancelled"})).payload
    assert render(later).payload["cancelled_at_foreign"] == "2026-02-01T10:00:00+00:00"


def test_addresses_of_an_order_hold_what_is_known() -> None:
    place = Address(first_name="Åsa", last_name="Berg", line1="Storgatan 1", phone="070", country="SE")
    payload = render(sold({"shipping_address": place, "billing_address": Address()})).payload

    assert payload["shipping_address"] == {
        "name": "Åsa Berg",
        "address1": "Storgatan 1",
        "country_code": "SE",
        "phone": "070",
    }
    assert "billing_address" not in payload


def test_a_key_that_is_too_long_keeps_apart_from_its_like() -> None:
    one, other = bounded("x" * 60 + "1"), bounded("x" * 60 + "2")
    assert len(one) == len(other) == 50
    assert one != other
    assert bounded("1001") == "1001"


def test_structure_is_fields_then_the_store_then_the_placeholder() -> None:
    mapped = {"LTV": FieldMapping("email", "number"), "PHONE": FieldMapping("phone")}

    wanted = list(structure(view(mapping=mapped), SETTINGS, live=True))

    assert [one.object_id for one in wanted] == [
        "merge_field:LTV",
        "merge_field:PHONE",
        "store:main",
        "product:centra_main:shipping",
    ]
    assert [one.payload.get("type") for one in wanted[:2]] == ["number", "phone"]

    assert wanted[2].payload == {
        "id": "main",
        "list_id": "a1",
        "name": "Shop",
        "currency_code": "SEK",
        "platform": "Retail Sync",
        "is_syncing": False,
        "domain": "shop.test",
    }


@pytest.mark.req("DAG-4", "ORD-6")
@pytest.mark.parametrize("live", [False, True])
def test_the_store_mails_nobody_until_the_pair_is_live(live: bool) -> None:
    (store,) = [one for one in structure(view(mapping={}), SETTINGS, live=live) if one.kind == "store"]

    assert store.payload["is_syncing"] is not live
