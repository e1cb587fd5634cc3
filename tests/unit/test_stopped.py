"""Pairs that have stopped: their owners are told, whatever it is that keeps them from running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.exceptions import acts
from retail_sync.exceptions.announcements import Announcement
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.pairs.config import Pair
from retail_sync.steps.announce import announce
from retail_sync.steps.close_run import close_run
from retail_sync.steps.context import Road
from retail_sync.steps.failed_runs import Failed, note_failed
from retail_sync.steps.open_run import open_run
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.stopped import addressed, watch_files
from retail_sync.steps.upkeep import watch

from .memory_shop import NOON, PAIR, Hands, MemoryShop, road_to

CLOCK = Hands()
STEP = "insert into road.step (run_id, step, state, started_at) values (%s, %s, 'running', %s)"
BEGUN = """
    insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, state, opened_at)
    values (%s, 'shop_to_list', %s, 'live', 'scheduled', '{}', '', 'closed', %s)
"""


def put(folder: Path, name: str, **changes: Any) -> Path:
    """Write a pair file that is right but for the changes, for operations of its own name."""
    path = folder / f"{name}.yaml"
    owners = {"operations": [f"{name.replace('_', '-')}@shop.test"]}
    path.write_text(yaml.safe_dump({**PAIR, "pair": name, "owners": owners, **changes}), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one pair file."""
    monkeypatch.setenv("RETAIL_SYNC_PAIRS", str(tmp_path))
    put(tmp_path, "shop_to_list")
    return tmp_path


@pytest.fixture
def road(database: Database, folder: Path) -> Road:
    """The pair of that file."""
    return road_to(database, MemoryShop(Hands()), owners={"operations": ["operations@shop.test"]})


def stopped(database: Database) -> list[tuple[str, str]]:
    """What has stopped, and which addresses are written to about it."""
    sent: list[Announcement] = []
    for desk in watch_files(database, CLOCK):
        announce(desk, sent.append)
    with database.connection() as connection:
        assert {one.subject for one in entries(connection)} <= {"stopped.file"}
        return [(one.subject, ", ".join(one.to)) for one in sent]


def found(database: Database) -> list[Entry]:
    with database.connection() as connection:
        return entries(connection)


@pytest.mark.req("DAG-7", "DAG-1")
def test_a_pair_whose_file_breaks_is_told_to_whom_it_named_until_it_is_mended(database: Database, folder: Path) -> None:
    assert stopped(database) == []
    (folder / "shop_to_list.yaml").write_text("pair: [torn", encoding="utf-8")
    assert stopped(database) == [("[shop_to_list] stopped: shop_to_list.yaml", "shop-to-list@shop.test")]
    (entry,) = found(database)
    assert "nothing of it runs: shop_to_list.yaml: is no YAML" in entry.cause
    assert stopped(database) == []

    put(folder, "shop_to_list")
    assert stopped(database) == []
    assert found(database) == []


@pytest.mark.req("DAG-7", "DAG-1")
def test_a_pair_whose_file_was_never_right_is_told_to_who_looks_after_the_others(
    database: Database, folder: Path
) -> None:
    put(folder, "new_shop", chanels=[])
    assert stopped(database) == [("[new_shop] stopped: new_shop.yaml", "shop-to-list@shop.test")]


@pytest.mark.req("DAG-7", "OPS-1")
def test_a_pair_whose_file_is_gone_is_told_of_until_a_person_says_that_it_was_given_up(
    database: Database, folder: Path
) -> None:
    put(folder, "old_shop")
    stopped(database)
    (folder / "old_shop.yaml").unlink()
    assert stopped(database) == [("[old_shop] stopped: old_shop.yaml", "old-shop@shop.test")]
    (entry,) = found(database)
    with database.connection() as connection:
        acts.close(connection, acts.Word(entry.exception_id, "the shop was closed", "ann"), NOON)
    stopped(database)
    assert found(database) == []

    put(folder, "old_shop")
    stopped(database)
    (folder / "old_shop.yaml").unlink()
    assert len(stopped(database)) == 1


@pytest.mark.req("DAG-7")
def test_a_dag_that_no_longer_runs_on_its_schedule_is_late_and_one_that_never_was_switched_on_is_not(
    database: Database, road: Road
) -> None:
    clock = road.clock
    assert isinstance(clock, Hands)
    clock.on(days=3)
    assert watch(road)["open"] == 0

    with database.connection() as connection:
        connection.execute(BEGUN, ["r1", "live", clock()])
    clock.on(minutes=34)
    assert watch(road)["open"] == 0
    clock.on(minutes=2)
    assert watch(road)["open"] == 1
    (entry,) = found(database)
    assert (entry.subject, entry.record, entry.owner) == ("deadline.schedule", "live DAG", "operations")
    assert entry.cause == "Its schedule has begun no run since 2026-05-04 12:00 UTC, as if it were paused."
    assert "exceptions snooze" in entry.next_step

    clock.on(days=2)
    watch(road)
    assert {one.record for one in found(database)} == {
        f"{dag} DAG" for dag in ("live", "consent", "catalogue", "history", "audit")
    }, "those that nobody switched on beside it"
    with database.connection() as connection:
        connection.execute(BEGUN, ["r2", "live", clock()])
    watch(road)
    assert "live DAG" not in {one.record for one in found(database)}


@pytest.mark.req("DAG-7")
def test_a_dag_without_a_schedule_and_one_that_is_at_work_do_not_rest(database: Database, road: Road) -> None:
    schedule = {"consent": None, "catalogue": None, "history": None, "audit": None}
    road.pair = Pair.model_validate({**PAIR, "schedule": schedule, "deadline": {"run": {"live": "9d"}}})
    open_run(road, "shop_to_list/r1", RunRequest(trigger="scheduled"))
    assert isinstance(road.clock, Hands)
    road.clock.on(days=8)
    assert watch(road)["open"] == 0


def fail(database: Database, run_id: str, at: Hands, why: str = "the form is wrong") -> list[str]:
    """Note a run as failed; the subjects of the mails that are due then."""
    sent: list[Announcement] = []
    note_failed(database, Failed("shop_to_list", "live", run_id, why), at())
    announce(road_to(database, MemoryShop(at), mail={"to": ["oncall@shop.test"]}), sent.append)
    return [mail.subject for mail in sent]


@pytest.mark.req("DAG-7", "OPS-1")
def test_however_often_a_pair_fails_its_owners_are_told_once_until_it_works_again(
    database: Database, road: Road
) -> None:
    clock = Hands()
    road.clock = clock
    assert fail(database, "shop_to_list/r1", clock) == ["[shop_to_list] failed: live run"]
    (entry,) = found(database)
    assert entry.cause == "It could not be opened: the form is wrong"
    assert "The run is shop_to_list/r1." in entry.next_step
    for number in range(2, 12):
        clock.on(minutes=5)
        assert fail(database, f"shop_to_list/r{number}", clock) == []

    clock.on(minutes=5)
    open_run(road, "shop_to_list/r12", RunRequest(streams=()))
    with database.connection() as connection:
        connection.execute(
            "insert into road.step (run_id, step, state, started_at) select 'shop_to_list/r12', step, 'done', now() "
            "from unnest(%s::text[]) as step",
            [["seal", "validate", "plan", "load", "reconcile"]],
        )
    assert close_run(road, "shop_to_list/r12")["state"] == "closed"
    assert found(database) == []
    clock.on(minutes=5)
    assert fail(database, "shop_to_list/r13", clock) == ["[shop_to_list] failed: live run"]


@pytest.mark.req("DAG-7")
def test_a_step_that_was_killed_is_named_as_that_and_so_is_one_that_never_began(database: Database, road: Road) -> None:
    open_run(road, "r1", RunRequest(streams=()))
    with database.connection() as connection:
        connection.execute(STEP, ["r1", "load", NOON])
    fail(database, "r1", Hands())
    (entry,) = found(database)
    assert entry.cause.startswith("Step load was killed")

    assert isinstance(road.clock, Hands)
    road.clock.on(minutes=5)
    open_run(road, "r2", RunRequest(streams=()))
    close_run(road, "r2")
    fail(database, "r2", road.clock)
    (entry,) = found(database)
    assert entry.cause.startswith("Step seal did not begin")


@pytest.mark.req("DAG-7")
def test_a_failed_run_of_a_pair_whose_file_broke_meanwhile_is_told_to_whom_it_named(
    database: Database, folder: Path
) -> None:
    watch_files(database, CLOCK)
    (folder / "shop_to_list.yaml").write_text("pair: [torn", encoding="utf-8")
    assert addressed(database, "shop_to_list").owners.operations == ["shop-to-list@shop.test"]
    with pytest.raises(ConfigurationError, match="there is no pair 'nobody'"):
        addressed(database, "nobody")


@pytest.mark.req("ID-7", "DAG-1")
def test_a_pair_that_another_would_overwrite_is_not_opened_and_names_both(
    database: Database, road: Road, folder: Path
) -> None:
    fields = {"fields": {"FNAME": {"value": "first_name"}}}
    road.pair = Pair.model_validate({**PAIR, "mapping": fields})
    open_run(road, "r1", RunRequest())

    put(folder, "second_shop", mapping=fields)
    with pytest.raises(ConfigurationError, match="shop_to_list and second_shop both fill FNAME of list_main"):
        open_run(road, "r2", RunRequest())
    open_run(road, "dry", RunRequest(dry_run=True))

    there = {"system": "list", "connection": "list", "account": "copy"}
    copied = put(folder, "second_shop", mapping=fields, destination=there)
    with pytest.raises(ConfigurationError, match="write to the same contacts of list and call them"):
        open_run(road, "r2", RunRequest())

    copied.write_text("pair: [torn", encoding="utf-8")
    open_run(road, "r2", RunRequest())


@pytest.mark.req("DAG-7")
def test_a_schedule_is_followed_in_the_time_zone_of_the_pair(database: Database, folder: Path) -> None:
    """Clocks go forward in Stockholm in the night to 29 March: a nightly run at four comes an hour sooner."""
    schedule: dict[str, str | None] = dict.fromkeys(("live", "consent", "catalogue", "history"))
    schedule |= {"timezone": "Europe/Stockholm", "audit": "0 4 * * *"}
    road = road_to(database, MemoryShop(Hands()), schedule=schedule, deadline={"run": {"audit": "1h"}})
    road.clock = Hands(NOON.replace(month=3, day=28, hour=3))
    with database.connection() as connection:
        connection.execute(BEGUN, ["r1", "audit", road.clock()])
    road.clock.on(hours=23, minutes=59)
    assert watch(road)["open"] == 0
    road.clock.on(minutes=2)
    assert watch(road)["open"] == 1
