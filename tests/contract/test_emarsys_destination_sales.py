"""Orders as Emarsys' sales data, over real HTTP: rows that are appended once and add up to what an order is worth."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError, CredentialsError
from retail_sync.model.people import SoldOrder
from retail_sync.sandbox.host import build, running

from .destination_goods import line, person, sold
from .destination_shop import verdicts
from .emarsys_destination_shop import Shop, sales

TWO_LINES = (line("1"), line("2", 3, price="100.10"))
NET = Decimal("1347.30")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build("emarsys")) as url:
        standing = Shop(url)
        standing.stand()
        standing.send(*standing.destination.person(person()), *standing.destination.person(person(2)))
        yield standing


def two_lines(**changes: Any) -> SoldOrder:
    fields: dict[str, Any] = {"lines": TWO_LINES, "total": NET}
    return sold(**(fields | changes))


def price(shop: Shop, order: str = "1001") -> Decimal:
    return Decimal(shop.sale(order).get("price", "0"))


@pytest.mark.req("ORD-3")
def test_an_order_is_sent_once_and_adds_up_to_what_it_is_worth(shop: Shop) -> None:
    first = shop.send(*sales(shop, two_lines()))
    again = shop.send(*sales(shop, two_lines()))

    assert verdicts(first + again) == {"delivered": 2}
    assert (price(shop), shop.sale("1001")["rows"]) == (NET, 3)
    assert shop.state()["sales"]["uploads"] == 1
    row = shop.state()["sales"]["rows"][0]
    assert (row["item"], row["customer"], row["price"]) == ("SKU10S", "centra_main-1", "998.00")
    assert row["contact"] == shop.person_at("p1@mail.test")["id"]


@pytest.mark.req("ORD-3")
def test_returns_one_by_one_end_as_all_of_them_at_once(shop: Shop) -> None:
    for number in range(4):
        worth = NET - number * Decimal("100.10")
        shop.send(*sales(shop, two_lines(returned={"2": number}, refunded=NET - worth, net_total=worth)))
    one_by_one = shop.sale("1001")

    shop.send(*sales(shop, sold("2002", lines=TWO_LINES, total=NET, returned={"2": 3}, refunded=NET - worth,
                                net_total=worth)))  # fmt: skip

    assert price(shop) == price(shop, "2002") == worth
    assert one_by_one["quantity"] == shop.sale("2002")["quantity"]


@pytest.mark.req("ORD-3")
def test_another_currency_is_turned_at_the_orders_own_rate(shop: Shop) -> None:
    rate = Decimal("11.3337")
    lines = (line("1", 3, price="33.33"), line("2", 1, price="0.07"))
    euros = sold(lines=lines, currency="EUR", rate=rate, total=Decimal("105.01"))

    shop.send(*sales(shop, euros))

    assert price(shop) == (Decimal("105.01") * rate).quantize(Decimal("0.01"))


@pytest.mark.req("ID-5")
def test_an_order_that_goes_over_to_another_customer_leaves_the_first(shop: Shop) -> None:
    shop.send(*sales(shop, two_lines()))

    shop.send(*sales(shop, two_lines(who=2)))

    sums: dict[str, Decimal] = {}
    for row in shop.state()["sales"]["rows"]:
        sums[row["customer"]] = sums.get(row["customer"], Decimal(0)) + Decimal(row["price"])
    assert sums == {"centra_main-1": Decimal(0), "centra_main-2": NET}


@pytest.mark.req("QUA-1")
def test_a_refused_upload_is_tried_in_halves_and_what_is_refused_is_named(shop: Shop) -> None:
    orders = [one for number in range(4) for one in sales(shop, sold(str(number), lines=TWO_LINES, total=NET))]
    shop.control.fault("sales_rejected", times=3)

    outcomes = shop.send(*orders)

    assert verdicts(outcomes) == {"rejected": 1, "delivered": 3}
    assert {one.code for one in outcomes} == {"sales_refused", ""}
    assert len(shop.state()["sales"]["orders"]) == 3


@pytest.mark.req("OPS-3")
def test_columns_in_another_order_than_agreed_are_refused_in_words(shop: Shop) -> None:
    shop.send(*sales(shop, two_lines()))
    wrong = Shop(shop.url, sales_columns=["timestamp", "order", "customer", "item", "price", "quantity"])

    (outcome,) = wrong.send(*sales(wrong, sold("1002")))

    assert (outcome.verdict, outcome.code) == ("rejected", "sales_refused")
    assert "olumns" in outcome.words


@pytest.mark.req("SEC-1")
def test_a_refused_token_says_so_and_stays_secret(shop: Shop) -> None:
    given = shop.control.health()["connection"]["extra"]
    stranger = shop.connect(extra=given | {"sales_token": "a-secret-of-ours"})

    with pytest.raises(CredentialsError) as raised:
        list(stranger.deliver(shop.rows(sales(shop, two_lines()))))

    assert "a-secret-of-ours" not in f"{raised.value!r} {raised.value}"


@pytest.mark.req("ORD-9")
def test_what_an_order_came_by_stands_in_the_columns_that_the_pair_names() -> None:
    columns = ["order", "timestamp", "customer", "item", "price", "quantity", "s_campaign", "s_affiliate", "s_coupon"]
    worth = NET - Decimal("100.10")
    with running(build("emarsys")) as url:
        shop = Shop(url, sales_columns=columns)
        shop.stand()
        shop.send(*shop.destination.person(person()))
        shop.send(*sales(shop, two_lines(campaign="spring", affiliate="blog")))
        back = two_lines(campaign="spring", affiliate="blog", returned={"2": 1}, refunded=NET - worth, net_total=worth)
        shop.send(*sales(shop, back))
        rows = shop.state()["sales"]["rows"]

    assert len(rows) == 4
    came_by = {"s_campaign": "spring", "s_affiliate": "blog", "s_coupon": "HELLO"}
    assert [row["custom"] for row in rows] == [came_by] * 4


@pytest.mark.req("DAG-2")
def test_a_file_that_could_not_be_written_whole_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    columns = ["order", "timestamp", "customer", "item", "price", "quantity", "type"]
    with running(build("emarsys", {"sales_folder": str(tmp_path)})) as url:
        shop = Shop(url, sales="file", merchant="", sales_folder=str(tmp_path), sales_columns=columns)
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(ConfigurationError, match="No space left"):
                shop.send(*sales(shop, two_lines()))
        left = list(tmp_path.iterdir())
        outcomes = shop.send(*sales(shop, two_lines()))

    assert left == []
    assert verdicts(outcomes) == {"delivered": 1}


@pytest.mark.req("ORD-3")
def test_files_hold_whole_orders_and_replace_what_was_there(tmp_path: Path) -> None:
    columns = ["order", "timestamp", "customer", "item", "price", "quantity", "type"]
    with running(build("emarsys", {"sales_folder": str(tmp_path)})) as url:
        shop = Shop(url, sales="file", merchant="", sales_folder=str(tmp_path), sales_columns=columns)
        shop.send(*sales(shop, two_lines()))
        back = two_lines(returned={"2": 1}, refunded=Decimal("100.10"), net_total=NET - Decimal("100.10"))
        worths = []
        for now in (two_lines(), two_lines(), back, two_lines()):
            shop.send(*sales(shop, now))
            worths.append(Decimal(shop.state()["batch_loads"]["orders"]["1001"]["price"]))
        first = min(tmp_path.glob("*.csv"))
        with first.open(newline="") as file:
            types = [row["type"] for row in csv.DictReader(file)]

    assert types == ["purchase", "purchase", "purchase"]
    assert worths == [NET, NET, NET - Decimal("100.10"), NET]
    assert "sale" in shop.destination.capabilities.safe_to_repeat
