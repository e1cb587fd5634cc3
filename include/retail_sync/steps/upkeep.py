"""Upkeep: what has to be looked at whether or not any run is at work."""

from __future__ import annotations

from dataclasses import asdict

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import gather, settle
from retail_sync.quality import docs

from .context import Road
from .deadlines import gather_late_runs
from .overdue import gather_overdue
from .perform import Report
from .stopped import gather_unscheduled

#: First parts of the subjects that are opened and closed here.
FAMILIES = ("deadline",)

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.watch.' || %s, 0))"


def watch(road: Road) -> Report:
    """Open an exception for every run, DAG, record and stream of the pair that is late; close those that no longer are.

    It reads the books alone and asks no vendor, so it may be called at any time, by anybody.

    Returns:
        `open`, `opened`, `closed`: how many exceptions.
    """
    now = road.clock()
    with road.database.connection() as connection:
        connection.execute(_LOCK, [road.pair.pair])
        gather(connection)
        gather_late_runs(connection, road.pair, now)
        gather_overdue(connection, road.pair, now)
        gather_unscheduled(connection, road.pair, now)
        return asdict(settle(connection, road.pair.pair, FAMILIES, run_id="upkeep", now=now))


def tidy(database: Database) -> Report:
    """Bring the data-quality site up to date where a run has left that to others; older pages go with it.

    Returns:
        `published`: how many pages.
    """
    return {"published": docs.publish(database, "upkeep")}
