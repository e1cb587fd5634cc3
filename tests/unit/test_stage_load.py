"""Staging: versions in their order, duplicates counted, and nothing that a crash can put wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from retail_sync.db.database import Database
from retail_sync.errors import UnreachableError
from retail_sync.model.reading import Page, Window
from retail_sync.model.records import Order, Record
from retail_sync.stage import landing
from retail_sync.stage.load import load_pages
from retail_sync.stage.merge import Target
from retail_sync.stage.reads import Counts
from retail_sync.stage.windows import BEGINNING, Plan
from retail_sync.stage.withdrawn import withdraw

from .memory_shop import NOON, order, product

SECOND = timedelta(seconds=1)
EVERYTHING = Plan(Window(BEGINNING, NOON), moves_watermark=True)


def open_run(database: Database, run_id: str) -> Target:
    with database.connection() as connection:
        connection.execute(
            """
            insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, opened_at)
            values (%s, 'shop_to_list', 'live', 'live', 'manual', '{orders}', '', %s) on conflict do nothing
            """,
            [run_id, NOON],
        )
    return Target("shop_main", "orders", run_id, "live")


def stage(
    database: Database, *pages: Page, run_id: str = "run", plan: Plan = EVERYTHING, goes_back: bool = False
) -> Counts:
    target = replace(open_run(database, run_id), goes_back=goes_back)
    return load_pages(database, target, plan, iter(pages), lambda: NOON)


def page(*records: Record, at: datetime = NOON, refused: Sequence[tuple[str, str]] = (), query: str = "") -> Page:
    return Page(records, at, refused, query)


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.connection() as connection:
        return connection.execute(statement).fetchall()


def current(database: Database) -> dict[str, Any]:
    found = rows(
        database,
        "select current.key, version.doc from stage.current join stage.version using (version_id) order by 1",
    )
    return dict(found)


def watermark(database: Database) -> datetime | None:
    found = rows(database, "select until from stage.watermark where stream = 'orders'")
    return found[0][0] if found else None


@pytest.mark.req("DAG-2")
def test_a_record_comes_out_as_it_went_in(database: Database) -> None:
    odd = order("1", email='back\\slash "quoted" \t\n 😀 \\N \\.@mail.test', total=Decimal("0.10"))
    counts = stage(database, page(odd))

    assert (counts.extracted, counts.new_versions) == (1, 1)
    doc = current(database)["o1"]
    assert msgspec.convert(doc, Order, strict=False) == odd


@pytest.mark.req("QUA-1")
def test_what_postgres_cannot_keep_is_left_out_and_stops_nobody(database: Database) -> None:
    nul = order("1", email="a\0b@mail.test")
    half = order("2", email="a\ud83db@mail.test")
    literal = order("3", email="a\\u0000b@mail.test")
    stage(database, page(nul, half, literal))

    mails = {key: doc["email"] for key, doc in current(database).items()}
    assert mails == {"o1": "ab@mail.test", "o2": "ab@mail.test", "o3": "a\\u0000b@mail.test"}


@pytest.mark.req("DAG-2")
def test_reading_the_same_again_makes_no_version(database: Database) -> None:
    stage(database, page(order("1"), order("2")))
    again = stage(database, page(order("1"), order("2"), at=NOON + SECOND), run_id="again")

    assert again.new_versions == 0
    assert rows(database, "select count(*) from stage.version") == [(2,)]


@pytest.mark.req("DAG-2")
def test_an_edit_without_a_new_time_is_a_new_version(database: Database) -> None:
    stage(database, page(order("1")))
    stage(database, page(order("1", status="shipped"), at=NOON + SECOND), run_id="later")

    assert current(database)["o1"]["status"] == "shipped"


@pytest.mark.req("DAG-2")
def test_a_slow_old_page_changes_nothing(database: Database) -> None:
    stage(database, page(order("1", status="shipped"), at=NOON + SECOND))
    slow = stage(database, page(order("1"), at=NOON), run_id="slow")

    assert slow.new_versions == 0
    assert current(database)["o1"]["status"] == "shipped"


@pytest.mark.req("DAG-2")
def test_an_older_state_loses_even_in_a_newer_page(database: Database) -> None:
    stage(database, page(order("1", NOON + SECOND, status="shipped")))
    stage(database, page(order("1"), at=NOON + SECOND), run_id="stale replica")

    assert current(database)["o1"]["status"] == "shipped"


@pytest.mark.req("DAG-2", "ORD-1")
def test_where_a_source_takes_parts_back_what_was_read_later_is_newer(database: Database) -> None:
    """A despatch that was taken back takes the time with it at which the order had last changed."""
    stage(database, page(order("1", NOON + SECOND, status="shipped")), goes_back=True)
    later = stage(database, page(order("1"), at=NOON + SECOND), run_id="taken back", goes_back=True)
    slow = stage(database, page(order("1", NOON + SECOND, status="shipped")), run_id="slow", goes_back=True)

    assert (later.new_versions, slow.new_versions) == (1, 0)
    assert current(database)["o1"]["status"] == "confirmed"


@pytest.mark.req("CAT-1")
@pytest.mark.parametrize("name", ['Tablet 10"', "Shirt\nlong", "back\\slash", "Hemd grün 😀"])
def test_what_is_gone_is_noted_whatever_stands_in_it(database: Database, name: str) -> None:
    target = replace(open_run(database, "run"), stream="products")
    known = msgspec.structs.replace(product("p1"), name=name)
    load_pages(database, target, EVERYTHING, iter([page(known)]), lambda: NOON)

    assert withdraw(database, replace(target, run_id="next"), {"p1": NOON + SECOND}) == 1
    assert current(database)["p1"]["active"] is False
    assert current(database)["p1"]["name"] == name


@pytest.mark.req("DAG-2")
def test_what_was_confirmed_later_is_not_undone_by_a_page_from_in_between(database: Database) -> None:
    stage(database, page(order("1"), at=NOON))
    stage(database, page(order("1"), at=NOON + 2 * SECOND), run_id="confirms")
    stage(database, page(order("1", status="shipped"), at=NOON + SECOND), run_id="in between")

    assert current(database)["o1"]["status"] == "confirmed"


@pytest.mark.req("QUA-1")
def test_repeats_within_a_query_are_duplicates_and_the_newest_stays(database: Database) -> None:
    counts = stage(
        database,
        page(order("1", NOON - SECOND), order("1", NOON, status="shipped"), order("2"), query="window"),
        page(order("1", NOON - 2 * SECOND), query="window"),
        page(order("2"), order("3"), query="parents"),
    )

    assert (counts.extracted, counts.duplicates, counts.new_versions) == (6, 2, 3)
    assert current(database)["o1"]["status"] == "shipped"
    assert rows(database, "select key, times from road.key_read order by 1") == [("o1", 3), ("o2", 1), ("o3", 1)]


@pytest.mark.req("QUA-1")
def test_repeats_are_seen_across_chunks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "_FULL_ROWS", 1)
    counts = stage(database, page(order("1")), page(order("2")), page(order("1")))

    assert (counts.pages, counts.duplicates) == (3, 1)


@pytest.mark.req("QUA-1")
def test_what_cannot_become_canonical_is_named_until_it_can(database: Database) -> None:
    counts = stage(database, page(order("1"), refused=[("o2", "no currency")]))
    assert counts.refused == 1
    assert rows(database, "select key, reason from stage.refused") == [("o2", "no currency")]

    stage(database, page(order("2")), run_id="mended")
    assert rows(database, "select key from stage.refused") == []


@pytest.mark.req("OPS-1")
def test_a_refusal_under_a_name_of_no_record_is_forgotten_when_its_page_says_so(database: Database) -> None:
    stage(database, page(refused=[("of sale 1", "no currency"), ("of sale 2", "no currency")]))
    stage(database, replace(page(), readable=["of sale 1"]), run_id="mended")

    assert rows(database, "select key from stage.refused") == [("of sale 2",)]


@pytest.mark.req("DAG-2")
def test_changes_are_numbered_in_the_order_in_which_they_become_visible(database: Database) -> None:
    """Two loads of one account at once: no number becomes visible after a higher one has been seen."""

    def load(run_id: str) -> None:
        for number in range(15):
            stage(database, page(order(f"{run_id}{number}")), run_id=run_id)

    threads = [threading.Thread(target=load, args=[name]) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    known: set[int] = set()
    while any(thread.is_alive() for thread in threads):
        visible = {number for (number,) in rows(database, "select change_seq from stage.current")}
        late = {number for number in visible - known if known and number < max(known)}
        assert not late
        known = visible
    assert rows(database, "select count(distinct change_seq), max(change_seq) from stage.current") == [(30, 30)]


@pytest.mark.req("DAG-2")
def test_a_read_that_breaks_off_keeps_what_it_staged_and_moves_no_watermark(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "_FULL_ROWS", 1)

    def broken() -> Iterator[Page]:
        yield page(order("1"))
        yield page(order("2"))
        raise UnreachableError("the connection was cut")

    with pytest.raises(UnreachableError):
        load_pages(database, open_run(database, "run"), EVERYTHING, broken(), lambda: NOON)
    assert watermark(database) is None
    assert "o1" in current(database)

    stage(database, page(order("1")), page(order("2")))
    assert watermark(database) == NOON
    assert set(current(database)) == {"o1", "o2"}


@pytest.mark.req("DAG-2")
def test_a_window_beyond_the_sources_own_time_moves_the_watermark_up_to_that(database: Database) -> None:
    ahead = Plan(Window(BEGINNING, NOON + timedelta(hours=2)), moves_watermark=True, whole=True)
    stage(database, page(), page(order("1"), at=NOON + SECOND), plan=ahead)

    assert watermark(database) == NOON
    assert rows(database, "select whole_at from stage.watermark") == [(NOON,)]


@pytest.mark.req("DAG-2")
def test_an_empty_read_is_complete(database: Database) -> None:
    counts = stage(database)

    assert counts == Counts(0, 0, 0, 0, 0)
    assert watermark(database) == NOON
    assert rows(database, "select state from road.stream_read") == [("complete",)]


CRASHING = """
import sys
from retail_sync.db.database import Database
from retail_sync.stage import landing
from tests.unit.memory_shop import order
from tests.unit.test_stage_load import page, stage
landing._FULL_ROWS = 2
stage(Database(sys.argv[1]), *(page(order(f"{number}"), order(f"{number + 1}")) for number in range(0, 10, 2)))
"""
MOMENTS = (
    "extract.after_page:3",
    "extract.after_copy",
    "extract.before_commit:2",
    "extract.after_commit:2",
    "extract.before_watermark",
    "extract.before_last_commit",
    "extract.after_last_commit",
)


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_and_done_again_nothing_is_lost(database: Database, moment: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", CRASHING, database.dsn],
        env={**os.environ, "RETAIL_SYNC_CRASH_AT": moment},
        cwd=Path(__file__).parents[2],
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert killed.returncode == -9, killed.stderr.decode()
    assert watermark(database) == (NOON if moment == "extract.after_last_commit" else None)

    counts = stage(database, *(page(order(f"{number}"), order(f"{number + 1}")) for number in range(0, 10, 2)))

    assert (counts.extracted, counts.duplicates) == (10, 0)
    assert watermark(database) == NOON
    assert rows(database, "select count(*), count(distinct key) from stage.version") == [(10, 10)]
    assert len(current(database)) == 10
