"""One invented shop, told to two systems: an independent reader finds the same people with the same worth in both."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.world.cases import all_cases, news, past
from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.invoices import read_invoices
from retail_sync.vendors.centra.sandbox import build as build_centra
from retail_sync.vendors.fulfil.sandbox import build as build_fulfil
from tests.oracle.books.fulfil import read
from tests.oracle.shop import Known, people
from tests.oracle.terms import Json, Terms

from .fulfil_shop import LATER, customer

NOW = datetime(2026, 5, 1, tzinfo=UTC)
Worth = dict[str, tuple[Decimal, int, bool]]


def state(app: SandboxApp, events: Iterable[ShopEvent]) -> Json:
    """The sandbox's books after events, as its control endpoint gives them."""
    app.apply(events)
    books: Json = json.loads(msgspec.json.encode(app.shop.state()))
    return books


def worth(books: Json) -> Worth:
    """Everybody's net value, number of orders, and whether they are somebody to write to."""

    def of(person: Known) -> tuple[Decimal, int, bool]:
        return person.value(Terms()), len(person.counted), person.is_contact

    return {email: of(person) for email, person in people(books, Terms()).items()}


def in_both(events: list[ShopEvent], **settings: Any) -> tuple[Worth, Worth]:
    fulfil = worth(read(state(build_fulfil(settings), events)))
    return fulfil, worth(state(build_centra({}), events))


@pytest.fixture(scope="module")
def events() -> list[ShopEvent]:
    return list(history(11, customers=200, orders=500, until=NOW))


@pytest.fixture(scope="module")
def centra(events: list[ShopEvent]) -> Json:
    return state(build_centra({}), events)


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize(
    "settings",
    [{}, {"credit_notes": "credit_note"}, {"credit_names_return": False}],
    ids=["below zero", "of a type", "naming nothing"],
)
def test_a_lived_world_has_the_same_people_with_the_same_values_in_both(
    events: list[ShopEvent], centra: Json, settings: dict[str, Any]
) -> None:
    found = worth(read(state(build_fulfil(settings), events)))
    assert found == worth(centra)
    assert len(found) > 150
    assert sum(value for value, _, _ in found.values()) > 100_000


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize("settings", [{}, {"guests_share_a_party": True, "newsletter": "tag"}], ids=["own", "shared"])
def test_every_case_ends_with_the_same_values_in_both(settings: dict[str, Any]) -> None:
    cases = all_cases(NOW)
    before, after = in_both(past(cases), **settings), in_both([*past(cases), *news(cases)], **settings)
    assert before[0] == before[1]
    assert after[0] == after[1]
    assert before[0] != after[0]


INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,LANTERN,6,12/1/10 8:26,2.55,17850,United Kingdom
536365,POST,POSTAGE,1,12/1/10 8:26,18.00,17850,United Kingdom
536366,85123A,LANTERN,1000,12/1/10 8:28,1.69,17850,United Kingdom
536367,22633,WARMER,3,12/1/10 8:34,1.85,,France
C536379,85123A,LANTERN,-7,12/1/10 9:41,1.69,17850,United Kingdom
"""


@pytest.mark.req("ORD-3")
def test_real_invoices_with_returns_come_to_what_they_say(tmp_path: Path) -> None:
    """Prices without tax lose digits at 20 %: a thousand units show that none is lost for good."""
    path = tmp_path / "invoices.csv"
    path.write_text(INVOICES, encoding="utf-8")
    books = read(state(build_fulfil({"company_currency": "GBP"}), read_invoices(path).events))
    values = {email: one.value(Terms(currency="GBP")) for email, one in people(books, Terms()).items()}
    assert values == {
        "customer17850@retail.test": Decimal("15.30") + Decimal("18.00") + 993 * Decimal("1.69"),
        "guest536367@retail.test": Decimal("5.55"),
    }


@pytest.mark.req("CAT-1")
def test_both_sell_the_same_goods_from_the_same_stock(events: list[ShopEvent], centra: Json) -> None:
    assert shelves(read(state(build_fulfil({}), events))) == shelves(centra)


def shelves(books: Json) -> dict[str, tuple[str, str, str, str, int]]:
    """What is sold by SKU: product, collection, size, price and stock."""
    return {
        one["sku"]: (product["name"], product["collection"], one["size"], one["prices"]["SEK"], one["stock"])
        for product in books["products"]
        for one in product["variants"]
    }


@pytest.mark.req("CON-2")
def test_both_know_who_wants_the_newsletter(events: list[ShopEvent], centra: Json) -> None:
    assert subscribed(read(state(build_fulfil({}), events))) == subscribed(centra)


@pytest.mark.req("CON-2")
def test_an_address_that_a_subscriber_has_left_stays_subscribed_in_a_shop_and_not_in_an_erp() -> None:
    """A shop subscribes addresses, an ERP parties: who has moved is gone from the old address."""
    moving = [customer(1), customer(1, at=LATER, email="new@mail.test")]
    assert subscribed(read(state(build_fulfil({}), moving))) == {"new@mail.test"}
    assert subscribed(state(build_centra({}), moving)) == {"new@mail.test", "person1@mail.test"}


def subscribed(books: Json) -> set[str]:
    return {one["email"].lower() for one in books["newsletter_subscriptions"] if one["active"]}
