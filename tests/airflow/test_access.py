"""Who may see what: somebody who may read one pair sees nothing of another on any page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from retail_sync.db.database import Database

from .airflow_process import AirflowProcess
from .pair_files import PAIR, write_pair

OTHER = "second_shop"
ELSEWHERE = {"account": "second_audience", "settings": {"audience": "0d4f7a2b6c", "store": "second-shop"}}
NOW = datetime(2026, 3, 2, tzinfo=UTC)
RUN = """
    insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, opened_at)
    values (%(pair)s || '/r1', %(pair)s, 'live', 'live', 'manual', '{orders}', '', %(at)s)
"""
EXCEPTION = """
    insert into exceptions.entry (pair, subject, record, cause, owner, next_step, run_id, opened_at, seen_at)
    values (%(pair)s, 'consent.by_hand', 'customer of ' || %(pair)s, 'It left.', 'cx', 'Take it off.', 'r', %(at)s,
            %(at)s)
"""
PAGE = "insert into quality.page values (%s, 'text/html', %s, %s)"


@pytest.fixture
def ann(airflow: AirflowProcess, database: Database, tmp_path: Path) -> Any:
    """Asks for pages as somebody who may read one pair; both have run, and something waits for a person in each."""
    write_pair(tmp_path / "pairs", OTHER, destination=ELSEWHERE)
    with database.connection() as connection:
        for pair in (PAIR, OTHER):
            connection.execute(RUN, {"pair": pair, "at": NOW})
            connection.execute(EXCEPTION, {"pair": pair, "at": NOW})
            for path in (f"validations/{pair}-orders/r1/x.html", f"expectations/{pair}-orders.html"):
                connection.execute(PAGE, [path, f"of {pair}".encode(), NOW])
        connection.execute(PAGE, ["index.html", f"of {PAIR} and {OTHER}".encode(), NOW])

    def visit(*paths: str) -> dict[str, list[Any]]:
        answers: dict[str, list[Any]] = airflow.ask("visit", paths=paths, reads=[PAIR], dags=[PAIR, OTHER])
        return answers

    return visit


def pages_of(pair: str) -> list[str]:
    """Every page that tells of one pair."""
    return [
        f"/exceptions?pair={pair}",
        f"/leavings/{pair}.csv",
        f"/runs/{pair}/r1",
        f"/docs/validations/{pair}-orders/r1/x.html",
        f"/docs/expectations/{pair}-orders.html",
    ]


@pytest.mark.req("QUA-2", "SEC-1")
def test_who_may_read_one_pair_gets_its_pages_and_none_of_another(ann: Any) -> None:
    found = ann(*pages_of(PAIR), *pages_of(OTHER))
    assert {path: found[path][0] for path in pages_of(PAIR)} == dict.fromkeys(pages_of(PAIR), 200)
    assert {path: found[path][0] for path in pages_of(OTHER)} == dict.fromkeys(pages_of(OTHER), 403)
    assert not [path for path in pages_of(OTHER) if "customer" in found[path][1]]


@pytest.mark.req("QUA-2", "SEC-1")
def test_pages_of_all_pairs_show_those_that_a_reader_may_read(ann: Any) -> None:
    found = ann("/", "/exceptions", "/docs/index.html")
    for path in ("/", "/exceptions"):
        status, text, _ = found[path]
        assert (status, PAIR in text, OTHER in text) == (200, True, False), path
    assert f"customer of {PAIR}" in found["/exceptions"][1]
    assert found["/docs/index.html"][0] == 302, "the engine's own index names every pair"
    assert found["/docs/index.html"][2] == "/"


@pytest.mark.req("OPS-1")
def test_the_page_shows_the_number_by_which_an_exception_is_closed(ann: Any, database: Database) -> None:
    with database.connection() as connection:
        row = connection.execute("select exception_id from exceptions.entry where pair = %s", [PAIR]).fetchone()
    assert row is not None
    assert f'<td class="number">{row[0]}</td>' in ann("/exceptions")["/exceptions"][1]
