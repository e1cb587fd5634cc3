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
        assert has_unjudged(connection, "again", pair=PAIR.pair, account="shop_main") is unjudged
