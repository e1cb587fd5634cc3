"""Extract: what is read when, by whom, and what a broken or repeated read leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import LeaseTakenError, PeakHoursError, UnreachableError
from retail_sync.model.reading import Page
from retail_sync.model.records import Payment, Stream
from retail_sync.stage.turns import turn
from retail_sync.stage.windows import BEGINNING
from retail_sync.steps.context import Road
from retail_sync.steps.extract import extract
from retail_sync.steps.open_run import open_run
from retail_sync.steps.requests import RunRequest

from .memory_shop import NOON, PAIR, Hands, MemoryShop, order, product, road_to, sent_back

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop() -> MemoryShop:
    return MemoryShop(Hands())


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.connection() as connection:
        return connection.execute(statement).fetchall()


def watermark(database: Database, stream: Stream) -> datetime | None:
    with database.connection() as connection:
        row = connection.execute("select until from stage.watermark where stream = %s", [stream]).fetchone()
    return row[0] if row else None


def read(road: Road, run_id: str, *streams: Stream, **request: Any) -> dict[str, Any]:
    """Open a run and extract these streams; the last one's report."""
    open_run(road, run_id, RunRequest(streams=streams, **request))
    report: dict[str, Any] = {}
    for stream in streams:
        report = extract(road, run_id, stream)
    return report


@pytest.mark.req("DAG-2")
def test_an_outage_leaves_no_gap(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    read(road, "first", "orders")
    shop.put(order("1", NOON + timedelta(hours=3)))
    shop.clock.on(days=1)
    report = read(road, "after the outage", "orders")

    first, second = shop.windows("orders")
    assert first.since == BEGINNING
    assert second.since < first.until
    assert second.until == shop.clock() - MINUTE
    assert report["new_versions"] == 1
    assert watermark(database, "orders") == second.until


@pytest.mark.req("DAG-2")
def test_a_read_that_fails_keeps_the_watermark_and_the_next_run_covers_it(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    read(road, "first", "orders")
    before = watermark(database, "orders")
    shop.put(*(order(str(number), NOON + MINUTE) for number in range(6)))
    shop.clock.on(minutes=10)
    shop.fails_after = 1
    with pytest.raises(UnreachableError):
        read(road, "broken", "orders")
    assert watermark(database, "orders") == before
    assert rows(database, "select state from road.stream_read where run_id = 'broken'") == [("failed",)]

    shop.fails_after = None
    shop.clock.on(minutes=10)
    assert read(road, "next", "orders")["extracted"] == 6


@pytest.mark.req("DAG-2")
def test_a_retry_reads_the_window_that_it_read_before(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    read(road, "run", "orders")
    shop.clock.on(hours=2)
    read(road, "later", "orders")
    reached = watermark(database, "orders")
    extract(road, "run", "orders")

    first, _, again = shop.windows("orders")
    assert again == first
    assert watermark(database, "orders") == reached


@pytest.mark.req("DAG-3")
def test_a_window_that_was_asked_for_leaves_the_watermark(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    shop.put(order("1", NOON - timedelta(days=20)))
    read(road, "first", "orders")
    before = watermark(database, "orders")
    shop.clock.on(hours=1)
    report = read(road, "asked", "orders", since=NOON - timedelta(days=30))
    night = read(road, "night", "orders", dag="history")

    assert (report["extracted"], night["extracted"]) == (1, 1)
    assert watermark(database, "orders") == before
    assert shop.windows("orders")[-1].by == "created"


@pytest.mark.req("DAG-4")
def test_a_second_pair_does_not_ask_for_what_the_first_has_just_read(database: Database, shop: MemoryShop) -> None:
    shop.put(order("1", NOON - timedelta(hours=1)))
    read(road_to(database, shop), "first", "orders")
    other = read(road_to(database, shop, pair="shop_to_other"), "second", "orders")

    assert other["state"] == "not_due"
    assert len(shop.asked) == 1


@pytest.mark.req("DAG-4")
def test_a_stream_waits_for_its_cadence(database: Database, shop: MemoryShop) -> None:
    shop.put(product("p1", NOON - timedelta(hours=1)))
    road = road_to(database, shop)
    read(road, "first", "products")
    shop.clock.on(minutes=30)
    assert read(road, "too early", "products")["state"] == "not_due"
    shop.clock.on(minutes=31)
    assert read(road, "in time", "products")["state"] == "complete"


@pytest.mark.req("DAG-2")
def test_two_at_once_the_second_is_told_to_come_back(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    open_run(road, "run", RunRequest())
    with turn(database, "shop_main", "orders"):
        with pytest.raises(LeaseTakenError):
            extract(road, "run", "orders", patience=timedelta(milliseconds=20))
        assert extract(road, "run", "customers")["state"] == "complete"
    assert extract(road, "run", "orders")["state"] == "complete"


@pytest.mark.req("DAG-3")
def test_a_stream_that_is_not_of_the_run_is_skipped(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    open_run(road, "run", RunRequest(streams=("orders",)))

    assert extract(road, "run", "customers") == {"state": "skipped"}
    assert shop.asked == []


@pytest.mark.req("ORD-3")
def test_returns_are_read_by_the_orders_that_changed_and_by_what_is_still_open(
    database: Database, shop: MemoryShop
) -> None:
    road = road_to(database, shop)
    old = NOON - timedelta(days=10)
    shop.put(*(order(number, old) for number in "12345"))
    paid = Payment(key="p3", kind="refunded", succeeded=True, amount=Decimal(200), at=old)
    shop.put(sent_back("r2", "2", old), sent_back("r3", "3", old, status="completed", refunds=(paid,)))
    shop.put(sent_back("r4", "4", NOON - timedelta(days=90)), sent_back("r5", "5", old, status="completed"))
    read(road, "first", "orders", "returns")
    assert shop.parents("returns") == []

    shop.clock.on(minutes=10)
    shop.put(order("1", old, updated_at=NOON + MINUTE), sent_back("r1", "1", old))
    report = read(road, "second", "orders", "returns")

    assert shop.parents("returns") == ["1", "2", "5"], "a return stays open until its money has gone back"
    assert report["duplicates"] == 0
    assert rows(database, "select count(*) from stage.current where stream = 'returns'") == [(5,)]


@pytest.mark.req("ORD-3")
def test_returns_of_orders_that_were_read_while_returns_could_not_be_are_read_later(
    database: Database, shop: MemoryShop
) -> None:
    road = road_to(database, shop)
    old = NOON - timedelta(days=10)
    shop.put(order("1", old))
    read(road, "first", "orders", "returns")
    shop.clock.on(minutes=10)
    shop.put(order("1", old, updated_at=NOON + MINUTE), sent_back("r1", "1", old))
    read(road, "returns fail", "orders")

    shop.clock.on(days=1)
    read(road, "next", "orders", "returns")

    assert shop.parents("returns") == ["1"]
    assert rows(database, "select key from stage.current where stream = 'returns'") == [("r1",)]


def in_peak(database: Database, shop: MemoryShop, *hours: str) -> Road:
    source = PAIR["source"]
    assert isinstance(source, dict)
    return road_to(database, shop, source=source | {"peak": {"hours": [*hours]}})


@pytest.mark.req("DAG-4")
def test_a_read_of_everything_waits_for_a_quiet_hour_and_one_of_what_changed_does_not(
    database: Database, shop: MemoryShop
) -> None:
    quiet, peak = road_to(database, shop), in_peak(database, shop, "08:00-18:00")
    assert read(peak, "first", "orders")["state"] == "deferred"
    assert shop.asked == []

    read(quiet, "in the night", "orders")
    shop.clock.on(minutes=10)
    assert read(peak, "second", "orders")["state"] == "complete"


@pytest.mark.req("DAG-4", "DAG-3")
def test_what_was_asked_for_by_its_window_waits_and_is_not_left_out(database: Database, shop: MemoryShop) -> None:
    with pytest.raises(PeakHoursError):
        read(in_peak(database, shop, "08:00-18:00"), "asked", "orders", since=NOON - timedelta(days=30))


@pytest.mark.req("DAG-4")
def test_a_history_stops_at_the_hour_at_which_the_peak_begins_and_goes_on_after_it(
    database: Database, shop: MemoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put(*(order(str(number), NOON - timedelta(hours=12, days=number)) for number in range(4)))
    road = in_peak(database, shop, "14:00-18:00")
    asked = {"since": NOON - timedelta(days=4), "dag": "history"}
    at_once = shop.extract

    def within_an_hour(*question: Any) -> Iterator[Page]:
        shop.clock.on(hours=1)
        return at_once(*question)

    monkeypatch.setattr(shop, "extract", within_an_hour)
    with pytest.raises(PeakHoursError) as caught:
        read(road, "history", "orders", **asked)

    assert caught.value.retry_at == NOON + timedelta(hours=6)
    assert rows(database, "select state from road.stream_read") == [("deferred",)]
    assert len(shop.windows("orders")) == 2
    shop.clock.on(hours=4)
    assert read(road, "history", "orders", **asked)["slots_read"] == 2
    assert rows(database, "select count(*) from stage.current") == [(4,)]
