"""What finance reconciles: both sides' totals by day, month and currency, and each order that differs, with why."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.cli.tables import write_csv
from retail_sync.reconcile.totals import OrderDifference, Sum, order_differences, stated, sums

from .beginnings import Beginnings
from .breaks import change_order
from .mailchimp_shop import PAIR, MailchimpShop
from .shop import NOON
from .tales import came_back, customer, order, paid_back, product

pytestmark = pytest.mark.usefixtures("sql_alone")
DAY = NOON.date()


@pytest.fixture
def sold(shop: MailchimpShop, beginnings: Beginnings) -> MailchimpShop:
    """Orders of two days and two currencies, one of them partly paid back, one cancelled, one of a marketplace."""
    beginnings.begin(shop, sell)
    return shop


def sell(shop: MailchimpShop) -> None:
    first, second = NOON - timedelta(days=40), NOON - timedelta(hours=1)
    anna = customer(first, 1, "anna@mail.test")
    back = order(first, 501, anna, [(7, 2)])
    made = came_back(first + timedelta(days=1), back, 1)
    shop.tell(product(first), anna, back, made, paid_back(first + timedelta(days=2), back, "100.00", made=made))
    shop.tell(order(second, 502, anna), order(second, 503, anna, currency="EUR", rate=Decimal(11)))
    shop.tell(order(second, 504, anna, affiliate="zalando"))
    shop.sync()
    shop.pass_time(hours=1)
    shop.run(dag="audit")


def read(shop: MailchimpShop, by: Any = "day") -> list[Sum]:
    with shop.road.database.connection() as connection:
        return sums(connection, PAIR, by)


def differing(shop: MailchimpShop) -> list[OrderDifference]:
    with shop.road.database.connection() as connection:
        return order_differences(connection, PAIR)


@pytest.mark.req("ORD-7", "ORD-3")
def test_both_sides_come_to_the_same_by_day_month_and_currency(sold: MailchimpShop) -> None:
    found = read(sold)
    assert [(one.period, one.currency, one.orders, one.gross, one.reduced, one.net) for one in found] == [
        (DAY - timedelta(days=40), "SEK", 1, Decimal(249), Decimal(100), Decimal(149)),
        (DAY, "EUR", 1, Decimal(149), 0, Decimal(149)),
        (DAY, "SEK", 1, Decimal(149), 0, Decimal(149)),
    ]
    assert [(one.held, one.held_total) for one in found] == [(1, Decimal(149))] * 3
    assert {one.period for one in read(sold, "month")} == {date(2026, 1, 1), date(2026, 3, 1)}
    assert differing(sold) == []
    with sold.road.database.connection() as connection:
        figures = stated(connection, PAIR)
    assert (figures["orders"].value, figures["orders_of_customers"].value) == ("3", "3")
    assert figures["spent_by_customers"].value == "447.00"
    assert (figures["orders"].proof, figures["spent_by_customers"].proof) == ("read_back", "counted")


@pytest.mark.req("ORD-7", "OPS-1")
def test_an_order_that_differs_is_listed_with_its_reason(sold: MailchimpShop) -> None:
    change_order(502, order_total=1)(sold)
    sold.pass_time(hours=1)
    sold.run(dag="audit")
    (found,) = differing(sold)
    assert (found.record, found.net, found.held_total, found.why) == (
        "order 502",
        Decimal(149),
        Decimal(1),
        "is planned again",
    )
    sold.sync()
    sold.run(dag="audit")
    assert differing(sold) == []


@pytest.mark.req("ORD-7")
def test_finance_gets_a_table_and_a_file(sold: MailchimpShop, tmp_path: Path) -> None:
    environment = {**sold.environment(), "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    runner = CliRunner()
    shown = runner.invoke(app, ["totals", PAIR, "--by", "month", "--since", "2026-02-01"], env=environment)
    assert shown.exit_code == 0
    assert "2026-03-01" in shown.output
    assert "2026-01-01" not in shown.output
    assert "0 orders differ" in shown.output
    assert "Stated there: " in shown.output
    path = tmp_path / "totals.csv"
    assert runner.invoke(app, ["totals", PAIR, "--csv", str(path)], env=environment).exit_code == 0
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    first = rows[0]
    assert (first["period"], first["currency"], first["net"], first["total there"]) == (
        "2026-01-21", "SEK", "149.00", "149.00",
    )  # fmt: skip
    assert runner.invoke(app, ["totals", PAIR, "--by", "year"], env=environment).exit_code == 2


@pytest.mark.req("ORD-7", "SEC-1")
def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    write_csv(path, ["a", "b"], [["=1+1", Decimal("-5.00")], ["@x", None], ["\tx", "order 5"]])
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [["'=1+1", "-5.00"], ["'@x", ""], ["'\tx", "order 5"]]
