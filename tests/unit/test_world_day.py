"""The shop lives on from its events alone: what was planned comes due once, and of every kind of news there is some."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.sandbox.world.day import day
from retail_sync.sandbox.world.events import (
    ContactLeft,
    CustomerKnown,
    LineCancelled,
    NewsletterChanged,
    OrderConfirmed,
    OrderPlaced,
    Refunded,
    ReturnCompleted,
    ReturnMade,
    Shipped,
    ShopEvent,
    StockChanged,
    TimeSkipped,
)
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.state import World

UNTIL = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def past() -> list[ShopEvent]:
    return list(history(1, until=UNTIL))


def test_a_day_brings_every_kind_of_news(past: list[ShopEvent]) -> None:
    told = list(day(World.read(past), UNTIL + A_DAY, start=UNTIL))
    kinds = {type(event) for event in told}
    assert kinds >= {
        CustomerKnown, OrderPlaced, OrderConfirmed, Shipped, LineCancelled, ReturnMade, Refunded, ContactLeft,
        NewsletterChanged, StockChanged,
    }  # fmt: skip
    refunds = [event for event in told if isinstance(event, Refunded)]
    assert {refund.return_id is None for refund in refunds} == {True, False}
    changes = [event.subscribed for event in told if isinstance(event, NewsletterChanged)]
    assert set(changes) == {True, False}


def test_a_day_keeps_to_its_hours_and_its_order(past: list[ShopEvent]) -> None:
    times = [event.at for event in day(World.read(past), UNTIL + A_DAY, start=UNTIL)]
    assert times == sorted(times)
    assert times[0] > UNTIL
    assert times[-1] <= UNTIL + A_DAY


def test_the_same_day_is_lived_from_the_same_events(past: list[ShopEvent]) -> None:
    kept = World()
    list(history(1, until=UNTIL, world=kept))
    lived = list(day(kept, UNTIL + A_DAY, start=UNTIL))
    again = World.read(past)
    assert list(day(again, UNTIL + A_DAY, start=UNTIL)) == lived
    assert again == kept
    assert list(day(World.read(past), UNTIL + A_DAY, start=UNTIL, seed=9)) != lived


def test_the_number_of_news_can_be_asked_for(past: list[ShopEvent]) -> None:
    told = list(day(World.read(past), UNTIL + A_DAY, start=UNTIL, orders=40, customers=10))
    assert sum(isinstance(event, OrderPlaced) for event in told) == 40
    known = {event.customer_id for event in past if isinstance(event, CustomerKnown)}
    fresh = {event.customer_id for event in told if isinstance(event, CustomerKnown)} - known
    assert len(fresh) >= 10


def lives_of(events: list[ShopEvent]) -> Counter[tuple[str, int, int]]:
    """How often each thing that may happen once did happen."""
    happened: Counter[tuple[str, int, int]] = Counter()
    for event in events:
        match event:
            case Shipped():
                happened["parcel", event.number, event.parcel] += 1
            case OrderConfirmed():
                happened["confirmed", event.number, 0] += 1
            case ReturnMade() | ReturnCompleted():
                happened[type(event).__name__, event.return_id, 0] += 1
            case Refunded():
                happened["refund", event.number, 0] += 1
            case ContactLeft():
                happened[event.email, 0, 0] += 1
    return happened


def test_what_happens_once_happens_once_over_many_days(past: list[ShopEvent]) -> None:
    world, told = World.read(past), list(past)
    for number in range(40):
        told += day(world, UNTIL + A_DAY * (number + 1), start=UNTIL + A_DAY * number)
    assert set(lives_of(told).values()) == {1}


def test_parcels_never_hold_what_was_cancelled(past: list[ShopEvent]) -> None:
    world, told = World.read(past), list(past)
    for number in range(15):
        told += day(world, UNTIL + A_DAY * (number + 1), start=UNTIL + A_DAY * number)
    left = {line.line_id: line.quantity for event in told if isinstance(event, OrderPlaced) for line in event.lines}
    for event in told:
        if isinstance(event, LineCancelled):
            left[event.line_id] -= event.quantity
        if isinstance(event, Shipped):
            for line in event.lines:
                left[line.line_id] -= line.quantity
    assert min(left.values()) == 0


def test_a_day_can_happen_in_a_minute_and_plans_come_due_for_it(past: list[ShopEvent]) -> None:
    world, told = World.read(past), list(past)
    minute = timedelta(minutes=1)
    for number in range(8):
        news = list(day(world, UNTIL + minute * (number + 1), start=UNTIL + minute * number, span=A_DAY))
        assert UNTIL + minute * number < news[0].at
        assert news[-1].at <= UNTIL + minute * (number + 1)
        assert isinstance(news[-1], TimeSkipped)
        told += news
    placed = {event.number for event in told[len(past) :] if isinstance(event, OrderPlaced)}
    sent = {event.number for event in told if isinstance(event, Shipped)}
    assert len(placed & sent) > len(placed) / 2
    assert set(lives_of(told).values()) == {1}
    assert World.read(told) == world


def test_a_shop_does_not_go_back_in_time(past: list[ShopEvent]) -> None:
    with pytest.raises(ConfigurationError, match="already"):
        list(day(World.read(past), UNTIL - A_DAY))


def test_only_the_invented_shop_lives_on() -> None:
    with pytest.raises(ConfigurationError, match="invented"):
        list(day(World(), UNTIL))
