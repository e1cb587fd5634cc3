"""`retail-sync sandbox` steers running sandboxes and says plainly what it did or why it could not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retail_sync.cli.sandbox import app as commands
from retail_sync.sandbox.host import running
from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.world.cases import all_cases, past
from retail_sync.sandbox.world.events import OrderPlaced, ShopEvent
from retail_sync.sandbox.world.history import history

INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,85123A,HEART,6,12/1/10 8:26,2.55,17850,United Kingdom
1,M,Manual,1,12/1/10 8:26,2.55,17850,United Kingdom
"""


class Books:
    """Books that count orders."""

    def __init__(self) -> None:
        self.orders = 0

    def apply(self, event: ShopEvent) -> None:
        self.orders += isinstance(event, OrderPlaced)

    def state(self) -> dict[str, Any]:
        return {"orders": self.orders}

    def reset(self) -> None:
        self.orders = 0


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, list(arguments))
    return result.exit_code, result.output


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def sandbox(books: Books) -> SandboxApp:
    return SandboxApp("books", books, [], connection=lambda url: {"host": url})


@pytest.fixture
def url(sandbox: SandboxApp) -> Iterator[str]:
    with running(sandbox) as found:
        yield found


def test_load_empties_fills_and_prints_what_was_left_out(url: str, books: Books, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(INVOICES, encoding="utf-8")
    for _ in range(2):
        code, output = call("load", str(file), "--url", url)
        assert code == 0
    assert books.orders == 1
    assert "neither product, gift card nor shipping" in output


def test_advance_lets_a_running_shop_live_on_as_news_of_now(url: str, sandbox: SandboxApp) -> None:
    before = datetime.now(UTC)
    sandbox.apply(history(1, 50, 200, until=before - timedelta(days=1)))
    known = len(sandbox.diary or [])
    code, output = call("advance", "--url", url, "--days", "1", "--orders", "9")
    assert code == 0, output
    news = (sandbox.diary or [])[known:]
    assert sum(isinstance(event, OrderPlaced) for event in news) == 9
    assert all(before - timedelta(minutes=2) < event.at <= datetime.now(UTC) for event in news)


def test_faults_are_switched_on_listed_and_cleared(url: str, sandbox: SandboxApp) -> None:
    assert call("faults", "empty_429", "--url", url, "--times", "0", "--endpoint", "member*")[0] == 0
    (fault,) = sandbox.faults.listed()
    assert (fault.fault, fault.times, fault.endpoint) == ("empty_429", None, "member*")
    assert "empty_429" in call("faults", "--url", url)[1]
    call("faults", "--url", url, "--clear")
    assert sandbox.faults.listed() == []


def test_the_faults_that_there_are_can_be_listed_and_given_what_they_need(url: str, sandbox: SandboxApp) -> None:
    assert "waits `seconds` before anything else" in call("faults", "--known", "--url", url)[1]
    code, _ = call(
        "faults", "slow", "--url", url, "--skip", "2", "--option", "page=3", "--option", "word=two", "--seconds", "0"
    )
    assert code == 0
    (fault,) = sandbox.faults.listed()
    assert (fault.skip, fault.options) == (2, {"page": 3, "word": "two"})


@pytest.mark.req("OPS-2")
def test_the_cases_are_listed_with_what_to_look_for() -> None:
    code, output = call("cases")
    assert code == 0
    assert "split-shipment: An order leaves in two parcels, hours apart." in output
    assert "split.shipment@mail.test; orders 801" in output
    assert "faults edited_while_paging --endpoint orderConnection --skip 1 --option key=2701" in output


def test_advance_lives_the_day_after_of_the_cases_once(url: str, sandbox: SandboxApp) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    sandbox.apply([*history(1, 20, 40, until=yesterday), *past(all_cases(yesterday))])
    for orders in (1, 0):
        known = len(sandbox.diary or [])
        assert call("advance", "--url", url, "--orders", "1")[0] == 0
        told = [event for event in (sandbox.diary or [])[known:] if isinstance(event, OrderPlaced)]
        assert sum(event.number == 1201 for event in told) == orders


def test_what_can_not_be_done_is_a_sentence_and_a_failure(url: str) -> None:
    code, output = call("faults", "gremlin", "--url", url)
    assert code == 1
    assert "no fault 'gremlin'" in output
    assert "Traceback" not in output
    assert call("advance", "--url", "http://127.0.0.1:9")[0] == 1
