"""Opening a run: the window is decided once, and a changed pair file makes records due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError, StopError
from retail_sync.steps.context import Road
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.requests import RunRequest, read_request
from retail_sync.steps.runs import read_run

from .memory_shop import NOON, Hands, MemoryShop, road_to


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.connection() as connection:
        return connection.execute(statement).fetchall()


def accept(database: Database, *keys: str) -> None:
    with database.connection() as connection:
        connection.cursor().executemany(
            """
            insert into people.accepted (pair, stream, key, version_id, change_seq, run_id)
            values ('shop_to_list', 'orders', %s, 1, 1, 'earlier')
            """,
            [[key] for key in keys],
        )


@pytest.mark.req("DAG-2")
def test_a_clear_keeps_the_window_and_the_place_in_time(database: Database) -> None:
    clock = Hands()
    road = road_to(database, MemoryShop(clock))
    request = RunRequest(since=NOON - timedelta(days=3), streams=("orders",))
    open_run(road, "run", request)
    first = read_run(database, "run")

    clock.on(hours=5)
    report = open_run(road, "run", request)

    assert report["opened_before"]
    assert read_run(database, "run") == first
    assert first.window_until == NOON


@pytest.mark.req("DAG-3")
def test_a_clear_with_another_request_takes_the_new_window(database: Database) -> None:
    clock = Hands()
    road = road_to(database, MemoryShop(clock))
    open_run(road, "run", RunRequest(since=NOON - timedelta(days=3)))
    clock.on(hours=5)
    open_run(road, "run", RunRequest(since=NOON - timedelta(days=9), streams=("orders",)))

    run = read_run(database, "run")
    assert (run.window_since, run.window_until) == (NOON - timedelta(days=9), clock())
    assert run.streams == ["orders"]


@pytest.mark.req("DAG-3")
def test_what_each_way_of_starting_reads(database: Database) -> None:
    road = road_to(database, MemoryShop(Hands()))
    open_run(road, "live", RunRequest(trigger="scheduled"))
    open_run(road, "history", RunRequest(dag="history", trigger="scheduled"))
    slot = RunRequest(dag="history", trigger="backfill", since=NOON - timedelta(days=2), until=NOON - timedelta(days=1))
    open_run(road, "slot", slot)

    live, history, backfill = (read_run(database, name) for name in ("live", "history", "slot"))
    assert (live.window_since, live.window_until, live.lane) == (None, None, "live")
    assert live.streams == ["customers", "products", "orders", "returns"]
    assert (history.window_since, history.window_until) == (NOON - timedelta(days=30), NOON)
    assert (history.window_by, history.lane) == ("created", "history")
    assert history.streams == ["customers", "orders", "returns"]
    assert (backfill.window_since, backfill.window_until) == (slot.since, slot.until)


@pytest.mark.req("OPS-5")
def test_a_changed_pair_file_makes_every_accepted_record_due_once(database: Database) -> None:
    shop = MemoryShop(Hands())
    accept(database, "o1", "o2")
    open_run(road_to(database, shop), "first", RunRequest())
    assert rows(database, "select key from road.due") == []

    changed = road_to(database, shop, segments={"vip_from": "5000"})
    shop.clock.on(minutes=5)
    assert open_run(changed, "second", RunRequest())["recheck"] == "pair_file"
    assert rows(database, "select key, reason from road.due order by 1") == [("o1", "pair_file"), ("o2", "pair_file")]

    shop.clock.on(minutes=5)
    assert open_run(changed, "third", RunRequest())["recheck"] is None


@pytest.mark.req("OPS-5", "DAG-2")
def test_a_run_that_is_cleared_after_its_pair_file_was_mended_makes_every_accepted_record_due(
    database: Database,
) -> None:
    shop = MemoryShop(Hands())
    accept(database, "o1")
    for run_id in ("first", "failed"):
        open_run(road_to(database, shop), run_id, RunRequest())
        shop.clock.on(minutes=5)
    mended = road_to(database, shop, segments={"vip_from": "5000"})

    assert open_run(mended, "failed", RunRequest())["recheck"] == "pair_file"
    assert rows(database, "select key, due_at <= opened_at from road.due, road.run where run_id = 'failed'") == [
        ("o1", True)
    ]
    with database.connection() as connection:
        connection.execute("delete from road.due")
    assert open_run(mended, "next", RunRequest())["recheck"] is None
    assert open_run(mended, "first", RunRequest())["recheck"] is None
    assert rows(database, "select key from road.due") == []


@pytest.mark.req("OPS-5")
def test_a_dry_run_of_an_edited_pair_file_leaves_nothing_due(database: Database) -> None:
    shop = MemoryShop(Hands())
    accept(database, "o1")
    open_run(road_to(database, shop), "first", RunRequest())
    edited = road_to(database, shop, segments={"vip_from": "5000"})

    assert open_run(edited, "dry", RunRequest(dry_run=True))["recheck"] == "pair_file"
    assert rows(database, "select key from road.due") == []
    assert open_run(road_to(database, shop), "next", RunRequest())["recheck"] is None


@pytest.mark.req("OPS-5")
def test_a_new_schedule_makes_nothing_due(database: Database) -> None:
    shop = MemoryShop(Hands())
    open_run(road_to(database, shop), "first", RunRequest())
    moved = road_to(database, shop, schedule={"live": "*/10 * * * *"}, owners={"finance": ["finance@shop.test"]})

    assert open_run(moved, "second", RunRequest())["recheck"] is None


@pytest.mark.req("DAG-3")
def test_a_full_refresh_makes_what_was_set_aside_due_too(database: Database) -> None:
    accept(database, "o1")
    with database.connection() as connection:
        connection.execute(
            """
            insert into quality.quarantine
                (pair, account, stream, key, rule, effect, owner, version_id, change_seq, run_id, opened_at, seen_at)
            values ('shop_to_list', 'shop_main', 'orders', 'o9', 'email', 'hold_record', 'cx', 1, 1, 'r', now(), now())
            """
        )
    open_run(road_to(database, MemoryShop(Hands())), "run", RunRequest(full_refresh=True))

    due = rows(database, "select key, reason from road.due order by 1")
    assert due == [("o1", "full_refresh"), ("o9", "full_refresh")]


@pytest.mark.req("DAG-3")
@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"windows": 1}, "windows"),
        ({"streams": ["baskets"]}, "streams"),
        ({"since": "2026-05-02T00:00Z", "until": "2026-05-01T00:00Z"}, "since must be before until"),
    ],
)
def test_a_wrong_form_is_refused_by_name(content: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        read_request(content)


@pytest.mark.req("DAG-3")
def test_times_without_an_offset_are_utc() -> None:
    request = read_request({"since": "2026-05-01T12:00:00", "until": "2026-05-01T15:00:00+02:00"})

    assert request.since == NOON
    assert request.until == NOON + timedelta(hours=1)


@pytest.mark.req("DAG-2")
def test_a_step_of_a_run_that_was_never_opened_says_so(database: Database) -> None:
    with pytest.raises(StopError, match="never opened"):
        perform(road_to(database, MemoryShop(Hands())), "nobody", "seal", lambda *_: {})


@pytest.mark.req("DAG-2", "DAG-6")
def test_a_run_that_is_opened_again_forgets_workers_that_the_pair_no_longer_has(database: Database) -> None:
    road = road_to(database, MemoryShop(Hands()))
    open_run(road, "run", RunRequest())
    with pytest.raises(RuntimeError):
        perform(road, "run", "load:1", fail)
    open_run(road, "run", RunRequest())
    assert rows(database, "select step from road.step where run_id = 'run'") == [("open_run",)]


def fail(_road: Road, _run_id: str) -> dict[str, Any]:
    raise RuntimeError
