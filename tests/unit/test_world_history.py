"""The invented shop: the same seed tells the same story, its money adds up, the hard cases are in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from retail_sync.sandbox.kit import decode_events, encode_events
from retail_sync.sandbox.world.events import (
    CustomerKnown,
    LineCancelled,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    PaymentCaptured,
    ProductListed,
    Refunded,
    ReturnCompleted,
    ReturnMade,
    Shipped,
    ShopEvent,
)
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.state import World

UNTIL = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def past() -> list[ShopEvent]:
    return list(history(1, until=UNTIL))


@pytest.fixture(scope="module")
def orders(past: list[ShopEvent]) -> dict[int, OrderPlaced]:
    return {event.number: event for event in past if isinstance(event, OrderPlaced)}


def paid(order: OrderPlaced) -> Decimal:
    goods = sum((line.unit_price * line.quantity for line in order.lines), Decimal(0))
    return goods + order.shipping - order.discount


def test_the_same_seed_tells_the_same_story(past: list[ShopEvent]) -> None:
    assert list(history(1, until=UNTIL)) == past
    assert list(history(2, until=UNTIL)) != past


def test_there_are_as_many_customers_and_orders_as_asked_for(
    past: list[ShopEvent], orders: dict[int, OrderPlaced]
) -> None:
    assert len({event.customer_id for event in past if isinstance(event, CustomerKnown)}) == 2000
    assert len(orders) == 5000


@pytest.mark.parametrize(("customers", "bought"), [(10, 30), (30, 10), (5, 5), (4, 0)])
def test_small_shops_work_too(customers: int, bought: int) -> None:
    events = list(history(7, customers, bought, until=UNTIL))
    assert sum(isinstance(event, OrderPlaced) for event in events) == bought
    assert len({event.customer_id for event in events if isinstance(event, CustomerKnown)}) == customers


def test_events_come_in_the_order_of_time_and_end_in_time(past: list[ShopEvent]) -> None:
    times = [event.at for event in past]
    assert times == sorted(times)
    assert times[-1] <= UNTIL
    assert UNTIL - times[-1] < timedelta(days=1)


def test_events_survive_being_sent_as_json(past: list[ShopEvent]) -> None:
    assert decode_events(encode_events(past)) == past


def test_nothing_is_named_before_it_is_known(past: list[ShopEvent]) -> None:
    customers: set[int] = set()
    variants: set[int] = set()
    seen: set[int] = set()
    for event in past:
        match event:
            case ProductListed():
                variants.update(one.variant_id for one in event.variants)
            case CustomerKnown():
                customers.add(event.customer_id)
            case OrderPlaced():
                assert event.customer_id in customers
                assert {line.variant_id for line in event.lines} <= variants
                seen.add(event.number)
            case Shipped() | Refunded() | ReturnMade() | OrderConfirmed() | LineCancelled():
                assert event.number in seen


def test_amounts_have_two_decimals_and_nobody_owes_less_than_nothing(orders: dict[int, OrderPlaced]) -> None:
    for order in orders.values():
        amounts = [order.shipping, order.discount, *(line.unit_price for line in order.lines)]
        assert all(amount == amount.quantize(Decimal("0.01")) and amount >= 0 for amount in amounts)
        assert paid(order) > 0
        assert all(line.unit_price <= line.list_price for line in order.lines)


def test_nobody_gets_back_more_than_was_paid(past: list[ShopEvent], orders: dict[int, OrderPlaced]) -> None:
    back: defaultdict[int, Decimal] = defaultdict(Decimal)
    for event in past:
        if isinstance(event, Refunded):
            back[event.number] += event.amount
        if isinstance(event, LineCancelled):
            line = next(one for one in orders[event.number].lines if one.line_id == event.line_id)
            back[event.number] += line.unit_price * event.quantity
    assert len(back) > 500
    assert all(0 < amount <= paid(orders[number]) for number, amount in back.items())


def test_parcels_and_returns_hold_only_what_is_there(past: list[ShopEvent], orders: dict[int, OrderPlaced]) -> None:
    left = {(order.number, line.line_id): line.quantity for order in orders.values() for line in order.lines}
    sent: Counter[tuple[int, int]] = Counter()
    for event in past:
        match event:
            case LineCancelled():
                left[event.number, event.line_id] -= event.quantity
            case Shipped():
                sent.update({(event.number, line.line_id): line.quantity for line in event.lines})
            case ReturnMade():
                assert all(line.quantity <= sent[event.number, line.line_id] for line in event.lines)
    assert all(quantity <= left[line] for line, quantity in sent.items())


def test_a_return_comes_after_its_parcel_and_its_refund_after_it(past: list[ShopEvent]) -> None:
    sent: set[int] = set()
    returns: set[int] = set()
    completed: set[int] = set()
    for event in past:
        match event:
            case Shipped():
                sent.add(event.number)
            case ReturnMade():
                assert event.number in sent
                returns.add(event.return_id)
                if event.completed:
                    completed.add(event.return_id)
            case ReturnCompleted():
                assert event.return_id in returns
                completed.add(event.return_id)
            case Refunded(return_id=int()):
                assert event.return_id in completed


def test_the_hard_cases_are_there(past: list[ShopEvent], orders: dict[int, OrderPlaced]) -> None:
    customers = {event.customer_id: event for event in past if isinstance(event, CustomerKnown)}
    addresses = Counter(customer.email.lower() for customer in customers.values())
    parcels = [event for event in past if isinstance(event, Shipped)]
    refunds = [event for event in past if isinstance(event, Refunded)]
    confirmed = {event.number for event in past if isinstance(event, OrderConfirmed)}
    captured = {event.number for event in past if isinstance(event, PaymentCaptured)}
    found = {
        "one address twice": sum(number > 1 for number in addresses.values()),
        "an address in capitals": sum(customer.email != customer.email.lower() for customer in customers.values()),
        "an address that is none": sum(not email.endswith(".test") or "@@" in email for email in addresses),
        "an emoji": sum(any(ord(sign) > 0xFFFF for sign in customer.first_name) for customer in customers.values()),
        "an apostrophe": sum("'" in customer.last_name for customer in customers.values()),
        "wholesale": sum(order.store_type == "WHOLESALE" for order in orders.values()),
        "marketplace": sum(order.affiliate in {"zalando", "amazon"} for order in orders.values()),
        "a gift card": sum(any(line.gift_card for line in order.lines) for order in orders.values()),
        "a voucher": sum(order.voucher is not None for order in orders.values()),
        "never confirmed": len(orders.keys() - confirmed),
        "never captured": sum(not order.captured and order.number not in captured for order in orders.values()),
        "a split shipment": sum(not parcel.last for parcel in parcels),
        "an unknown carrier": sum(parcel.carrier == "Cykelbudet" for parcel in parcels),
        "a letter": sum(parcel.tracking_number is None for parcel in parcels),
        "a refund without a return": sum(refund.return_id is None for refund in refunds),
        "cancelled": sum(isinstance(event, OrderCancelled) for event in past),
    }
    assert [case for case, number in found.items() if number < 3] == []
    assert len({order.market for order in orders.values()}) == 6
    assert len({order.rate for order in orders.values() if order.currency == "EUR"}) > 50


def test_the_world_can_be_read_from_its_events() -> None:
    kept = World()
    told = list(history(5, 100, 300, until=UNTIL, world=kept))
    assert World.read(told) == kept
