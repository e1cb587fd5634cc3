"""The cases beside the invented shop: named, numbered, the same every time, and no trouble to the shop itself."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.sandbox.kit import decode_events, encode_events
from retail_sync.sandbox.world.cases import NUMBERS, all_cases, news, past, were_told
from retail_sync.sandbox.world.day import day
from retail_sync.sandbox.world.events import CustomerKnown, OrderPlaced, Shipped
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.state import OTHERS_CUSTOMERS, OTHERS_ORDERS, World

UNTIL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CASES = all_cases(UNTIL)


@pytest.mark.req("OPS-2")
def test_every_case_can_be_found_by_its_name_its_addresses_and_its_orders() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) == len(NUMBERS)
    assert names[0] == "guest-and-account"
    for case in CASES:
        assert case.about.endswith(".")
        assert case.emails
        assert case.orders or case.name == "customer-erased"


@pytest.mark.req("OPS-2")
def test_no_two_cases_share_an_address_or_an_order() -> None:
    emails = Counter(email.lower() for case in CASES for email in {one.lower() for one in case.emails})
    orders = Counter(number for case in CASES for number in case.orders)
    assert {one for one, times in (emails + orders).items() if times > 1} == set()


def test_the_same_time_tells_the_same_cases_in_the_order_of_time() -> None:
    told = past(CASES)
    assert all_cases(UNTIL) == CASES
    assert told == sorted(told, key=lambda event: event.at)
    assert all(event.at < UNTIL for event in told)
    assert all(UNTIL < event.at < UNTIL + timedelta(days=1) for event in news(CASES))
    assert decode_events(encode_events(told)) == told


def test_cases_keep_to_their_own_numbers() -> None:
    events = [*past(CASES), *news(CASES)]
    assert {event.number for event in events if isinstance(event, OrderPlaced | Shipped)} <= set(OTHERS_ORDERS)
    assert {event.customer_id for event in events if isinstance(event, CustomerKnown)} <= set(OTHERS_CUSTOMERS)


def test_the_shop_lives_on_as_if_there_were_no_cases() -> None:
    lived = list(history(1, 40, 90, until=UNTIL, months=3))
    plain, beside = World.read(lived), World.read([*past(CASES), *lived])
    tomorrow = UNTIL + timedelta(days=1)
    assert list(day(plain, tomorrow, start=UNTIL)) == list(day(beside, tomorrow, start=UNTIL))


def test_it_is_known_what_was_told_already() -> None:
    assert were_told(past(CASES), past(CASES))
    assert not were_told(news(CASES), past(CASES))
    assert not were_told(past(CASES), history(1, 5, 5, until=UNTIL))
