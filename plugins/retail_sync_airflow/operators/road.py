"""The operators: one for each step of the road, each a few lines around `retail_sync.steps`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.steps.context import Road
    from retail_sync.steps.requests import Dag

#: How soon a task comes again that found another worker at the same work.
COME_AGAIN = timedelta(seconds=20)


class RoadOperator(BaseOperator):
    """A step of a pair's run.

    Args:
        pair: The pair's name.
        step: The step as `retail_sync.steps` names it, such as `plan` or `extract:orders`.
    """

    ui_color = "#e8f0fe"

    def __init__(self, *, pair: str, step: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.pair = pair
        self.step = step

    def execute(self, context: Context) -> dict[str, Any]:
        """Do the step; return its report, without any record's content."""
        from retail_sync.steps.perform import perform
        from retail_sync.steps.registry import function_of

        run_id = name_of_run(context)
        with rescheduled():
            report = perform(self.road(), run_id, self.step, function_of(self.step))
        return without_content(report)

    def road(self) -> Road:
        """The pair, ready to be worked on, with Airflow's connections."""
        from retail_sync.steps.context import open_road
        from retail_sync_airflow.hooks.connections import airflow_connections
        from retail_sync_airflow.hooks.database import RetailSyncDbHook

        return open_road(self.pair, airflow_connections, RetailSyncDbHook().dsn())


class OpenRunOperator(RoadOperator):
    """Decides the window of a run, once."""

    def __init__(self, *, pair: str, dag_kind: Dag, **arguments: Any) -> None:
        super().__init__(pair=pair, step="open_run", **arguments)
        self.dag_kind = dag_kind

    def execute(self, context: Context) -> dict[str, Any]:
        """Open the run that Airflow has started, or open it again after a clear."""
        from retail_sync.steps.open_run import open_run
        from retail_sync.steps.perform import note
        from retail_sync_airflow.request import request_from

        road, run_id = self.road(), name_of_run(context)
        report = open_run(road, run_id, request_from(context, self.dag_kind))
        note(road, run_id, self.step, "done", report)
        return report


class CloseRunOperator(RoadOperator):
    """Writes the run's report. Runs whatever happened before, and fails if anything before it did."""

    def __init__(self, *, pair: str, **arguments: Any) -> None:
        super().__init__(pair=pair, step="close_run", **arguments)

    def execute(self, context: Context) -> dict[str, Any]:
        """Close the run."""
        from retail_sync.errors import StopError

        report = super().execute(context)
        if report["state"] == "failed":
            raise StopError(
                f"these steps did not end well: {', '.join(report['undone'])}",
                record=f"run {name_of_run(context)}",
                fix="Look at the first of them, mend the cause and clear it with what follows.",
            )
        return {key: report[key] for key in ("state", "streams", "outbox", "reconciliation", "people")}


def name_of_run(context: Context) -> str:
    """A run's name in the product's books: Airflow's run ids are only unique within a DAG."""
    run = context["dag_run"]
    return f"{run.dag_id}/{run.run_id}"


def without_content(report: dict[str, Any]) -> dict[str, Any]:
    """A report as Airflow may keep it: a dry run's rows hold addresses and stay in the product's own database."""
    return {key: value for key, value in report.items() if key != "rows"}


class rescheduled:  # noqa: N801 - reads as what it does
    """Turns `LeaseTakenError`, and a vendor's own word of when to come again, into Airflow's reschedule."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from airflow.sdk.exceptions import AirflowRescheduleException

        from retail_sync.errors import LeaseTakenError, WaitError

        soon = datetime.now(UTC) + COME_AGAIN
        if isinstance(error, LeaseTakenError) or (isinstance(error, WaitError) and error.retry_at is not None):
            at = max(soon, error.retry_at or soon)
            raise AirflowRescheduleException(at) from error  # type: ignore[no-untyped-call]
