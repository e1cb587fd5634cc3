"""From people, orders and products to what Mailchimp is to hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Facts, Listing, Person, SoldOrder
from retail_sync.model.ports import DestinationView, FieldMapping
from retail_sync.model.records import (
    Address,
    Discount,
    Order,
    OrderLine,
    Payment,
    Price,
    Product,
    Shipment,
    ShipmentLine,
    Variant,
)
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.members import People
from retail_sync.vendors.mailchimp.orders import Orders
from retail_sync.vendors.mailchimp.payloads import bounded, encoded, money
from retail_sync.vendors.mailchimp.products import Products
from retail_sync.vendors.mailchimp.structure import structure

SETTINGS = MailchimpSettings(audience="a1", store="main", store_name="Shop", store_domain="shop.test")
AT = datetime(2026, 2, 1, 10, tzinfo=UTC)


def view(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "p",
        "source_account": "centra_main",
        "mapping": {
            "FNAME": FieldMapping("first_name"),
            "LTV": FieldMapping("facts.lifetime_value", "number", "Value"),
        },
        "tags": ("buyer_state", "collections", "awaiting_refund"),
        "currency": "SEK",
    }
    return DestinationView(**(fields | changes))


def person(**changes: Any) -> Person:
    fields: dict[str, Any] = {
        "person_id": 7,
        "email": "asa@mail.test",
        "facts": Facts(currency="SEK", buyer_state="vip", collections=("Winter", "Autumn"), awaiting_refund=True),
        "wish": "opted_in",
        "first_name": "Åsa",
        "address": Address(line1="Storgatan 1", city="Umeå", country="SE"),
    }
    return Person(**(fields | changes))


def line(key: str = "1", **changes: Any) -> OrderLine:
    fields: dict[str, Any] = {
        "name": "Shirt",
        "quantity": 2,
        "unit_price": Decimal("100.00"),
        "total": Decimal("200.00"),
        "product_key": "10",
        "variant_key": "11",
    }
    return OrderLine(key=key, **(fields | changes))


CAPTURED = Payment(key="c", kind="captured", succeeded=True, amount=Decimal(200), at=AT)


def sold(order: dict[str, Any] | None = None, **changes: Any) -> SoldOrder:
    fields: dict[str, Any] = {
        "key": "k1",
        "number": "1001",
        "status": "confirmed",
        "placed_at": AT,
        "updated_at": AT,
        "currency": "SEK",
        "rate": Decimal(1),
        "total": Decimal("200.00"),
        "lines": (line(),),
        "channel": {},
        "payments": (CAPTURED,),
    }
    whole = Order(**(fields | (order or {})))
    sale: dict[str, Any] = {"person_id": 7, "email": "asa@mail.test", "order": whole, "net_total": whole.total}
    return SoldOrder(**(sale | changes))


def render(what: SoldOrder, **changes: Any) -> Wanted:
    return Orders(view(**changes), SETTINGS).render(what)


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
        ({}, {"refunded": Decimal(50), "net_total": Decimal(150)}, "partially_refunded"),
        ({}, {"refunded": Decimal(200), "net_total": Decimal(0)}, "refunded"),
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
    payload = render(sold(), statuses=statuses).payload
    assert (payload["financial_status"], payload["fulfillment_status"]) == ("invoiced", "waiting")


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


def variant(key: str = "11", **changes: Any) -> Variant:
    fields: dict[str, Any] = {"sku": f"SKU{key}", "name": "M", "prices": (Price(currency="SEK", amount=Decimal(499)),)}
    return Variant(key=key, **(fields | changes))


def product(stub: bool = False, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": "10", "number": "N10", "name": "Shirt", "updated_at": AT, "variants": (variant(),)}
    wanted = Products(view(), SETTINGS).render(Listing(product=Product(**(fields | changes)), stub=stub))
    assert wanted.object_id == "product:centra_main:10"
    assert wanted.needs == ("store:main",)
    return wanted.payload


@pytest.mark.req("CAT-1")
def test_a_product_has_its_variants_in_the_stores_currency() -> None:
    euro = Price(currency="EUR", amount=Decimal(49))
    rendered = product(
        brand="Own",
        collection="Autumn",
        url="https://shop.test/p",
        image_url="https://shop.test/p.jpg",
        variants=(variant("12", prices=(euro,)), variant("11", stock=3, prices=(euro, *variant().prices))),
    )

    assert (rendered["type"], rendered["vendor"], rendered["handle"]) == ("Autumn", "Own", "N10")
    assert [(one["id"], one["price"]) for one in rendered["variants"]] == [("11", "499.00"), ("12", "0.00")]
    assert rendered["variants"][0]["inventory_quantity"] == 3


@pytest.mark.req("CAT-1")
@pytest.mark.parametrize(
    ("changes", "active", "stock"),
    [
        ({"stock": 5}, True, 5),
        ({"stock": -2}, True, 0),
        ({"stock": None}, True, 1_000_000),
        ({"stock": None, "prices": ()}, True, 0),
        ({"stock": 5}, False, 0),
    ],
)
def test_what_can_be_bought(changes: dict[str, Any], active: bool, stock: int) -> None:
    rendered = product(variants=(variant(**changes),), active=active)
    assert rendered["variants"][0]["inventory_quantity"] == stock


@pytest.mark.req("CAT-2")
def test_a_product_without_variants_is_its_own() -> None:
    rendered = product(stub=True, variants=(), name=" ")
    assert rendered["title"] == "N10"
    assert [one["id"] for one in rendered["variants"]] == ["10"]


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
