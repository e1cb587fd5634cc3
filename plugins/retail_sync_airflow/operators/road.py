"""The operators: one for each step of the road, each a few lines around `retail_sync.steps`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_sync_airflow.ui.views import QualityLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.steps.context import Road
    from retail_sync.steps.requests import Dag

_BAD_ENDS = {"failed", "upstream_failed"}


class RoadOperator(BaseOperator):
    """A step of a pair's run.

    Args:
        pair: The pair's name.
        step: The step as `retail_sync.steps` names it, such as `plan` or `extract:orders`.
    """

    ui_color = "#e8f0fe"
    operator_extra_links = (QualityLink(),)

    def __init__(self, *, pair: str, step: str = "", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.pair = pair
        self.step = step

    def execute(self, context: Context) -> dict[str, Any]:
        """Do the step; return its report, without any record's content."""
        from retail_sync.steps.registry import function_of
        from retail_sync_airflow.operators.failures import told_to_airflow

        with told_to_airflow():
            return without_content(self.perform(context, self.step, function_of(self.step)))

    def perform(self, context: Context, name: str, function: Any) -> dict[str, Any]:
        """Do a function of the road, and note it in the product's books under a name."""
        from retail_sync.steps.perform import perform

        with self.road() as road:
            return perform(road, name_of_run(context), name, function)

    @contextmanager
    def road(self) -> Iterator[Road]:
        """The pair, ready to be worked on, with Airflow's connections; those to the database end with the work."""
        from retail_sync.steps.context import open_road
        from retail_sync_airflow.hooks.connections import airflow_connections
        from retail_sync_airflow.hooks.database import RetailSyncDbHook

        road = open_road(self.pair, airflow_connections, RetailSyncDbHook().dsn())
        try:
            yield road
        finally:
            road.database.close()


class OpenRunOperator(RoadOperator):
    """Decides the window of a run, once."""

    def __init__(self, *, dag_kind: Dag, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.dag_kind = dag_kind

    def execute(self, context: Context) -> dict[str, Any]:
        """Open the run that Airflow has started, or open it again after a clear."""
        from retail_sync.steps.open_run import open_run
        from retail_sync_airflow.operators.failures import told_to_airflow
        from retail_sync_airflow.request import request_from

        with told_to_airflow(), self.road() as road:
            return open_run(road, name_of_run(context), request_from(context, self.dag_kind))


class CloseRunOperator(RoadOperator):
    """Writes the run's report. Runs whatever happened before, and fails if anything before it did.

    Owners are told what waits for them. A mail that can't be sent fails no run: the upkeep DAG sends it, or fails.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Close the run."""
        from retail_sync.errors import StopError
        from retail_sync.steps.close_run import close_run
        from retail_sync_airflow.operators.failures import told_to_airflow

        with told_to_airflow():
            report = self.perform(context, "close_run", close_run)
            if not report["dry_run"]:
                self._announce()
            undone = sorted({*report["undone"], *_ended_badly(context)})
            if undone:
                raise StopError(
                    f"these steps did not end well: {', '.join(undone)}",
                    record=f"run {name_of_run(context)}",
                    fix="Look at the first of them, mend the cause and clear it with what follows.",
                )
        return {key: report[key] for key in ("state", "streams", "outbox", "reconciliation", "people")}

    def _announce(self) -> None:
        from retail_sync.errors import UnreachableError
        from retail_sync.steps.announce import announce
        from retail_sync_airflow.mails import sender_of

        try:
            with self.road() as road:
                announce(road, sender_of(road.pair))
        except UnreachableError as error:
            self.log.warning("%s", error)


def name_of_run(context: Context) -> str:
    """A run's name in the product's books: Airflow's run ids are only unique within a DAG."""
    run = context["dag_run"]
    return f"{run.dag_id}/{run.run_id}"


def without_content(report: dict[str, Any]) -> dict[str, Any]:
    """A report as Airflow may keep it: a dry run's rows hold addresses and stay in the product's own database."""
    return {key: value for key, value in report.items() if key != "rows"}


def _ended_badly(context: Context) -> set[str]:
    """Tasks that Airflow knows to have failed, which the books can't know of a task that was killed before it began."""
    run = context["dag_run"]
    states = context["ti"].get_task_states(dag_id=run.dag_id, run_ids=[run.run_id])
    return {task for task, state in states.get(run.run_id, {}).items() if state in _BAD_ENDS}
