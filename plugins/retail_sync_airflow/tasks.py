"""The tasks of a DAG: a chain of a pair's steps, opened first and closed whatever happened."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, TriggerRule, chain

from retail_sync.pairs.config import Pair
from retail_sync.steps.open_run import streams_of
from retail_sync.steps.registry import steps_of
from retail_sync.steps.requests import Dag

from .operators.load import LoadOperator
from .operators.road import CloseRunOperator, OpenRunOperator, RoadOperator
from .retries import retries


def add_tasks(dag: DAG, pair: Pair, kind: Dag) -> None:
    """Put the steps of a run of that kind into a DAG."""
    common = {"dag": dag, "pair": pair.pair, "owner": "operations", **retries()}
    opened = OpenRunOperator(task_id="open_run", dag_kind=kind, **common)
    steps = [_task(name, pair, common) for name in steps_of(kind, streams_of(pair, kind))]
    closed = CloseRunOperator(task_id="close_run", trigger_rule=TriggerRule.ALL_DONE, **common)
    chain(opened, *steps, closed)


def _task(step: str, pair: Pair, common: dict[str, Any]) -> Any:
    if step == "load" and pair.load.shards > 1:
        return LoadOperator.partial(task_id=step, **common).expand(shard=list(range(pair.load.shards)))
    return RoadOperator(task_id=step.replace(":", "_"), step=step, **common)
