"""The pages' templates with what they must survive: hostile text, runs without a report, nothing at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import Entry
from retail_sync.operate import overview
from retail_sync.operate.foreseen import Change, foreseen
from retail_sync_airflow.ui.pages import page

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'{{ 7*7 }}"
RUN = """
    insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, state, opened_at, closed_at, report)
    values (%(run)s, 'shop', 'live', 'live', 'manual', '{orders}', 'f', %(state)s, %(at)s, %(at)s, %(report)s)
"""
STEP = """
    insert into road.step (run_id, step, state, started_at, finished_at, report)
    values (%(run)s, 'plan', 'done', %(at)s, %(at)s, %(report)s)
"""
LEDGER = """
    insert into delivery.ledger (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at)
    values ('audience', 'member:1', 'shop', 'member', '', %(payload)s, '', 1, %(at)s)
"""
REPORT = """{
    "verdicts": {"orders.order_email": {"effect": "hold_record", "count": 3}},
    "streams": {"orders": {"state": "complete", "extracted": 9, "new_versions": 8, "duplicates": 1, "refused": 0,
                           "work": 8}},
    "outbox": {"order": {"queued": 8, "delivered": 7, "rejected": 1}},
    "reconciliation": {"missing": 0, "extra": 0, "different": 2}
}"""


def shown(template: str, content: dict[str, Any]) -> str:
    request = Request({"type": "http", "root_path": "/below/retail-sync"})
    return bytes(page(request, template, content).body).decode()


def entry(**given: Any) -> Entry:
    fields = {"record": "order 1", "cause": "Why.", "next_step": "What.", "owner": "cx", "opened_at": NOON, **given}
    return Entry(exception_id=1, pair="shop", subject="rule.x", closed_at=None, **fields)


def exceptions(*entries: Entry, limit: int = 10, by_hand: list[str] | None = None) -> str:
    chosen = {"pair": "shop", "owner": "", "pairs": ["shop"], "owners": ["cx"], "limit": limit}
    return shown("exceptions.html", {**chosen, "entries": list(entries), "by_hand": by_hand or []})


@pytest.mark.req("OPS-1", "SEC-1")
def test_what_records_and_vendors_say_is_text_and_nothing_else() -> None:
    html = exceptions(entry(cause=HOSTILE, record=HOSTILE, next_step=HOSTILE))
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    assert html.count("{{ 7*7 }}") == 3


@pytest.mark.req("OPS-1")
def test_exceptions_name_record_cause_owner_and_next_step_and_are_counted_beyond_a_page() -> None:
    html = exceptions(entry(), entry(record="order 2", escalated_to="operations"), limit=1)
    assert all(word in html for word in ("order 1", "Why.", "cx", "What.", "2026-05-01 12:00", "1 more"))
    assert "order 2" not in html
    assert "Nothing is open." in exceptions()


@pytest.mark.req("QUA-2")
def test_links_stay_below_where_the_pages_are_mounted() -> None:
    html = shown("missing.html", {"why": "It is not there."})
    assert 'href="/below/retail-sync/style.css"' in html
    assert 'href="/retail-sync' not in html


@pytest.mark.req("QUA-2", "OPS-1")
def test_a_run_is_shown_with_its_report_and_without(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(RUN, {"run": "shop/r+1", "state": "closed", "at": NOON, "report": REPORT})
        connection.execute(RUN, {"run": "shop/r2", "state": "open", "at": NOON + timedelta(hours=1), "report": None})
        ended, at_work = (overview.run_of(connection, name) for name in ("shop/r+1", "shop/r2"))
        (newest,) = overview.newest_runs(connection, ["shop"])
        assert overview.newest_runs(connection, ["other"]) == []
    nothing: dict[str, Any] = {
        "steps": [],
        "validations": [],
        "judged_before": 0,
        "foreseen": [],
        "foreseen_in_all": 0,
    }
    html = shown("run.html", {"run": ended, **nothing})
    assert all(word in html for word in ("orders.order_email", "hold record", "8 queued", "7 delivered", "2 different"))
    assert "Nothing yet." not in html
    assert at_work is not None
    assert shown("run.html", {"run": at_work, **nothing})

    empty: dict[str, Any] = {"aside": [], "validations": [], "open": []}
    index = shown("index.html", {**empty, "pairs": ["shop"], "runs": [newest]})
    assert 'href="/below/retail-sync/runs/shop/r2"' in index
    assert "Every record passes." in index
    assert "There is no pair here" in shown("index.html", {**empty, "pairs": [], "runs": []})


@pytest.mark.req("DAG-3", "SEC-2")
def test_a_dry_run_shows_what_it_would_change_without_addresses(database: Database) -> None:
    member = {"pair": "shop", "kind": "member", "object_id": "member:1", "vendor_key": "anna@mail.test"}
    rows = [
        {**member, "operation": "update", "payload": {"LTV": "20", "EMAIL": "anna@mail.test"}, "waits_for": None},
        {**member, "operation": "create", "object_id": "member:2", "payload": {"LTV": "1"}, "waits_for": "approval"},
    ]
    with database.connection() as connection:
        connection.execute(RUN, {"run": "shop/r", "state": "closed", "at": NOON, "report": REPORT})
        connection.execute("update road.run set dry_run = true")
        connection.execute(STEP, {"run": "shop/r", "at": NOON, "report": json.dumps({"rows": rows})})
        connection.execute(LEDGER, {"at": NOON, "payload": json.dumps({"LTV": "10", "EMAIL": "anna@mail.test"})})
        run = overview.run_of(connection, "shop/r")
        found, in_all = foreseen(connection, "shop/r", 1)
        both, _ = foreseen(connection, "shop/r")

    assert (found, in_all) == (both[:1], 2)
    assert both[0].changes == [Change("LTV", "10", "20")]
    content = {"run": run, "steps": [], "validations": [], "judged_before": 0, "foreseen": both, "foreseen_in_all": 9}
    html = shown("run.html", content)
    assert all(word in html for word in ("member:1", "LTV", "at once", "when approved", "7 more"))
    assert "anna" not in html


@pytest.mark.req("CON-3")
def test_who_is_to_be_taken_off_by_hand_is_a_list_to_fetch() -> None:
    assert "leavings/" not in exceptions()
    assert 'href="/below/retail-sync/leavings/shop_to_list.csv"' in exceptions(by_hand=["shop_to_list"])
