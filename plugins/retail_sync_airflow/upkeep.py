"""The upkeep DAG: one for all pairs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, get_parsing_context

from .alarms import UpkeepMail
from .operators.upkeep import TidyOperator, WatchOperator

NAME = "retail_sync__upkeep"
_ABOUT = """
Looks at every pair every few minutes, whether or not a run is at work:

- **watch** finds runs, orders and streams that are late, pairs that have stopped since their file can't be used, DAGs
  that don't run on their schedule, and writes to owners about what they have not been told of.
- **tidy** brings the data-quality pages up to date where a run has left that to others.

Owner: operations. It changes nothing at any source or destination, and may be run by hand at any time.
"""


def upkeep() -> DAG | None:
    """The DAG; nothing in a task of another one.

    It runs from the start, unlike those of pairs, which somebody has to switch on.
    """
    if get_parsing_context().dag_id not in (None, NAME):
        return None
    dag = DAG(
        dag_id=NAME,
        description="What is late, who has to be told, and what has to be tidied up.",
        doc_md=_ABOUT,
        schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
        start_date=datetime(2020, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        on_failure_callback=[UpkeepMail()],
        tags=["retail-sync"],
    )
    common: dict[str, Any] = {"dag": dag, "owner": "operations", "retries": 1, "retry_delay": timedelta(seconds=30)}
    WatchOperator(task_id="watch", **common)
    TidyOperator(task_id="tidy", **common)
    return dag
