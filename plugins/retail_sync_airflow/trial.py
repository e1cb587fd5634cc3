"""A run of a DAG in this process, without scheduler and workers: what the demo and the tests use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .factory import dags


def run_here(dag_id: str, conf: dict[str, Any] | None = None, logical_date: datetime | None = None) -> Any:
    """Run a pair's DAG whole, by Airflow's `dag.test`; its run when it has ended.

    Without its deadline, which nobody would look at: Airflow 3.3.2 looks for the deadlines of such a run by a key that
    they only get when a scheduler knows the DAG, and fails at the end of every run that went well.

    Args:
        dag_id: The DAG.
        conf: What is entered in its form.
        logical_date: Its logical date; None as of a run by hand.
    """
    dag = dags()[dag_id]
    dag.deadline = None
    return dag.test(logical_date=logical_date, run_conf=conf)
