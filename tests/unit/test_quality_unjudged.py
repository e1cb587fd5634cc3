"""What was judged when it was new and is merely read again needs no new evidence."""

from __future__ import annotations

import pytest

from retail_sync.db.database import Database
from retail_sync.people.accept import accept
from retail_sync.people.scope import Scope
from retail_sync.quality.quarantine import apply_verdicts
from retail_sync.quality.verdicts import has_unjudged

from .road_rows import NOON, PAIR, line, order, sealed

_READ_AGAIN = """
    insert into road.work (run_id, stream, key, version_id, change_seq, reason)
    select 'again', stream, key, version_id, change_seq, %s from road.work where run_id = 'first'
"""
_JUDGED_AGAIN = """
    insert into quality.verdict (run_id, stream, key, rule, effect)
    select 'again', stream, key, rule, effect from quality.verdict where run_id = 'first'
"""


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(("reason", "unjudged"), [("read", False), ("due: pair_file", True)])
@pytest.mark.parametrize("verdicts", [{}, {"o7": "hold_record"}])
def test_a_version_is_judged_once_unless_there_is_a_reason(
    database: Database, reason: str, unjudged: bool, verdicts: dict[str, str]
) -> None:
    with database.connection() as connection:
        sealed(connection, "first", [order("7", "asa@mail.test", line("l1", "100"))], verdicts=verdicts)
        assert has_unjudged(connection, "first", pair=PAIR.pair, account="shop_main")
        apply_verdicts(connection, "first", PAIR, NOON)
        accept(connection, Scope(PAIR, "first", NOON))
        connection.execute(_READ_AGAIN, [reason])
        connection.execute(_JUDGED_AGAIN)
        assert has_unjudged(connection, "again", pair=PAIR.pair, account="shop_main") is unjudged


@pytest.mark.req("QUA-1")
def test_a_row_of_which_something_else_is_found_now_has_its_evidence(database: Database) -> None:
    with database.connection() as connection:
        sealed(connection, "first", [order("7", "asa@mail.test", line("l1", "100"))], verdicts={"o7": "hold_record"})
        apply_verdicts(connection, "first", PAIR, NOON)
        accept(connection, Scope(PAIR, "first", NOON))
        connection.execute(_READ_AGAIN, ["read"])
        assert has_unjudged(connection, "again", pair=PAIR.pair, account="shop_main"), "it passes now"
        connection.execute("delete from quality.quarantine")
        connection.execute(_JUDGED_AGAIN)
        assert has_unjudged(connection, "again", pair=PAIR.pair, account="shop_main"), "it fails now"
