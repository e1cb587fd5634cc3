from __future__ import annotations

import psycopg
import pytest

from retail_sync.db.database import Database
from retail_sync.db.migrations import migrate


def test_work_is_committed_at_a_clean_end_and_undone_by_an_error(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("create table kept (n int)")
    with pytest.raises(psycopg.errors.DivisionByZero), database.connection() as connection:
        connection.execute("create table lost (n int); select 1 / 0")
    with database.connection() as connection:
        assert connection.execute("select to_regclass('kept'), to_regclass('lost')").fetchone() == ("kept", None)


def test_options_hold_for_one_piece_of_work_only(database: Database) -> None:
    query = "select current_setting('retail_sync.run_id', true)"
    with database.connection(options={"retail_sync.run_id": "r1"}) as connection:
        assert connection.execute(query).fetchone() == ("r1",)
    with database.connection() as connection:
        assert connection.execute(query).fetchone() in [("",), (None,)]
        assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_a_migrated_database_needs_no_migration(dsn: str) -> None:
    assert migrate(dsn) == []
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select version_num from schema_version").fetchone() == ("0001",)
