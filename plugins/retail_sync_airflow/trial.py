"""A run of a DAG in this process, without scheduler and workers: what the demo and the tests use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager

from .factory import dags


def run_here(dag_id: str, conf: dict[str, Any] | None = None, logical_date: datetime | None = None) -> Any:
    """Run a pair's DAG whole, by Airflow's `dag.test`; its run when it has ended.

    Without its deadline, which nobody would look at: Airflow 3.3.2 looks for the deadlines of such a run by a key that
    they only get when a scheduler knows the DAG, and fails at the end of every run that went well.

    Airflow writes the folder's DAGs anew for each such run. It is told that one is meant, so that it does so for that
    alone: with nine pairs there are 46, and no run of one needs another.

    Args:
        dag_id: The DAG.
        conf: What is entered in its form.
        logical_date: Its logical date; None as of a run by hand.
    """
    with _airflow_parsing_context_manager(dag_id=dag_id):
        dag = dags()[dag_id]
        dag.deadline = None
        return dag.test(logical_date=logical_date, run_conf=conf)
