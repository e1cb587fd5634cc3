"""The DAG factory: every pair file becomes the pair's DAGs. A new pair of known systems is one file and no code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from airflow.sdk import DAG, CronDataIntervalTimetable, CronTriggerTimetable, Param, get_parsing_context
from airflow.sdk.definitions.param import ParamsDict

from retail_sync.pairs import files
from retail_sync.pairs.config import Pair
from retail_sync.pairs.durations import write
from retail_sync.pairs.overlaps import contradictions
from retail_sync.steps.deadlines import limit_of
from retail_sync.steps.open_run import streams_of
from retail_sync.steps.requests import Dag
from retail_sync.vendors.registry import place_of

from .alarms import FailureMail
from .deadlines import deadline_of
from .form import dry_run_form, form
from .tasks import add_tasks
from .ui.views import page_of

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of DAG that every pair has.

    Attributes:
        kind: What its runs are, in the words of `retail_sync.steps`.
        suffix: What follows the pair's name in its id.
        slots: Whether its runs stand for intervals, so that it can be backfilled by them.
        says: What the UI says of it.
        beginning: Where it begins to read if nobody says.
    """

    kind: Dag
    suffix: str
    slots: bool
    says: str
    beginning: str = ""


SORTS = (
    Sort("live", "", False, "What changed since the last run, to the destination.", "where the last run ended"),
    Sort("consent", "__consent", False, "Who left at the destination, back to the source."),
    Sort(
        "history",
        "__history",
        True,
        "Orders by day of creation, read again; the door for backfills.",
        "as many days ago as the pair file says",
    ),
    Sort("catalogue", "__catalogue", False, "Products and stock, read whole and compared there.", "the beginning"),
    Sort("audit", "__audit", False, "The destination read whole: what differs is put right or named."),
)


def dags(kind: Dag | None = None) -> dict[str, DAG]:
    """The DAGs of every good pair file, by id; in a task, only its own.

    Args:
        kind: Only the DAGs of this sort. A file for each is parsed side by side with the others.
    """
    sorts = [sort for sort in SORTS if kind in (None, sort.kind)]
    wanted = get_parsing_context().dag_id
    if wanted is None:
        pairs, _ = files.read_all()
        built = [build(pair, sort) for pair in pairs for sort in sorts]
    else:
        built = [build(files.find(name), sort) for name, sort in _meant(wanted) if sort in sorts]
    return {dag.dag_id: dag for dag in built}


def broken() -> list[str]:
    """What is wrong with pair files. One that can't be read has no DAGs; of those that overlap no run is opened."""
    good, unread = files.read_all()
    return [item.error for item in unread] + contradictions(good, place_of)


def build(pair: Pair, sort: Sort) -> DAG:
    """One DAG of a pair."""
    dag = DAG(
        dag_id=f"{pair.pair}{sort.suffix}",
        description=sort.says,
        doc_md=_about(pair, sort),
        schedule=_timetable(pair, sort),
        start_date=_BEGINNING,
        catchup=False,
        max_active_runs=1,
        on_failure_callback=[FailureMail(pair.pair, sort.kind)],
        deadline=deadline_of(pair, sort.kind),
        tags=["retail-sync", pair.source.system, pair.destination.system],
    )
    add_tasks(dag, pair, sort.kind)
    if streams := streams_of(pair, sort.kind):
        _give_form(dag, form(streams, sort.beginning))
    elif sort.kind == "audit":
        _give_form(dag, dry_run_form("Show what differs, put nothing right."))
    return dag


def _give_form(dag: DAG, fields: dict[str, Param]) -> None:
    """Give a DAG its form after its tasks, past Airflow's own setter.

    Each task would be given a copy that nothing needs, and the defaults, which are right as they stand, would be judged
    anew for every DAG: two thirds of the time that a folder of pair files takes to be parsed.
    """
    object.__setattr__(dag, "params", ParamsDict(fields))


def _meant(dag_id: str) -> list[tuple[str, Sort]]:
    """Name of the pair, and sort, of a DAG's id; nothing if it can't be one of ours."""
    name, mark, _ = dag_id.partition("__")
    return [(name, sort) for sort in SORTS if dag_id == f"{name}{sort.suffix}" and bool(mark) == bool(sort.suffix)]


def _timetable(pair: Pair, sort: Sort) -> CronDataIntervalTimetable | CronTriggerTimetable | None:
    cron: str | None = getattr(pair.schedule, sort.kind)
    if cron is None:
        return None
    timetable = CronDataIntervalTimetable if sort.slots else CronTriggerTimetable
    return timetable(cron, timezone=pair.schedule.timezone)


def _about(pair: Pair, sort: Sort) -> str:
    cron: str | None = getattr(pair.schedule, sort.kind)
    owners = "; ".join(f"{role}: {', '.join(found)}" for role, found in pair.owners if found)
    return f"""
**{pair.pair}**: {pair.description or f"{pair.source.system} to {pair.destination.system}"}

{sort.says} {f"It runs at `{cron}` ({pair.schedule.timezone})" if cron else "It is started by hand"}, and is late after
{write(limit_of(pair, sort.kind))}.

Every task may be cleared and run again at any time, alone or with what follows it: the window stays, and nothing that
the destination holds already is sent again.

Whom to ask: {owners or "nobody is named in the pair file"}.

What came of it: [data quality]({page_of("/")}), [exceptions]({page_of(f"/exceptions?pair={pair.pair}")}), and the tab
*Data quality* of every run.
"""
