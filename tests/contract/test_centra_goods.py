"""Centra as a source of what moves no product's time of change: stock, and who waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_sync.model.reading import Window
from retail_sync.model.records import Product, Signup
from retail_sync.sandbox.world.events import ProductWithdrawn, ShopEvent, StockAwaited, StockChanged

from .centra_shop import NOON, customer, product
from .test_centra_source import ALL_READS, EVERYTHING, TOKEN, Shop, keys, opened, records

LATER = NOON + timedelta(hours=5)
HOUR = Window(LATER - timedelta(minutes=30), LATER + timedelta(minutes=30))
PAST: list[ShopEvent] = [
    customer(1),
    product(),
    product(product_id=8, number="P8", variants=()),
    StockChanged(at=NOON + timedelta(hours=1), variant_id=71, stock=9),
    StockChanged(at=LATER, variant_id=72, stock=4),
    StockChanged(at=LATER, variant_id=72, stock=2),
    StockAwaited(at=NOON, variant_id=72, email="person1@mail.test"),
]


def changed(shop: Shop, *, stock_feed: bool = True) -> list[Product]:
    return records(shop.source(stock_feed=stock_feed).extract("products", HOUR))


@pytest.mark.req("CAT-1", "DAG-5")
def test_a_product_of_which_only_the_stock_changed_is_read_once() -> None:
    with opened(PAST) as shop:
        (found,) = changed(shop)
        assert {one.key: one.stock for one in found.variants} == {"71": 9, "72": 2, "73": 5}
        assert changed(shop, stock_feed=False) == []


@pytest.mark.req("CAT-1", "OPS-3")
def test_where_changes_of_stock_can_not_be_asked_for_products_are_read_all_the_same() -> None:
    tokens = [{"value": TOKEN, "permissions": sorted(ALL_READS)}]
    with opened(PAST, tokens=tokens) as shop:
        assert changed(shop) == []
        (finding,) = [one for one in shop.source().check() if one.subject == "stock"]
        assert not finding.ok
        assert "StockChange:read" in f"{finding.detail} {finding.fix}"
    with opened(PAST, stock_by_date=False) as shop:
        assert changed(shop) == []
        (finding,) = [one for one in shop.source().check() if one.subject == "stock"]
        assert finding.ok
        assert "catalogue run" in finding.detail


@pytest.mark.req("CAT-1")
def test_products_can_be_asked_for_by_key_and_who_has_left_does_not_come() -> None:
    with opened([*PAST, ProductWithdrawn(at=LATER, product_id=8)]) as shop:
        pages = list(shop.source().extract("products", None, ["7", "8"]))
        assert pages, "that it was answered tells that the other is gone"
        assert keys(records(iter(pages))) == ["7"]


@pytest.mark.req("CAT-1")
def test_sign_ups_are_told_from_subscriptions_to_the_newsletter() -> None:
    with opened(PAST) as shop:
        assert len(shop.control.state()["newsletter_subscriptions"]) == 1
        found: list[Signup] = records(shop.source(stock_signups=True).extract("signups", EVERYTHING))
        assert [(one.email, one.variant_keys, one.active) for one in found] == [("person1@mail.test", ("72",), True)]
        assert "signups" not in shop.source().streams
