"""Runs that failed: an exception for each sort of run whose newest did, until one of the sort ends well.

However often a run of a sort fails, its owners are told once. What kept a run from its own books, and what its books
can't know of a task that was killed, is noted by whoever Airflow calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import gather, settle

from .requests import Dag

#: First part of the subjects that are opened and closed here.
FAMILY = "run"

LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.notice.' || %(pair)s, 0))"

# Of each sort of run the newest that has ended, or that is ending now. A step that still runs when its run ends was
# killed; what was never begun stands in the run's report.
RUNS = """
    insert into wrong
    select 'run.failed', ended.dag || ' run',
           case when ended.unopened is not null then 'It could not be opened: ' || ended.unopened
                when failed.state = 'running' then 'Step ' || failed.step || ' was killed, or its worker was; its log '
                                                   || 'ends where that was.'
                when failed.state = 'failed'
                then 'Step ' || failed.step || ' failed'
                     || coalesce(': ' || nullif(failed.report ->> 'why', ''),
                                 ': ' || nullif(failed.report ->> 'error', '') || '; its log says more.', '.')
                else 'Step ' || coalesce(ended.report -> 'undone' ->> 0, 'close_run')
                     || ' did not begin: its worker was killed, or the log of its task says why.' end,
           'operations',
           'Mend the cause, then clear the step with what follows: nothing that was sent is sent again. The run is '
               || ended.run_id || '.'
      from (select distinct on (dag) *
              from (select run_id, dag, state, report, opened_at as at, null as unopened
                      from road.run
                     where pair = %(pair)s and not dry_run and (state <> 'open' or run_id = %(run_id)s)
                     union all
                    select run_id, dag, 'failed', null, failed_at, why
                      from road.unopened
                     where pair = %(pair)s) as known
             order by dag, at desc, run_id desc) as ended
      left join lateral (
           select step, state, report from road.step
            where step.run_id = ended.run_id and state in ('failed', 'running') and step <> 'close_run'
            order by started_at
            limit 1) as failed on true
     where failed.step is not null or ended.state = 'failed'
"""

_NOTE_UNOPENED = """
    insert into road.unopened (run_id, pair, dag, failed_at, why)
    select %(run_id)s, %(pair)s, %(dag)s, %(now)s, %(why)s
     where not exists (select from road.run where run_id = %(run_id)s)
        on conflict (run_id) do update set failed_at = excluded.failed_at, why = excluded.why
"""
# It has been opened by now, or another of its sort has.
_OPENED = """
    delete from road.unopened
     using road.run
     where unopened.pair = %(pair)s
       and (run.run_id = unopened.run_id
            or (run.pair = unopened.pair and run.dag = unopened.dag and run.opened_at > unopened.failed_at))
"""
# Its last step was killed too, so that nobody has closed it.
_CLOSE = """
    update road.run set state = 'failed', closed_at = %(now)s where run_id = %(run_id)s and state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Failed:
    """A run that Airflow calls failed.

    Attributes:
        pair: Whose run it is.
        dag: Its sort.
        run_id: Its name in the books.
        why: Why it can't have been opened, if it has no books.
    """

    pair: str
    dag: Dag
    run_id: str
    why: str


def note_failed(database: Database, failed: Failed, now: datetime) -> None:
    """Put into the books that a run has failed, and open the exception if none is open for its sort.

    Args:
        database: The product's database.
        failed: The run.
        now: The time (aware UTC).
    """
    given = {"pair": failed.pair, "dag": failed.dag, "run_id": failed.run_id, "why": failed.why, "now": now}
    with database.connection() as connection:
        connection.execute(LOCK, given)
        connection.execute(_NOTE_UNOPENED, given)
        connection.execute(_CLOSE, given)
        gather(connection)
        gather_failed_runs(connection, given)
        settle(connection, failed.pair, (FAMILY,), run_id=failed.run_id, now=now)


def gather_failed_runs(connection: Connection[Any], given: dict[str, Any]) -> None:
    """Put among what is wrong each sort of run of a pair whose newest failed.

    Args:
        connection: In whose transaction `wrong` is gathered.
        given: `pair`, and as `run_id` the run that is ending now.
    """
    connection.execute(_OPENED, given)
    connection.execute(RUNS, given)
