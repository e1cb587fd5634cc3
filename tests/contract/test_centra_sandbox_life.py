"""The Centra sandbox: what happens to people, orders and products beyond the plain case."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomersMerged,
    OrderHeld,
    OrderReleased,
    ProductWithdrawn,
    Refunded,
    ShopEvent,
)

from .centra_shop import NOON, Client, customer, goods, placed, product, sandbox

LATER = NOON + timedelta(days=2)
PAYMENTS = """query Payments($from: DateTimeTz, $to: DateTimeTz, $kinds: [PaymentHistoryEntryType!]) {
  orderPaymentHistory(where: {createdAt: {from: $from, to: $to}, entryType: $kinds}, sort: id_ASC, limit: 50) {
    entryType createdAt value { value } order { number }
  }
}"""


def people(client: Client, *numbers: int) -> list[dict[str, Any]]:
    query = """query People($ids: [Int!]) { customers(where: {id: $ids}, sort: id_ASC) {
      id email firstName newsletter registered isAnonymized totalOrders billingAddress { address1 city }
    } }"""
    found: list[dict[str, Any]] = client.ask(query, {"ids": list(numbers)})["customers"]
    return found


@pytest.mark.req("ID-5")
def test_an_address_changes_with_its_subscription_and_orders_keep_theirs() -> None:
    events: list[ShopEvent] = [customer(1), customer(2), placed(501)]
    with sandbox(events) as client:
        client.app.apply([customer(1, at=LATER, email="new@post.test")])
        (one,) = people(client, 1)
        order = client.order(501)
        subscriptions = client.ask("{ newsletterSubscriptions { email isActive } }")["newsletterSubscriptions"]
    assert one["email"] == order["customer"]["email"] == "new@post.test"
    assert order["shippingAddress"]["email"] == "person1@mail.test"
    active = {"new@post.test": True, "person1@mail.test": True, "person2@mail.test": True}
    assert {each["email"]: each["isActive"] for each in subscriptions} == active


@pytest.mark.req("ID-5")
def test_records_that_are_one_person_share_an_address_and_keep_their_orders() -> None:
    events: list[ShopEvent] = [customer(1), customer(2), placed(501, customer_id=2, email="person2@mail.test")]
    with sandbox([*events, CustomersMerged(at=LATER, kept_id=1, merged_id=2)]) as client:
        kept, merged = people(client, 1, 2)
    assert kept["email"] == merged["email"] == "person1@mail.test"
    assert (merged["registered"], merged["newsletter"], merged["totalOrders"]) == (False, False, 1)


@pytest.mark.req("SEC-2")
def test_an_erased_customer_leaves_orders_without_a_person() -> None:
    with sandbox([customer(1), customer(2), placed(501), CustomerErased(at=LATER, customer_id=1)]) as client:
        (one,) = people(client, 1)
        order = client.order(501)
        anonymised = client.ask("{ customers(where: {isAnonymized: true}) { id } }")["customers"]
    assert (one["email"], one["firstName"], one["isAnonymized"]) == ("", "", True)
    assert one["billingAddress"] == {"address1": "", "city": ""}
    assert (order["shippingAddress"]["email"], order["shippingAddress"]["lastName"]) == ("", "")
    assert order["grandTotal"]["value"] == 289
    assert order["updatedAt"] == order["createdAt"]
    assert anonymised == [{"id": 1}]


@pytest.mark.req("SEC-2")
def test_how_an_erased_customer_looks_is_a_setting() -> None:
    settings = {
        "anonymised_email": "gone-{id}@shop.test",
        "anonymising_updates_orders": True,
        "shows_anonymised": False,
    }
    with sandbox([customer(1), placed(501), CustomerErased(at=LATER, customer_id=1)], **settings) as client:
        found = client.ask("{ customers(where: {id: 1}) { email } }")["customers"]
        order = client.order(501)
        unknown = client.error("{ customers { isAnonymized } }")
    assert found == [{"email": "gone-1@shop.test"}]
    assert order["updatedAt"] == "2024-01-17T13:00:00+01:00"
    assert "Cannot query field" in unknown["message"]


@pytest.mark.req("ORD-1")
def test_an_order_is_held_for_a_reason_and_released() -> None:
    flags = "{ orders { isOnHold isWaitingForPayment updatedAt ... on DirectToConsumerOrder { orderHoldReason } } }"
    with sandbox([customer(1), placed(501), OrderHeld(at=LATER, number=501, reason="WAITING_FOR_PAYMENT")]) as client:
        (held,) = client.ask(flags)["orders"]
        waiting = client.ask("{ orders(where: {isOnHold: true}) { number } }")["orders"]
        client.app.apply([OrderReleased(at=LATER + timedelta(days=1), number=501)])
        (released,) = client.ask(flags)["orders"]
    assert (held["isOnHold"], held["isWaitingForPayment"], held["orderHoldReason"]) == (
        True,
        True,
        "WAITING_FOR_PAYMENT",
    )
    assert waiting == [{"number": 501}]
    assert (released["isOnHold"], released["orderHoldReason"]) == (False, None)
    assert held["updatedAt"] < released["updatedAt"]


@pytest.mark.req("CAT-2")
def test_a_withdrawn_product_is_gone_and_its_order_lines_name_it_still() -> None:
    with sandbox([product(), customer(1), placed(501), ProductWithdrawn(at=LATER, product_id=7)]) as client:
        line = client.order(501)["lines"][0]
        products = client.ask("{ products { id } displays { id } }")
    assert products == {"products": [], "displays": []}
    assert (line["productName"], line["productNumber"], line["product"]) == ("Coat", "P7-R-S", None)


@pytest.mark.req("ORD-9")
def test_an_order_names_its_affiliate_its_voucher_and_the_campaign_of_a_line() -> None:
    lines = (replace(goods(1), campaign="Spring"),)
    bought = placed(501, lines=lines, affiliate="blog", discount=Decimal(9), voucher="MAY")
    query = """{ orders { affiliate { name } lines { lineCampaign { name } }
      discountsApplied { __typename ... on AppliedVoucher { voucher { code } } } } }"""
    with sandbox([customer(1), placed(502), bought]) as client:
        named, plain = sorted(client.ask(query)["orders"], key=lambda one: one["affiliate"] is None)
    assert named["affiliate"] == {"name": "blog"}
    assert named["lines"] == [{"lineCampaign": {"name": "Spring"}}]
    assert named["discountsApplied"][0]["voucher"] == {"code": "MAY"}
    assert plain["lines"][0]["lineCampaign"] is None


@pytest.mark.req("ORD-1")
def test_whether_an_exchange_names_its_original_is_a_setting() -> None:
    events: list[ShopEvent] = [customer(1), placed(501), placed(502, exchange_of=501)]
    comments = []
    for exchange_comment in (False, True):
        with sandbox(events, exchange_comment=exchange_comment) as client:
            found = client.ask("{ orders(where: {number: 502}) { internalComment } }")["orders"]
            comments.append(found[0]["internalComment"])
    assert comments == ["", "Exchange of order 501"]


@pytest.mark.req("ORD-5")
def test_refunds_are_found_by_their_date() -> None:
    refund = Refunded(at=LATER, number=501, amount=placed(501).shipping)
    with sandbox([customer(1), placed(501), refund]) as client:
        day = {"from": LATER.isoformat(), "to": (LATER + timedelta(hours=1)).isoformat()}
        found = client.ask(PAYMENTS, day)["orderPaymentHistory"]
        captured = client.ask(PAYMENTS, {"kinds": ["CAPTURE"]})["orderPaymentHistory"]
    assert [(one["entryType"], one["value"]["value"], one["order"]["number"]) for one in found] == [("REFUND", 49, 501)]
    assert [one["entryType"] for one in captured] == ["CAPTURE"]


@pytest.mark.req("ORD-5")
def test_whether_payments_can_be_asked_for_by_date_is_a_setting() -> None:
    with sandbox([customer(1), placed(501)], payments_by_date=False) as client:
        refused = client.error(PAYMENTS, {"from": LATER.isoformat()})
        plain = client.ask("{ orderPaymentHistory(where: {orderNumber: 501}) { entryType } }")["orderPaymentHistory"]
    assert "createdAt" in refused["message"]
    assert [one["entryType"] for one in plain] == ["CAPTURE", "AUTH"]
