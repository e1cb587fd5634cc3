"""Airflow's interface for tasks, built when this is imported: lanes that are forked then need not build it each."""

from __future__ import annotations

from typing import Any

from airflow.sdk.execution_time.supervisor import in_process_api_server


def _build() -> None:
    """Build it with all of its versions, which Airflow would do at the first call: seconds of every lane."""
    app: Any = in_process_api_server().app
    app._cadwyn_initialize()


_build()
