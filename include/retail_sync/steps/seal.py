"""Freezing what a run works on."""

from __future__ import annotations

from retail_sync.db.crash import crash_point
from retail_sync.stage.seal import Sealing, analyze_stage, analyze_work
from retail_sync.stage.seal import seal as freeze

from .context import Road
from .parcels import follow_held_parcels
from .perform import Report
from .runs import Run, read_run
from .terms import terms_of

#: From so many keys on the planner is given figures at once, instead of when the server comes round to it.
_MANY = 5_000

# What a finished step has built upon must not move under it.
_BUILT_UPON = """
    select exists (select from road.step
                    where run_id = %s and step in ('validate', 'plan', 'load', 'reconcile') and state = 'done')
       and (select sealed from road.run where run_id = %s)
"""
_READ = "select coalesce(sum(extracted), 0) from road.stream_read where run_id = %s"
_SIZES = "select stream, count(*) from road.work where run_id = %s group by stream"


def seal(road: Road, run_id: str) -> Report:
    """Pin every key that the run must look at to a version, and copy the columns that rules judge.

    Sealing again gives the newest versions, unless a later step of the run has finished: then what was sealed stays.

    Returns:
        The number of keys per stream, whether an earlier seal was kept, and how many orders got tracking URLs that they
        had waited for, if any did.
    """
    run = read_run(road.database, run_id)
    with road.database.connection() as connection:
        row = connection.execute(_BUILT_UPON, [run_id, run_id]).fetchone()
        if row and row[0]:
            sizes = dict(connection.execute(_SIZES, [run_id]).fetchall())
            return {"work": {stream: sizes.get(stream, 0) for stream in run.streams}, "kept": True}
    _prepare(road, run)
    followed = follow_held_parcels(road, run)
    terms = terms_of(road, run.opened_at)
    with road.database.connection() as connection:
        sealed = freeze(connection, _sealing(road, run), terms)
        crash_point("seal.before_commit")
    crash_point("seal.after_commit")
    if sum(sealed.values()) >= _MANY:
        with road.database.connection(autocommit=True) as connection:
            analyze_work(connection, run.streams)
    return {"work": dict(sealed), "kept": False, **({"parcels_followed": followed} if followed else {})}


def _prepare(road: Road, run: Run) -> None:
    """A planner that still takes the stage to be empty joins many rows one by one."""
    with road.database.connection(autocommit=True) as connection:
        row = connection.execute(_READ, [run.run_id]).fetchone()
        if row and row[0] >= _MANY:
            analyze_stage(connection)


def _sealing(road: Road, run: Run) -> Sealing:
    return Sealing(
        run_id=run.run_id,
        pair=run.pair,
        dag=run.dag,
        lane=run.lane,
        account=road.pair.source.account,
        streams=tuple(run.streams),
        recheck=run.recheck if run.dry_run else None,
        at=run.opened_at,
    )
