"""The Ometria destination over real HTTP: what is written, and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from msgspec.structs import replace

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Facts, LeftCart, SoldOrder
from retail_sync.model.ports import Connection, Services
from retail_sync.model.records import Cart, Payment
from retail_sync.sandbox.host import running
from retail_sync.vendors.ometria import VENDOR
from retail_sync.vendors.ometria.sandbox import build

from .destination_goods import NOW, PARCEL, line, person, product, shipped, sold
from .destination_shop import Allowance, everything, verdicts
from .ometria_destination_shop import BRISK, Shop, pair


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build(BRISK)) as url:
        yield Shop(url)


_OTHER = {"@type": "contact", "@collection": "till", "id": "7", "email": "p1@mail.test"}


@pytest.mark.req("ID-5")
def test_of_two_that_became_one_the_orders_move_and_the_other_can_be_reached_no_more(shop: Shop) -> None:
    contacts = [one for number in (1, 2) for one in shop.destination.person(person(number))]
    shop.send(*contacts, *shop.destination.order(sold()))

    shop.send(*shop.destination.order(sold(who=2)))
    (outcome,) = shop.send(contacts[0], operation="delete")

    assert outcome.verdict == "delivered"
    assert shop.found("p1@mail.test") is None
    assert [held.vendor_key for held in shop.destination.read_all("contact")] == ["centra_main-2"]
    found = next(one for one in shop.state()["profiles"].values() if one["email"] == "p2@mail.test")
    assert found["stats"]["orders"] == 1


@pytest.mark.req("ORD-4")
def test_a_fact_that_is_no_more_is_taken_off(shop: Shop) -> None:
    shop.send(*shop.destination.person(person(attributes={"loyalty": "gold"})))

    shop.send(*shop.destination.person(person(facts=Facts(currency="SEK"), phone=None)))

    (listing,) = shop.state()["contacts"]
    held = listing["fields"]["properties"]
    assert held["loyalty"] is None
    assert Decimal(held["lifetime_value"]) == 0
    assert shop.reads_back("contact") == {}


@pytest.mark.req("ORD-5")
@pytest.mark.parametrize(
    ("order", "status", "valid"),
    [
        (sold(), "complete", True),
        (sold(status="shipped", shipments=(PARCEL,)), "shipped", True),
        (sold(payments=(), status="pending"), "pending", True),
        (sold(returned={"1": 1}, net_total=Decimal(548), refunded=Decimal(499), refunded_at=NOW),
         "partial_refund", True),
        (sold(net_total=Decimal("1000.01"), refunded=Decimal("46.99"), refunded_at=NOW), "partial_refund", True),
        (sold(returned={"1": 2}, net_total=Decimal(0), refunded=Decimal(1047), refunded_at=NOW), "refunded", False),
        (sold(returned={"1": 2}, net_total=Decimal(49), refunded=Decimal(998)), "complete", True),
        (sold(status="cancelled", net_total=Decimal(0), refunded=Decimal(1047)), "cancelled", False),
        (sold(lines=(line("1"), line("2", 1, "M")), returned={"1": 1}, net_total=Decimal("880.33"),
              refunded=Decimal("166.67"), refunded_at=NOW), "partial_refund", True),
    ],
)  # fmt: skip
def test_an_order_counts_for_what_is_left_of_it(shop: Shop, order: SoldOrder, status: str, valid: bool) -> None:
    shop.send(*everything(shop, person(), orders=[order]))

    (held,) = shop.state()["orders"].values()
    assert (held["status"], held["is_valid"]) == (status, valid)
    assert Decimal(held["net_value"]) == order.net_total
    (read,) = shop.destination.read_all("order")
    assert read.sale is not None
    assert read.sale.total == order.net_total


@pytest.mark.req("ORD-5")
def test_of_a_cancelled_order_nothing_came_back(shop: Shop) -> None:
    cancelled = sold(status="cancelled", net_total=Decimal(0), refunded=Decimal(1047), returned={"1": 2})
    shop.send(*everything(shop, person(), orders=[cancelled]))

    (held,) = shop.state()["orders"].values()
    (only,) = held["lineitems"]
    assert (only["quantity_refunded"], Decimal(only["refunded"])) == (0, Decimal(0))
    assert Decimal(held["grand_total"]) == 1047


@pytest.mark.req("ORD-7")
def test_an_order_in_another_currency_brings_its_value_in_the_accounts(shop: Shop) -> None:
    shop.send(*everything(shop, person(), orders=[sold(currency="EUR", rate=Decimal("11.10"))]))

    (held,) = shop.state()["orders"].values()
    assert Decimal(held["net_value_base"]) == Decimal("1047.00") * Decimal("11.10")
    assert held["store"] == "EUR"


@pytest.mark.req("ORD-7")
def test_an_order_that_is_taken_back_counts_no_more_and_is_none_of_ours(shop: Shop) -> None:
    wanted = shop.destination.order(sold())[0]
    shop.send(*shop.destination.person(person()), wanted)

    (outcome,) = shop.send(wanted, operation="delete")

    assert outcome.verdict == "delivered"
    assert shop.state()["orders"]["1001"]["is_valid"] is False
    assert list(shop.destination.keys("order")) == []


@pytest.mark.req("SHP-2")
def test_a_parcel_is_told_once_with_what_leads_to_it(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    parcels = [replace(PARCEL, key=f"s{number}", number=f"1001-{number}") for number in (1, 2, 3)]

    outcomes = shop.send(*(one for parcel in parcels for one in shop.destination.happening(shipped(parcel))))

    assert verdicts(outcomes) == {"delivered": 3}
    told = shop.state()["custom_events"]
    assert sorted(told) == ["shipment:centra_main:s1", "shipment:centra_main:s2", "shipment:centra_main:s3"]
    first = told["shipment:centra_main:s1"]
    assert (first["times"], first["event_type"], first["properties"]["products"]) == (1, "order_shipped", ["10"])
    assert (first["properties"]["tracking_number"], first["properties"]["carrier"]) == ("AB1", "PostNord")
    assert first["resolved_profile_id"] in shop.state()["profiles"]


@pytest.mark.req("ORD-6")
def test_what_the_pair_tells_of_an_orders_states_is_told_as_events_of_its_words(shop: Shop) -> None:
    view = pair(triggers={"financial.confirmed": ["order_confirmed"], "financial.captured": ["order_captured"]})
    shop.destination = shop.connect(view=view)
    captured = Payment(key="p", kind="captured", succeeded=True, amount=Decimal(1047), at=NOW)

    shop.send(*everything(shop, person(), orders=[sold(payments=(captured,))]))

    told = shop.state()["custom_events"]
    assert {key: one["event_type"] for key, one in told.items()} == {
        "financial.confirmed:centra_main:k1001": "order_confirmed",
        "financial.captured:centra_main:k1001": "order_captured",
    }


@pytest.mark.req("CAT-1")
def test_a_product_comes_with_its_variants_listings_and_stock(shop: Shop) -> None:
    shop.send(*shop.destination.listing(product(stock=0)))
    shop.send(*shop.destination.listing(product(active=False)))

    books = shop.state()["products"]
    page, small = books["10"], books["variant-10-S"]
    assert (page["is_active"], page["is_in_stock"], page["is_variant"]) == (False, False, False)
    assert [(one["store"], Decimal(one["price"])) for one in page["listings"]] == [
        ("EUR", Decimal("45.5")),
        ("SEK", 499),
    ]
    assert {one["type"]: one["label"] for one in page["attributes"]} == {"brand": "Own", "collection": "Basics"}
    assert (small["parent_id"], small["is_variant"], small["sku"]) == ("10", True, "SKU10S")


@pytest.mark.req("CAT-1")
def test_what_another_source_put_there_is_none_of_ours(shop: Shop) -> None:
    shop.push({"@type": "product", "id": "x", "title": "Theirs"})
    shop.push(_OTHER)

    assert list(shop.destination.keys("product")) == []
    assert list(shop.destination.keys("contact")) == []
    (read,) = shop.destination.read("product", ["x"])
    assert read.payload is None


def test_left_carts_and_structure_are_none_of_ometrias(shop: Shop) -> None:
    cart = Cart(key="c", email="p1@mail.test", updated_at=NOW, currency="SEK", total=Decimal(1))
    left = LeftCart(object_id="cart:c", person_id=1, email="p1@mail.test", cart=cart)

    assert list(shop.destination.cart(left)) == []
    assert list(shop.destination.structure(live=True)) == []


def test_without_a_key_and_as_a_source_it_is_refused_at_once() -> None:
    connection = Connection(name="ometria_default", host="")
    services = Services(clock=lambda: NOW, budget=lambda *_: Allowance(None))

    with pytest.raises(ConfigurationError, match="no source"):
        VENDOR.source({}, connection, services)
    with pytest.raises(ConfigurationError, match="no API key"):
        VENDOR.destination({}, connection, services, pair())
    with pytest.raises(ConfigurationError, match="audience"):
        VENDOR.destination({"audience": "x"}, connection, services, pair())
