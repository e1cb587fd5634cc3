"""Doing a step with its line in the books, whoever calls it: an operator, the command line or a test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec
import psycopg

from retail_sync.db.crash import crash_point
from retail_sync.errors import LeaseTakenError, PeakHoursError, RetailSyncError, UnreachableError

from .context import Road
from .runs import never_opened

Report: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[Road, str], Report]

# A step of a run that had ended begins it again: it was cleared.
_AGAIN = """
    update road.run set state = 'open', closed_at = null, working_since = %s where run_id = %s and state <> 'open'
"""
_START = """
    insert into road.step (run_id, step, state, started_at) values (%s, %s, 'running', %s)
        on conflict (run_id, step) do update
       set state = 'running', started_at = excluded.started_at, finished_at = null, report = '{}'
"""
_FINISH = """
    insert into road.step (run_id, step, state, started_at, finished_at, report)
    values (%(run_id)s, %(step)s, %(state)s, %(at)s, %(at)s, %(report)s::jsonb)
        on conflict (run_id, step) do update
       set state = excluded.state, finished_at = excluded.finished_at, report = excluded.report
"""


def perform(road: Road, run_id: str, step: str, function: Step) -> Report:
    """Do a step of an open run and note how it went.

    Args:
        road: What to work on.
        run_id: The run.
        step: The step's name in the books, such as `plan` or `extract:orders`.
        function: The step.

    Returns:
        Its report.

    Raises:
        StopError: The run was never opened.
        LeaseTakenError: Another worker is at it; the step is noted as deferred.
        PeakHoursError: The source must not be asked now; the step is noted as deferred. Whatever else the step raises
            is noted as failed and passes through.
    """
    _start(road, run_id, step)
    try:
        report = function(road, run_id)
    except BaseException as error:
        state = "deferred" if isinstance(error, LeaseTakenError | PeakHoursError) else "failed"
        # Where the books can't be reached either, the error that came first is the one to be seen.
        with suppress(psycopg.Error, UnreachableError):
            note(road, run_id, step, state, {"error": type(error).__name__, "why": _why(error)})
        raise
    crash_point("perform.done")
    note(road, run_id, step, "done", report)
    return report


def note(road: Road, run_id: str, step: str, state: str, report: Report) -> None:
    """Write how a step ended."""
    parameters = {
        "run_id": run_id,
        "step": step,
        "state": state,
        "at": road.clock(),
        "report": msgspec.json.encode(report).decode(),
    }
    with road.database.connection() as connection:
        connection.execute(_FINISH, parameters)


def _start(road: Road, run_id: str, step: str) -> None:
    try:
        with road.database.connection() as connection:
            connection.execute(_AGAIN, [road.clock(), run_id])
            connection.execute(_START, [run_id, step, road.clock()])
    except psycopg.errors.ForeignKeyViolation:
        raise never_opened(run_id) from None


def _why(error: BaseException) -> str:
    """Our own errors hold nothing that may not be shown; what others say may hold anything."""
    return str(error) if isinstance(error, RetailSyncError) else ""
