"""Validation results in Postgres: plain functions, free of Great Expectations."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where results go: which database, and for which run. No run where results are only read."""

    database: Database
    run_id: str | None = None


#: What a store is opened on. Great Expectations builds the store itself, from a configuration that it keeps and prints:
#: a DSN must not stand in there.
PLACE: ContextVar[Place] = ContextVar("place of validation results")

_SAVE = """
    insert into quality.validation_result (key, run_id, body, at)
    values (%s, %s, %s, clock_timestamp())
        on conflict (key) do update
       set run_id = excluded.run_id, body = excluded.body, at = excluded.at
"""

_KEYS = """
    select key from quality.validation_result
     where %(after)s::timestamptz is null or at > %(after)s
     order by at desc, key
"""

# First the newest of every suite, so that a busy pair leaves the others theirs; then what stopped a batch, of a month;
# then some more of every suite; then whatever is newest.
_PRUNE = """
    delete from quality.validation_result
     where key in (
           select key
             from (select key, at, row_number() over (partition by key[1] order by at desc, key) as turn,
                          at > clock_timestamp() - interval '30 days'
                          and exists (select from road.step
                                       where step.run_id = validation_result.run_id and step.step = 'validate'
                                         and step.state = 'failed') as has_stopped
                     from quality.validation_result) as ranked
            order by turn > 1, not has_stopped, least(turn, 6), at desc, key
           offset %s)
"""


def save(connection: Connection[Any], key: Sequence[str], run_id: str | None, body: str) -> None:
    """Keep a result; one under the same key is replaced."""
    connection.execute(_SAVE, [list(key), run_id, body])


def load(connection: Connection[Any], key: Sequence[str]) -> str | None:
    """The result under that key as JSON text, or None."""
    row = connection.execute("select body::text from quality.validation_result where key = %s", [list(key)]).fetchone()
    return str(row[0]) if row else None


def keys(connection: Connection[Any], after: datetime | None = None) -> list[Key]:
    """The keys of all results, or of those that came after a time (by the database's clock), the newest first."""
    rows = connection.execute(_KEYS, {"after": after}).fetchall()
    return [tuple(row[0]) for row in rows]


def remove(connection: Connection[Any], key: Sequence[str]) -> bool:
    """Forget a result; whether there was one."""
    return connection.execute("delete from quality.validation_result where key = %s", [list(key)]).rowcount > 0


def remove_run(connection: Connection[Any], run_id: str) -> None:
    """Forget every result of a run."""
    connection.execute("delete from quality.validation_result where run_id = %s", [run_id])


def prune(connection: Connection[Any], kept: int) -> int:
    """Forget all but `kept` results, the newest of every suite and those that stopped a batch last.

    Returns:
        How many went.
    """
    return connection.execute(_PRUNE, [kept]).rowcount


def newest(connection: Connection[Any]) -> datetime | None:
    """When the newest result came, by the database's clock."""
    row = connection.execute("select max(at) from quality.validation_result").fetchone()
    return row[0] if row else None
