"""Runs that are still not done after the time that their pair file gives them, and what each of them waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.pairs.config import Pair

from .requests import Dag

# Of each sort of run the one that was begun last: an open one before it was left for good. A run whose last step waits
# for the end of peak hours is not late. What its step usually takes is the median of those that were done.
_OVERDUE = """
    select run.run_id, run.since, last.step, last.state, last.started_at, last.finished_at,
           coalesce(last.report ->> 'why', last.report ->> 'error', '') as why,
           (select percentile_cont(0.5) within group (order by usual.finished_at - usual.started_at)
              from (select step.started_at, step.finished_at
                      from road.step
                      join road.run as earlier using (run_id)
                     where earlier.pair = %(pair)s and earlier.dag = run.dag and step.step = last.step
                       and step.state = 'done'
                     order by earlier.opened_at desc
                     limit 20) as usual) as usual
      from (select distinct on (dag) run_id, dag, state, coalesce(working_since, opened_at) as since
              from road.run
             where pair = %(pair)s
             order by dag, coalesce(working_since, opened_at) desc) as run
      join unnest(%(dags)s::text[], %(limits)s::interval[]) as allowed (dag, time) using (dag)
      left join lateral (
           select * from road.step
            where step.run_id = run.run_id
            order by started_at desc, state = 'done'
            limit 1) as last on true
     where run.state = 'open' and run.since + allowed.time <= %(now)s
       and not exists (select from road.stream_read as peak
                        where peak.run_id = run.run_id and peak.state = 'deferred'
                          and last.step = 'extract:' || peak.stream)
"""

# It has begun by now, or another of its sort has, so that it was given up.
_BEGUN = """
    delete from road.unbegun
     using road.run
     where unbegun.pair = %(pair)s
       and (run.run_id = unbegun.run_id
            or (run.pair = unbegun.pair and run.dag = unbegun.dag and run.opened_at > unbegun.queued_at))
"""
_UNBEGUN = "select run_id, queued_at from road.unbegun where pair = %(pair)s"

_SINCE = "select coalesce(working_since, opened_at) from road.run where run_id = %s and state = 'open'"

_NOTE_UNBEGUN = """
    insert into road.unbegun (run_id, pair, dag, queued_at)
    select %(run_id)s, %(pair)s, %(dag)s, %(queued_at)s
     where not exists (select from road.run where run_id = %(run_id)s)
        on conflict (run_id) do nothing
"""

_WRONG = """
    insert into wrong (subject, record, cause, owner, next_step)
    values ('deadline.run', %(record)s, %(cause)s, 'operations', %(next_step)s)
"""
_NEXT_STEP = "Look at the task in Airflow and mend what it waits for. It may be cleared: nothing is sent twice."


@dataclass(frozen=True, slots=True)
class _Overdue:
    """An open run, and the last that is known of its steps."""

    run_id: str
    since: datetime
    step: str | None
    state: str | None
    started_at: datetime | None
    finished_at: datetime | None
    why: str
    usual: timedelta | None


def limit_of(pair: Pair, dag: Dag) -> timedelta:
    """How long a run of that DAG may take."""
    limit: timedelta = getattr(pair.deadline.run, dag)
    return limit


def due_at(connection: Connection[Any], pair: Pair, dag: Dag, run_id: str) -> datetime | None:
    """When a run's time is over (aware UTC); None for one that has ended or never began."""
    row = connection.execute(_SINCE, [run_id]).fetchone()
    return row[0] + limit_of(pair, dag) if row else None


def note_unbegun(connection: Connection[Any], pair: Pair, dag: Dag, run_id: str, queued_at: datetime) -> None:
    """Remember a run of which nothing had begun when its deadline came. One that has books is left to them."""
    given = {"run_id": run_id, "pair": pair.pair, "dag": dag, "queued_at": queued_at}
    connection.execute(_NOTE_UNBEGUN, given)


def gather_late_runs(connection: Connection[Any], pair: Pair, now: datetime) -> None:
    """Put the pair's late runs among what is wrong, each with its cause in words.

    A run that was cleared is counted from when it was begun again.
    """
    for record, cause in _late(connection, pair, now):
        connection.execute(_WRONG, {"record": f"run {record}", "cause": cause, "next_step": _NEXT_STEP})


def _late(connection: Connection[Any], pair: Pair, now: datetime) -> Iterator[tuple[str, str]]:
    """The late runs with their causes, which stay the same for as long as nothing else happens."""
    limits = dict(pair.deadline.run)
    given = {"pair": pair.pair, "now": now, "dags": list(limits), "limits": list(limits.values())}
    with connection.cursor(row_factory=class_row(_Overdue)) as cursor:
        overdue = cursor.execute(_OVERDUE, given).fetchall()
    for run in overdue:
        yield run.run_id, f"It has been at work since {_time(run.since)} and is not done: {_cause(run)}"
    connection.execute(_BEGUN, given)
    for run_id, queued_at in connection.execute(_UNBEGUN, given).fetchall():
        yield run_id, f"It was queued at {_time(queued_at)} and nothing of it has begun: no worker took it."


def _cause(run: _Overdue) -> str:
    if run.step is None or run.started_at is None:
        return "none of its steps has begun."
    if run.state == "running":
        usually = f" and usually takes {_length(run.usual)}" if run.usual else ""
        return f"step {run.step} has been running since {_time(run.started_at)}{usually}."
    if run.state == "deferred":
        return f"step {run.step} waits: {run.why}"
    if run.state == "failed":
        return f"step {run.step} failed and is tried again or waits for the end of the run: {run.why}"
    return f"nothing has begun since step {run.step} ended at {_time(run.finished_at or run.started_at)}."


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _length(length: timedelta) -> str:
    minutes = round(length / timedelta(minutes=1))
    return f"{minutes} min" if minutes > 1 else f"{round(length.total_seconds())} s"
