"""Airflow's command with all that tasks need loaded: they are forked from it, and none of them loads it once more.

`python -m retail_sync_airflow.warm scheduler` is `airflow scheduler`. A task of a LocalExecutor is then at work within
tenths of a second; on its own it would load modules for a second, and Great Expectations for three.
"""

from __future__ import annotations

import sys
from importlib import import_module

from retail_sync.pairs.files import read_all
from retail_sync.steps.registry import STEPS

_ALWAYS = [
    "great_expectations",
    "airflow.dag_processing.dagbag",
    "airflow.sdk.execution_time.task_runner",
    "retail_sync_airflow.factory",
    "retail_sync_airflow.hooks.connections",
    "retail_sync_airflow.hooks.database",
    "retail_sync_airflow.operators.failures",
    "retail_sync_airflow.operators.load",
    "retail_sync_airflow.operators.road",
    "retail_sync.steps.close_run",
    "retail_sync.steps.open_run",
]


def load() -> None:
    """Load what tasks of the pairs that there are need."""
    steps = [f"retail_sync.steps.{step}" for step in sorted({step for steps in STEPS.values() for step in steps})]
    for name in [*_ALWAYS, *steps, *_ends()]:
        import_module(name)


def _ends() -> list[str]:
    """The modules of the pairs' ends."""
    pairs, _ = read_all()
    names = {f"{pair.source.system}.source" for pair in pairs}
    names |= {f"{pair.destination.system}.destination" for pair in pairs}
    return [f"retail_sync.vendors.{name}" for name in sorted(names)]


def main() -> None:
    """Run Airflow's command with the arguments of this one."""
    load()
    from airflow.__main__ import main as airflow

    sys.argv[0] = "airflow"
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
