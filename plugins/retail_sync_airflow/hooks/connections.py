"""Airflow's connections as the package knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection
from retail_sync.steps.connections import connection_from


def airflow_connections(name: str) -> Connection:
    """The Airflow connection of that name.

    Raises:
        ConfigurationError: There is none.
    """
    try:
        found = BaseHook.get_connection(name)
    except AirflowNotFoundException:
        raise ConfigurationError(
            "this Airflow connection does not exist",
            record=f"connection {name}",
            fix="Add it under Admin, Connections.",
        ) from None
    return connection_from(name, parts_of(found))


def parts_of(found: Any) -> Mapping[str, Any]:
    """The parts of a connection of Airflow's, be it as its tasks get it or as its server keeps it."""
    return {
        "host": found.host,
        "port": found.port,
        "schema": found.schema,
        "login": found.login,
        "password": found.password,
        "extra": found.extra_dejson,
    }
