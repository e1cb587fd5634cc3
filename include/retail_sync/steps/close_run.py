"""Closing a run: one report of all that it did, made from the books."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.db.crash import crash_point

from .context import Road
from .notice import notice
from .perform import Report
from .registry import steps_of
from .runs import Run, read_run

_STREAMS = """
    select stream,
           jsonb_build_object(
               'state', coalesce(stream_read.state, 'not_read'),
               'since', window_since, 'until', window_until,
               'extracted', coalesce(extracted, 0), 'new_versions', coalesce(new_versions, 0),
               'duplicates', coalesce(duplicates, 0), 'refused', coalesce(refused, 0),
               'work', (select count(*) from road.work where run_id = %(run_id)s and work.stream = wanted.stream))
      from unnest(%(streams)s::text[]) as wanted (stream)
      left join (select * from road.stream_read where run_id = %(run_id)s) as stream_read using (stream)
"""
_VERDICTS = """
    select stream || '.' || rule, jsonb_build_object('effect', min(effect), 'count', count(*))
      from quality.verdict
     where run_id = %(run_id)s
     group by stream, rule
     order by 1
"""
# What this run queued, by how it stands now.
_OUTBOX = """
    select kind, jsonb_object_agg(state, counted) || jsonb_build_object('queued', sum(counted))
      from (select kind, state, count(*) as counted
              from delivery.outbox
             where run_id = %(run_id)s
             group by kind, state) as by_state
     group by kind
     order by kind
"""
_FINDINGS = """
    select verdict, count(*) from reconcile.finding where run_id = %(run_id)s group by verdict
"""
_STEPS = "select step, state, report from road.step where run_id = %(run_id)s and step <> 'close_run'"
_CLOSE = """
    update road.run set state = %(state)s, closed_at = %(at)s, report = %(report)s::jsonb where run_id = %(run_id)s
"""


def close_run(road: Road, run_id: str) -> Report:
    """Write the run's report and close it. A run whose steps are not all done has failed, and says which.

    However a run ended, what waits for a person now is noticed here.

    Returns:
        The report: `state` (`closed` or `failed`), `undone` (steps that were not finished), `streams`, `verdicts`,
        `people`, `outbox` (by kind: queued, and of these delivered, rejected, held, unknown, superseded),
        `reconciliation`, `proof` (by kind, how it is known that what is called delivered stands), `exceptions` (open,
        opened, closed; none for a dry run), and every step's own report.
    """
    run = read_run(road.database, run_id)
    noticed = {} if run.dry_run else notice(road, run_id)
    crash_point("close_run.noticed")
    with road.database.connection() as connection:
        report = {**_report(connection, run), "exceptions": noticed}
        connection.execute(
            _CLOSE,
            {
                "run_id": run_id,
                "state": report["state"],
                "at": road.clock(),
                "report": msgspec.json.encode(report).decode(),
            },
        )
    return report


def _report(connection: Connection[Any], run: Run) -> Report:
    parameters = {"run_id": run.run_id, "streams": run.streams}
    steps = {step: (state, report) for step, state, report in connection.execute(_STEPS, parameters)}
    wanted = steps_of(run.dag, run.streams, dry_run=run.dry_run)
    undone = [step for step in wanted if step not in steps or steps[step][0] != "done"]
    undone += [step for step, (state, _) in steps.items() if state != "done" and step not in wanted]
    findings = {"missing": 0, "extra": 0, "different": 0} | _pairs(connection, _FINDINGS, parameters)
    return {
        "run_id": run.run_id,
        "pair": run.pair,
        "dag": run.dag,
        "dry_run": run.dry_run,
        "state": "failed" if undone else "closed",
        "undone": undone,
        "streams": _pairs(connection, _STREAMS, parameters),
        "verdicts": _pairs(connection, _VERDICTS, parameters),
        "people": _people(steps),
        "outbox": _pairs(connection, _OUTBOX, parameters),
        "reconciliation": findings,
        "proof": _proof(steps),
        "steps": {step: report for step, (_, report) in steps.items()},
    }


def _pairs(connection: Connection[Any], statement: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return dict(connection.execute(statement, parameters).fetchall())


def _proof(steps: dict[str, tuple[str, Report]]) -> dict[str, str]:
    """How each kind was proved, by the step that has compared."""
    reports = (steps[step][1] for step in ("reconcile", "audit") if step in steps)
    return next((report["proof"] for report in reports if "proof" in report), {})


def _people(steps: dict[str, tuple[str, Report]]) -> int:
    """How many people plan looked at again, by its own report."""
    _, report = steps.get("plan", ("", {}))
    people = report.get("people", 0)
    return people if isinstance(people, int) else 0
