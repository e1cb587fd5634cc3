"""What is set aside, what is taken out again, and what `quality.judged` makes of each row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.quality.catalogue import rules_by_stream, rules_of
from retail_sync.quality.quarantine import apply_verdicts
from retail_sync.quality.verdicts import write_verdicts

from .quality_rows import NOON, PAIR, Row, seal

RULES = {"orders": rules_by_stream(rules_of(PAIR))["orders"]}
LATER = NOON + timedelta(hours=1)
BAD: Row = {"key": "bad", "amount_gap": 9}
MENDED: Row = {"key": "bad"}


def plan(connection: Connection[Any], run_id: str, rows: list[Row], version: int = 1) -> dict[str, int]:
    """Seal, judge and apply, as the road does."""
    seal(connection, "orders", rows, run_id=run_id, version=version)
    write_verdicts(connection, run_id, RULES)  # type: ignore[arg-type]
    return apply_verdicts(connection, run_id, PAIR, NOON if version == 1 else LATER)


def fate(connection: Connection[Any], run_id: str) -> dict[str, tuple[bool, bool, bool]]:
    """(excluded, held, hold_event) by key."""
    rows = connection.execute("select key, excluded, held, hold_event from quality.judged(%s)", [run_id]).fetchall()
    return {key: (excluded, held, event) for key, excluded, held, event in rows}


def aside(connection: Connection[Any]) -> set[tuple[str, str]]:
    return set(connection.execute("select key, rule from quality.quarantine").fetchall())


@pytest.mark.req("QUA-1", "ORD-2", "SHP-1")
def test_each_row_of_the_work_set_has_its_fate(database: Database) -> None:
    with database.connection() as connection:
        rows: list[Row] = [
            {"key": "good"},
            {"key": "twice", "times_read": 2},
            {"key": "wholesale", "channel": "wholesale", "email": None, "shipped_no_url": 1},
            {"key": "no url", "shipped_no_url": 1},
            BAD,
        ]
        assert plan(connection, "r1", rows) == {"set_aside": 3, "closed": 0}
        told = fate(connection, "r1")
        assert told["good"] == told["twice"] == (False, False, False)
        assert told["wholesale"][:2] == (True, False)
        assert told["no url"] == (False, False, True)
        assert told["bad"] == (False, True, False)
        assert aside(connection) == {
            ("wholesale", "order_wholesale"),
            ("no url", "order_tracking_url"),
            ("bad", "order_amounts"),
        }
        found = connection.execute("select owner, effect from quality.quarantine where key = 'bad'").fetchone()
        assert found == ("finance", "hold_record")


@pytest.mark.req("QUA-3", "OPS-1")
def test_a_record_that_was_mended_leaves_by_itself(database: Database) -> None:
    with database.connection() as connection:
        plan(connection, "r1", [BAD])
        assert plan(connection, "r2", [MENDED], version=2) == {"set_aside": 0, "closed": 1}
        assert aside(connection) == set()


@pytest.mark.req("QUA-3")
def test_a_record_that_stays_bad_keeps_the_time_it_was_set_aside(database: Database) -> None:
    with database.connection() as connection:
        plan(connection, "r1", [BAD])
        plan(connection, "r2", [BAD], version=2)
        times = connection.execute("select opened_at, seen_at, version_id from quality.quarantine").fetchall()
    assert times == [(NOON, LATER, 2)]


@pytest.mark.req("QUA-3")
def test_a_release_holds_for_the_version_that_a_person_saw(database: Database) -> None:
    with database.connection() as connection:
        plan(connection, "r1", [BAD])
        connection.execute("update quality.quarantine set released_at = %s, released_by = 'kim'", [NOON])
        assert fate(connection, "r1") == {"bad": (False, False, False)}
        plan(connection, "r1b", [BAD])
        assert fate(connection, "r1b") == {"bad": (False, False, False)}
        plan(connection, "r2", [BAD], version=2)
        assert fate(connection, "r2") == {"bad": (False, True, False)}
        found = connection.execute("select released_at, opened_at from quality.quarantine").fetchall()
    assert found == [(None, LATER)]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("newer", [MENDED, BAD])
def test_clearing_an_old_plan_undoes_nothing(database: Database, newer: Row) -> None:
    with database.connection() as connection:
        older = MENDED if newer is BAD else BAD
        plan(connection, "old", [older])
        plan(connection, "new", [newer], version=2)
        if newer is MENDED:
            connection.execute(
                "insert into people.accepted (pair, stream, key, version_id, change_seq, run_id)"
                " values (%s, 'orders', 'bad', 2, 2, 'new')",
                [PAIR.pair],
            )
        before = connection.execute("select * from quality.quarantine").fetchall()
        assert apply_verdicts(connection, "old", PAIR, LATER) == {"set_aside": 0, "closed": 0}
        assert connection.execute("select * from quality.quarantine").fetchall() == before
    assert len(before) == (1 if newer is BAD else 0)
