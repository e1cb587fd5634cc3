"""The row of a run, as every step reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from retail_sync.db.database import Database
from retail_sync.errors import StopError
from retail_sync.model.reading import By, Lane
from retail_sync.model.records import Stream

from .requests import Dag

_READ = """
    select run_id, pair, dag, lane, trigger, window_since, window_until, window_by, streams, dry_run, full_refresh,
           recheck, opened_at
      from road.run
     where run_id = %s
"""


@dataclass(frozen=True, slots=True)
class Run:
    """An open run.

    Attributes:
        window_since: Where the window that was asked for begins; None from the beginning, or where none was asked for.
        window_until: Where it ends; None where no window was asked for.
        recheck: Why every accepted key is looked at again, or None.
        opened_at: Up to when the run reads, and up to when due keys are its business.
    """

    run_id: str
    pair: str
    dag: Dag
    lane: Lane
    trigger: str
    window_since: datetime | None
    window_until: datetime | None
    window_by: By
    streams: list[Stream]
    dry_run: bool
    full_refresh: bool
    recheck: str | None
    opened_at: datetime


def read_run(database: Database, run_id: str) -> Run:
    """The run of that id.

    Raises:
        StopError: It was never opened.
    """
    with database.connection() as connection, connection.cursor(row_factory=class_row(Run)) as cursor:
        run = cursor.execute(_READ, [run_id]).fetchone()
    if run is None:
        raise never_opened(run_id)
    return run


def never_opened(run_id: str) -> StopError:
    """The error for a step of a run that has no row."""
    return StopError("this run was never opened", record=f"run {run_id}", fix="Clear the run from open_run on.")
