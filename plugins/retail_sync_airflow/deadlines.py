"""Deadlines as Airflow keeps them: one for every run, looked at when its time has come.

Airflow only knows when a run was queued. Whether it is late, and why, stands in the product's books, which also know
when it really began, and of a run that was cleared and has its whole time again. So a deadline of Airflow's that comes
too early waits; and what Airflow has no deadline for any more is found by the upkeep DAG.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from retail_sync.pairs.config import Pair
from retail_sync.steps.deadlines import limit_of
from retail_sync.steps.requests import Dag

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OVER = {"success", "failed"}


class RunQueued(BaseDeadlineReference):
    """When a run was queued.

    Airflow's own reference of that meaning makes the clearing of a run fail while the deadline is still to come. The
    slots of a backfill have none: all are queued at once and wait for each other.
    """

    required_kwargs = frozenset({"dag_id", "run_id"})

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str, **_: Any) -> datetime | None:
        from airflow.models import DagRun
        from airflow.utils.types import DagRunType
        from sqlalchemy import select

        wanted = select(DagRun.queued_at, DagRun.run_type).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        row = session.execute(wanted).one_or_none()
        return None if row is None or row.run_type == DagRunType.BACKFILL_JOB else row.queued_at


def deadline_of(pair: Pair, dag: Dag) -> DeadlineAlert:
    """The deadline of a pair's runs of one sort.

    What is called when it comes runs in the triggerer, which still answers when every worker is taken.
    """
    return DeadlineAlert(
        reference=RunQueued(),
        interval=limit_of(pair, dag),
        callback=AsyncCallback(look_at_late_run, {"pair": pair.pair, "dag": dag}),
        name=f"{dag} run",
    )


async def look_at_late_run(pair: str, dag: Dag, context: dict[str, Any]) -> None:
    """Raise and tell what is late of a pair, now that a run of it may be; one that still has time is looked at again.

    Args:
        pair: The pair's name.
        dag: The sort of run.
        context: Airflow's: the run as its REST interface shows it.
    """
    import asyncio

    while again := await asyncio.to_thread(_look, pair, dag, context["dag_run"]):
        await asyncio.sleep(again)


def _look(pair: str, dag: Dag, run: dict[str, Any]) -> float | None:
    """Look at a run whose deadline has come; in how many seconds to look again, or None where that is all."""
    from retail_sync.steps.announce import announce
    from retail_sync.steps.context import open_road
    from retail_sync.steps.deadlines import due_at, note_unbegun
    from retail_sync.steps.upkeep import watch

    from .hooks.connections import airflow_connections
    from .hooks.database import RetailSyncDbHook
    from .mails import sender_of

    if run["state"] in _OVER:
        return None
    road = open_road(pair, airflow_connections, RetailSyncDbHook().dsn())
    name, queued_at = f"{run['dag_id']}/{run['dag_run_id']}", datetime.fromisoformat(run["queued_at"])
    with road.database.connection() as connection:
        due = due_at(connection, road.pair, dag, name) or queued_at + limit_of(road.pair, dag)
        if due > road.clock():
            return (due - road.clock()) / timedelta(seconds=1)
        note_unbegun(connection, road.pair, dag, name, queued_at)
    watch(road)
    announce(road, sender_of(road.pair))
    return None
