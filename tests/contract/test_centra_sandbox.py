"""The Centra sandbox over real HTTP: how it tells what happens in a shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from retail_sync.sandbox.world.events import (
    LineCancelled,
    NewsletterChanged,
    OrderCancelled,
    OrderConfirmed,
    PaymentCaptured,
    Refunded,
    ReturnCompleted,
    ReturnLineSpec,
    ReturnMade,
    ShopEvent,
    StockChanged,
)
from tests.contract.centra_shop import (
    ALWAYS,
    NOON,
    OPERATIONS,
    TOKEN,
    customer,
    goods,
    placed,
    product,
    sandbox,
    shipped,
)


@pytest.mark.req("ORD-1")
def test_an_orders_money_lines_and_dates() -> None:
    order_placed = placed(5, discount=Decimal("20.00"), voucher="WINTER", affiliate="Blog", captured=False)
    with sandbox([product(), customer(1), order_placed]) as client:
        order = client.order(5)
    assert len(order["id"]) == 32
    assert order["number"] == 5
    assert (order["status"], order["__typename"]) == ("PENDING", "DirectToConsumerOrder")
    assert order["createdAt"] == order["orderDate"] == "2024-01-15T13:05:00+01:00"
    # Three coats at 80, shipping of 49, a voucher of 20.
    assert order["grandTotal"] == {"value": 269.0, "currency": {"code": "SEK"}, "conversionRate": 1.0}
    assert order["totals"]["taxIncluded"]["value"] == 53.8
    assert order["totals"]["shipping"]["value"] == 49.0
    assert order["discountsApplied"][0]["voucher"]["code"] == "WINTER"
    assert order["affiliate"]["name"] == "Blog"
    assert [entry["entryType"] for entry in order["paymentHistory"]] == ["AUTH"]
    assert order["lines"][0]["lineValue"]["value"] == 160.0
    assert order["lines"][0]["collection"] == {"id": 1, "name": "Winter"}
    assert order["lines"][0]["productSize"]["SKU"] == "P7-R-S"
    assert order["customer"]["email"] == "person1@mail.test"
    assert order["shippingAddress"]["country"]["code"] == "SE"


@pytest.mark.req("ORD-1")
def test_cancelled_quantities_leave_the_line_and_the_total() -> None:
    events: list[ShopEvent] = [
        customer(1),
        placed(5, captured=False),
        LineCancelled(at=NOON + timedelta(hours=1), number=5, line_id=51, quantity=1),
        LineCancelled(at=NOON + timedelta(hours=1), number=5, line_id=52, quantity=1),
        PaymentCaptured(at=NOON + timedelta(hours=2), number=5),
    ]
    query = "{ orders(where: {number: 5}) { lines { id quantity cancelledQuantity } } }"
    with sandbox(events) as client:
        order = client.order(5)
        visible = client.ask(query)["orders"][0]["lines"]
    assert visible == [{"id": 51, "quantity": 1, "cancelledQuantity": 1}]
    assert [(line["id"], line["quantity"], line["cancelledQuantity"]) for line in order["lines"]] == [
        (51, 1, 1),
        (52, 0, 1),
    ]
    assert order["grandTotal"]["value"] == 129.0
    assert [(entry["entryType"], entry["value"]["value"]) for entry in order["paymentHistory"]] == [
        ("AUTH", 289.0),
        ("CAPTURE", 129.0),
    ]


@pytest.mark.req("ORD-1")
def test_a_cancelled_order_keeps_its_lines_and_releases_the_authorisation() -> None:
    events: list[ShopEvent] = [
        customer(1),
        placed(5, captured=False),
        OrderCancelled(at=NOON + timedelta(hours=1), number=5),
    ]
    with sandbox(events) as client:
        order = client.order(5)
    assert order["status"] == "CANCELLED"
    assert [line["quantity"] for line in order["lines"]] == [2, 1]
    assert (order["paymentHistory"][1]["entryType"], order["paymentHistory"][1]["value"]["value"]) == ("CANCEL", -289.0)


@pytest.mark.req("SHP-1", "SHP-2")
def test_parcels_make_an_order_processing_and_then_shipped() -> None:
    first, second = NOON + timedelta(days=1), NOON + timedelta(days=2)
    with sandbox([customer(1), placed(5), OrderConfirmed(at=NOON + timedelta(hours=1), number=5)]) as client:
        assert client.order(5)["status"] == "CONFIRMED"
        client.app.apply([shipped(5, (51,), first, last=False)])
        processing = client.order(5)
        client.app.apply([shipped(5, (51, 52), second, parcel=2)])
        done = client.order(5)
    assert (processing["status"], processing["updatedAt"]) == ("PROCESSING", "2024-01-16T13:00:00+01:00")
    assert (done["status"], done["updatedAt"]) == ("SHIPPED", "2024-01-17T13:00:00+01:00")
    assert [parcel["number"] for parcel in done["shipments"]] == ["5-1", "5-2"]
    assert done["shipments"][1]["trackingNumber"] == "TN52"
    assert done["shipments"][1]["carrierInformation"] == {"carrierName": "PostNord", "serviceName": "MyPack"}
    assert [line["orderLine"]["id"] for line in done["shipments"][1]["lines"]] == [51, 52]


@pytest.mark.req("SHP-1")
def test_a_shipment_has_no_carrier_before_it_is_completed() -> None:
    events: list[ShopEvent] = [customer(1), placed(5), OrderConfirmed(at=NOON + timedelta(hours=1), number=5)]
    with sandbox(events, direct_to_shipment=True) as client:
        order = client.order(5)
        client.app.apply([shipped(5, (51,), NOON + timedelta(days=1))])
        completed = client.order(5)["shipments"]
    (waiting,) = order["shipments"]
    assert order["status"] == "PROCESSING"
    assert (waiting["isShipped"], waiting["trackingNumber"], waiting["carrierInformation"]) == (False, None, None)
    assert [(one["number"], one["trackingNumber"]) for one in completed] == [("5-1", "TN51")]


def _returned_and_refunded() -> list[ShopEvent]:
    lines = (ReturnLineSpec(line_id=51, quantity=1, unit_price=Decimal("80.00")),)
    return [
        customer(1),
        placed(5),
        shipped(5, (51, 52), NOON + timedelta(days=1)),
        ReturnMade(at=NOON + timedelta(days=2), return_id=9, number=5, lines=lines, completed=False),
        ReturnCompleted(at=NOON + timedelta(days=3), return_id=9),
        Refunded(at=NOON + timedelta(days=4), number=5, amount=Decimal("80.00"), return_id=9),
    ]


@pytest.mark.req("ORD-1", "ORD-5")
def test_returns_and_refunds_leave_the_orders_time_and_total_alone() -> None:
    with sandbox(_returned_and_refunded()) as client:
        order = client.order(5)
        (made,) = client.ask(OPERATIONS, {"orderNumbers": [5], "limit": 10, "page": 1}, "ReturnsByOrder")["returns"]
    assert order["updatedAt"] == "2024-01-16T13:00:00+01:00"
    assert order["grandTotal"]["value"] == 289.0
    assert [line["returnedQuantity"] for line in order["lines"]] == [1, 0]
    assert order["paymentHistory"][-1]["entryType"] == "REFUND"
    assert (made["returnStatus"], made["grandTotal"]["value"], made["order"]["number"]) == ("COMPLETED", 80.0, 5)
    assert made["lines"][0]["orderLine"]["id"] == 51
    assert made["lines"][0]["shipmentLine"]["id"] == order["shipments"][0]["lines"][0]["id"]
    assert made["refundPaymentHistory"][0]["id"] == order["paymentHistory"][-1]["id"]


@pytest.mark.req("DAG-5")
def test_whether_returns_and_refunds_move_the_order_is_a_setting() -> None:
    causes = ["confirmed", "captured", "line_cancelled", "cancelled", "status", "return", "refund"]
    with sandbox(_returned_and_refunded(), order_updated_by=causes, refund_sign=-1) as client:
        order = client.order(5)
        state = client.app.shop.state()
    assert order["updatedAt"] == "2024-01-19T13:00:00+01:00"
    assert order["paymentHistory"][-1]["value"]["value"] == -80.0
    assert state["orders"][0]["payments"][-1]["amount"] == Decimal("80.00")


@pytest.mark.req("ORD-2")
def test_both_kinds_of_store_stand_in_one_feed() -> None:
    events: list[ShopEvent] = [
        customer(1),
        placed(1),
        placed(2, store_type="WHOLESALE"),
        placed(3, lines=(goods(31, gift_card=True),)),
    ]
    query = "{ orders { __typename number store { type } lines { __typename } } }"
    with sandbox(events) as client:
        everything = client.ask(query)["orders"]
        retail = client.ask("{ orders(where: {storeType: DIRECT_TO_CONSUMER}) { number } }")["orders"]
    assert [(order["number"], order["__typename"]) for order in everything] == [
        (3, "DirectToConsumerOrder"),
        (2, "WholesaleOrder"),
        (1, "DirectToConsumerOrder"),
    ]
    assert everything[0]["lines"] == [{"__typename": "GiftCertificateOrderLine"}]
    assert [order["number"] for order in retail] == [3, 1]


@pytest.mark.req("DAG-3")
def test_both_bounds_of_a_range_belong_to_it_and_naive_ones_are_local() -> None:
    between = "query Q($from: DateTimeTz, $to: DateTimeTz)"
    query = between + "{ orders(where: {createdAt: {from: $from, to: $to}}, sort: number_ASC) { number } }"

    def numbers(start: str | None, end: str | None) -> list[int]:
        return [order["number"] for order in client.ask(query, {"from": start, "to": end})["orders"]]

    with sandbox([customer(1), *(placed(number) for number in range(1, 5))]) as client:
        assert numbers("2024-01-15T12:02:00Z", "2024-01-15T12:03:00.000+00:00") == [2, 3]
        assert numbers("2024-01-15 13:02:00", "2024-01-15 13:03:00") == [2, 3]
        assert numbers("2024-01-15T12:04:00Z", None) == [4]
        assert "cannot represent" in client.error(query, {"from": "yesterday"})["message"]


@pytest.mark.req("DAG-3")
def test_filters_take_one_value_for_a_list_and_can_be_negated() -> None:
    events: list[ShopEvent] = [
        customer(1),
        customer(2, email="Other@Mail.test"),
        placed(1),
        placed(2, affiliate="Blog"),
        placed(3),
    ]
    with sandbox(events) as client:

        def numbers(where: str) -> list[int]:
            found = client.ask(f"{{ orders(where: {where}, sort: number_ASC) {{ number }} }}")["orders"]
            return [order["number"] for order in found]

        assert numbers("{number: 2}") == [2]
        assert numbers("{number: [1, 3], status: PENDING}") == [1, 3]
        assert numbers('{number: [1, 3], negate: ["number"]}') == [2]
        assert numbers('{notNull: ["affiliateId"]}') == [2]
        assert numbers('{notNull: ["affiliateId"], status: CONFIRMED}') == []
        assert numbers("{customerId: 2}") == []
        assert client.ask('{customers(where: {email: {contains: "other@"}}) {id}}')["customers"] == [{"id": 2}]
        assert client.ask('{customers(where: {email: {equals: "OTHER@mail.test"}}) {id}}')["customers"] == [{"id": 2}]
        assert client.ask("{counters {orders(where: {number: [1, 2]}) customers}}")["counters"] == {
            "orders": 2,
            "customers": 2,
        }


@pytest.mark.req("CAT-1")
def test_products_have_sizes_stock_displays_and_prices() -> None:
    with sandbox([product(), StockChanged(at=NOON + timedelta(days=1), variant_id=72, stock=4)]) as client:
        (found,) = client.ask(OPERATIONS, {"status": ["ACTIVE"], "limit": 50, "page": 1}, "ProductsPage")["products"]
        client.app.apply([product(at=NOON + timedelta(days=2), active=False)])
        after = client.ask("{ products { status updatedAt displays { id status } } }")["products"][0]
    assert (found["brand"]["name"], found["collection"]["name"]) == ("North", "Winter")
    assert [variant["name"] for variant in found["variants"]] == ["Red", "Blue"]
    sizes = [size for variant in found["variants"] for size in variant["productSizes"]]
    assert [(size["id"], size["SKU"], size["stockTotals"]["availableQuantity"]) for size in sizes] == [
        (71, "P7-R-S", 3),
        (72, "P7-R-M", 4),
        (73, "P7-B-M", 5),
    ]
    assert found["updatedAt"] == "2024-01-15T13:00:00+01:00"
    blue, red = found["displays"]
    assert [(price["price"]["currency"]["code"], price["price"]["value"]) for price in red["prices"]] == [
        ("SEK", 100.0),
        ("EUR", 10.0),
    ]
    assert blue["productVariants"] == [{"id": found["variants"][1]["id"]}]
    assert red["media"][0]["source"]["url"] == "https://images.test/7.jpg"
    assert {display["id"] for display in after["displays"]} == {blue["id"], red["id"]}
    assert after["status"] == after["displays"][0]["status"] == "INACTIVE"


@pytest.mark.req("ID-3", "CON-3")
def test_two_records_of_one_address_and_the_newsletter() -> None:
    guest = customer(2, email="person1@mail.test", registered=False, newsletter=False)
    mutation = """mutation Out($id: Int!) {
      updateCustomer(id: $id, input: {receiveNewsletters: false}) {
        customer { newsletter updatedAt } userErrors { message path } userWarnings { message }
      }
    }"""
    with sandbox([customer(1), guest]) as client:
        found = client.ask(OPERATIONS, {**ALWAYS, "limit": 50, "page": 1}, "CustomersDelta")["customers"]
        changed = client.ask(mutation, {"id": 1})["updateCustomer"]
        unknown = client.post(mutation, {"id": 99})
        subscriptions = client.ask("{ newsletterSubscriptions { email isActive } }")["newsletterSubscriptions"]
        log = client.app.log.as_dict()["by_endpoint"]
        client.app.apply([NewsletterChanged(at=NOON + timedelta(days=40), customer_id=1, subscribed=True)])
        again = client.ask("{ customers(where: {id: 1}) { newsletter updatedAt } }")["customers"]
    assert [(one["id"], one["email"], one["registered"], one["newsletter"]) for one in found] == [
        (2, "person1@mail.test", False, False),
        (1, "person1@mail.test", True, True),
    ]
    assert changed["customer"] == {"newsletter": False, "updatedAt": "2024-02-14T13:00:00+01:00"}
    assert changed["userErrors"] == []
    assert unknown.status_code == 200
    assert unknown.json()["data"]["updateCustomer"]["userErrors"][0]["path"] == ["id"]
    assert subscriptions == [{"email": "person1@mail.test", "isActive": False}]
    assert log["updateCustomer"] == {"requests": 2, "writes": 2}
    assert log["customers"]["writes"] == 0
    assert again == [{"newsletter": True, "updatedAt": "2024-02-24T13:00:00+01:00"}]


@pytest.mark.req("DAG-5")
def test_events_repeat_until_they_are_confirmed() -> None:
    with sandbox([customer(1)]) as client:
        listeners = client.ask(OPERATIONS, None, "Subscribe")["setEventListeners"]["eventListeners"]
        client.app.apply([placed(5), shipped(5, (51,), NOON + timedelta(days=1))])
        first = client.ask(OPERATIONS, {"limit": 200}, "PullEvents")["events"]
        again = client.ask(OPERATIONS, {"limit": 200}, "PullEvents")["events"]
        ids = [event["id"] for event in first[:-1]]
        confirmed = client.ask(OPERATIONS, {"ids": ids}, "AckEvents")["confirmEvents"]
        repeated = client.ask(OPERATIONS, {"ids": ids[:1]}, "AckEvents")["confirmEvents"]
        left = client.ask(OPERATIONS, {"limit": 200}, "PullEvents")["events"]
        writes = client.app.log.writes
    assert {listener["objectType"] for listener in listeners} == {
        "Order",
        "Shipment",
        "Return",
        "Customer",
        "NewsletterSubscription",
    }
    assert [(event["objectType"], event["changeType"]) for event in first] == [
        ("Order", "CREATED"),
        ("Shipment", "CREATED"),
        ("Shipment", "COMPLETED"),
        ("Order", "UPDATED"),
    ]
    assert first[0]["object"] == {"__typename": "DirectToConsumerOrder"}
    assert again == first
    assert left == first[-1:]
    assert (confirmed["userWarnings"], len(repeated["userWarnings"])) == ([], 1)
    assert writes == 0


@pytest.mark.req("DAG-5")
def test_integrations_have_queues_of_their_own() -> None:
    tokens = [{"value": TOKEN}, {"value": "other", "integration": "erp"}]
    with sandbox([customer(1)], tokens=tokens) as client:
        client.ask(OPERATIONS, None, "Subscribe")
        client.app.apply([placed(5)])
        assert len(client.ask(OPERATIONS, {"limit": 10}, "PullEvents")["events"]) == 1
        client.ask("mutation { unsetEventListeners(input: {objectType: Order}) { eventListeners { objectType } } }")
        assert client.ask(OPERATIONS, {"limit": 10}, "PullEvents")["events"] == []
        client.token = "other"
        assert client.ask("{ eventListeners { objectType } events { id } }") == {"eventListeners": [], "events": []}


@pytest.mark.req("DAG-2")
def test_dates_come_in_the_format_that_is_asked_for() -> None:
    query = r'{ orders { createdAt(format: "U") day: createdAt(format: "Y-m-d \\a\\t H:i") } }'
    with sandbox([customer(1), placed(5, at=datetime(2024, 7, 1, 22, 30, tzinfo=UTC))]) as client:
        (order,) = client.ask(query)["orders"]
        summer = client.order(5)["createdAt"]
    assert order == {"createdAt": "1719873000", "day": "2024-07-02 at 00:30"}
    assert summer == "2024-07-02T00:30:00+02:00"


@pytest.mark.req("REC-1")
def test_the_books_tell_what_has_happened() -> None:
    with sandbox([product(), *_returned_and_refunded()]) as client:
        state = requests.get(f"{client.url}/_sandbox/state", timeout=30).json()
    (order,), (made,) = state["orders"], state["returns"]
    assert (order["grand_total"], order["status"], order["lines"][0]["returned"]) == ("289.00", "SHIPPED", 1)
    assert (made["value"], made["refunded"], made["completed"]) == ("80.00", "80.00", True)
    assert state["customers"][0]["newsletter"] is True
    assert state["products"][0]["variants"][0]["prices"] == {"SEK": "100.00", "EUR": "10.00"}
