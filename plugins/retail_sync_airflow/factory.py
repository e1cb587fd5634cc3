"""The DAG factory: every pair file becomes the pair's DAGs. A new pair of known systems is one file and no code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow.sdk import DAG, CronDataIntervalTimetable, CronTriggerTimetable, get_parsing_context

from retail_sync.errors import ConfigurationError
from retail_sync.pairs import files
from retail_sync.pairs.config import Pair
from retail_sync.pairs.overlaps import overlaps
from retail_sync.steps.open_run import streams_of
from retail_sync.steps.requests import Dag

from .alarms import FailureMail
from .form import form
from .operators.chain import add_tasks
from .retries import retries

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of DAG that every pair has.

    Attributes:
        kind: What its runs are, in the words of `retail_sync.steps`.
        suffix: What follows the pair's name in its id.
        slots: Whether its runs stand for intervals, so that it can be backfilled by them.
        says: What the UI says of it.
    """

    kind: Dag
    suffix: str
    slots: bool
    says: str


SORTS = (
    Sort("live", "", False, "What changed since the last run, to the destination."),
    Sort("consent", "__consent", False, "Who left at the destination, back to the source."),
    Sort("history", "__history", True, "Orders by day of creation, read again; the door for backfills."),
)


def dags() -> dict[str, DAG]:
    """The DAGs of every good pair file, by id; in a task, only its own."""
    wanted = get_parsing_context().dag_id
    if wanted is not None:
        name, sort = _parts(wanted)
        return {wanted: build(files.find(name), sort)}
    return {dag.dag_id: dag for _, built in _buildings() if not isinstance(built, str) for dag in built}


def broken() -> list[str]:
    """What is wrong with pair files, each of which is left out of `dags` without harm to the others."""
    good, unread = files.read_all()
    unbuilt = [f"{pair.pair}.yaml: {built}" for pair, built in _buildings() if isinstance(built, str)]
    return [item.error for item in unread] + unbuilt + overlaps(good)


def build(pair: Pair, sort: Sort) -> DAG:
    """One DAG of a pair.

    Raises:
        ConfigurationError: Its schedule can't be.
    """
    dag = DAG(
        dag_id=f"{pair.pair}{sort.suffix}",
        description=sort.says,
        doc_md=_about(pair, sort),
        schedule=_timetable(pair, sort),
        start_date=_BEGINNING,
        catchup=False,
        max_active_runs=1,
        default_args=retries(),
        on_failure_callback=[FailureMail(pair.pair)],
        tags=["retail-sync", pair.source.system, pair.destination.system],
    )
    add_tasks(dag, pair, sort.kind)
    # After the tasks: each of them would be given a copy, which nothing needs and which costs more than the task.
    dag.params = _form(pair, sort)
    return dag
