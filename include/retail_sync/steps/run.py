"""A whole run in one process: what the command line and the tests call."""

from __future__ import annotations

from .close_run import close_run
from .context import Road
from .open_run import open_run
from .perform import Report, perform
from .registry import function_of, steps_of
from .requests import RunRequest
from .runs import read_run


def run_pair(road: Road, run_id: str, request: RunRequest | None = None) -> Report:
    """Do every step of a run in its order, and close it whatever happens.

    Args:
        road: What to work on.
        run_id: The run's name; one that was used before is done again, with the window that it had.
        request: What is asked for; nothing means whatever is due.

    Returns:
        The report of `close_run`.

    Raises:
        Whatever the first step that fails raises, after the run was closed as failed.
    """
    open_run(road, run_id, request or RunRequest())
    run = read_run(road.database, run_id)
    try:
        for step in steps_of(run.dag, run.streams, dry_run=run.dry_run):
            perform(road, run_id, step, function_of(step))
    except BaseException:
        perform(road, run_id, "close_run", close_run)
        raise
    return perform(road, run_id, "close_run", close_run)
