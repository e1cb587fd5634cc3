"""The data-quality site: whole, offline, free of addresses, pruned, published by one at a time."""

from __future__ import annotations

import posixpath
import re
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pytest

from retail_sync.db.database import Database
from retail_sync.db.leases import lease
from retail_sync.quality import docs, results
from retail_sync.quality.catalogue import rules_by_stream, rules_of
from retail_sync.quality.evidence import Batch, judge
from retail_sync.quality.offline import asset, make_offline

from .quality_rows import NOON, PAIR, POISONED, seal

RULES = rules_by_stream(rules_of(PAIR))
LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*["']?([^"'\s>]*)""", re.DOTALL)


def run(database: Database, run_id: str, minute: int = 0) -> None:
    """A run with two streams, judged and not yet published."""
    with database.connection() as connection:
        for stream in ("orders", "products"):
            seal(connection, stream, POISONED[stream], run_id=run_id)
    rows = {"orders": len(POISONED["orders"]), "products": len(POISONED["products"])}
    judge(database, Batch(run_id, PAIR.pair, RULES, rows, NOON + timedelta(minutes=minute)))  # type: ignore[arg-type]


def site(database: Database) -> dict[str, str]:
    with database.connection() as connection:
        rows = connection.execute("select path, body from quality.page").fetchall()
    return {path: bytes(body).decode() for path, body in rows}


@pytest.mark.req("QUA-2", "SEC-1")
def test_the_site_is_whole_offline_and_free_of_addresses(database: Database) -> None:
    run(database, "<img src=x onerror=alert(1)>profiling")
    docs.publish(database, "test")
    pages = site(database)
    assert {PurePosixPath(path).parts[0] for path in pages} == {"index.html", "expectations", "validations"}
    assert len(pages) == 5
    for path, html in pages.items():
        for address in LOADED.findall(html):
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
            assert asset(there) is not None, f"{path} loads {address}"
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", html)
        assert "newsletter" not in html
        assert "great-expectations-web-assets" not in html
        assert "<img src=x" not in html
        assert "@post" not in html.lower()
    index = pages["index.html"]
    for path in pages.keys() - {"index.html"}:
        assert path in index, f"the index does not lead to {path}"


@pytest.mark.req("QUA-2")
def test_pages_tell_rules_and_counts(database: Database) -> None:
    run(database, "r1")
    docs.publish(database, "test")
    (page,) = (html for path, html in site(database).items() if path.startswith("validations/") and "orders" in path)
    assert "[order_tracking_url · hold_event] A parcel that was sent" in page
    assert "2 unexpected values found" in page


@pytest.mark.req("QUA-2")
def test_nothing_new_builds_nothing_and_news_builds_only_itself(database: Database) -> None:
    assert docs.publish(database, "test") == 0
    run(database, "r1")
    assert docs.publish(database, "test") == 5
    assert docs.publish(database, "test") == 0
    run(database, "r2", minute=1)
    before = site(database)
    assert docs.publish(database, "test") == 5, "two results, two suites and the index"
    after = site(database)
    assert all(after[path] == html for path, html in before.items() if path.startswith("validations/"))
    assert len(after) == 7
    assert after["index.html"].count("/r1/") == after["index.html"].count("/r2/") > 0


@pytest.mark.req("QUA-2")
def test_old_results_go_with_their_pages(database: Database) -> None:
    for minute in range(3):
        run(database, f"r{minute}", minute)
    docs.publish(database, "test", kept=2)
    with database.connection() as connection:
        assert {key[1] for key in results.keys(connection)} == {"r2"}
    run(database, "r9", 9)
    docs.publish(database, "test", kept=2)
    assert {path.split("/")[2] for path in site(database) if path.startswith("validations/")} == {"r9"}


RESULT = "insert into quality.validation_result (key, run_id, body, at) values (%s, %s, '{}', %s)"
STOPPED = """
    with run as (
        insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, opened_at)
        values ('night', 'busy', 'live', 'live', 'scheduled', '{}', '', %(at)s) returning run_id)
    insert into road.step (run_id, step, state, started_at) select run_id, 'validate', 'failed', %(at)s from run
"""


@pytest.mark.req("QUA-2")
def test_what_stopped_in_the_night_and_what_a_quiet_pair_did_outlive_a_busy_one(database: Database) -> None:
    now = datetime.now(UTC)
    with database.connection() as connection:
        connection.execute(STOPPED, {"at": now})
        connection.execute(RESULT, [["quiet-orders", "q"], "q", now - timedelta(days=90)])
        connection.execute(RESULT, [["busy-orders", "night"], "night", now - timedelta(hours=9)])
        for minute in range(50):
            connection.execute(RESULT, [["busy-orders", f"b{minute}"], "b", now - timedelta(minutes=minute)])
        assert results.prune(connection, 10) == 42
        left = {key[1] for key in results.keys(connection)}
    assert left == {"q", "night", *(f"b{minute}" for minute in range(8))}


@pytest.mark.req("QUA-2")
def test_only_one_publishes(database: Database) -> None:
    run(database, "r1")
    with lease(database, "quality/docs", "another", timedelta(minutes=1)):
        assert docs.publish(database, "test") == 0
    assert docs.publish(database, "test") == 5


@pytest.mark.req("QUA-2")
def test_a_page_is_served_from_the_database(database: Database) -> None:
    run(database, "r1")
    docs.publish(database, "test")
    with database.connection() as connection:
        found = docs.page(connection, "index.html")
        assert docs.page(connection, "nowhere.html") is None
    assert found is not None
    assert found[0].startswith("text/html")


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "path", ["static/vendor/../catalogue.py", "/etc/passwd", "static/vendor", "static/vendor/nothing.js", ""]
)
def test_only_assets_are_assets(path: str) -> None:
    assert asset(path) is None


def test_what_is_not_known_is_dropped_rather_than_fetched() -> None:
    html = '<script src="https://elsewhere.test/new.js"></script><img src="//beacon.test/x.png"/><b>stays</b>'
    assert make_offline(html, "a/b.html") == "<b>stays</b>"
