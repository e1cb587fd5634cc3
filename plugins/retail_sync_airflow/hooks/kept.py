"""Connections that Airflow keeps, for whoever is none of its tasks: its secrets backends, then its own database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retail_sync.errors import ConfigurationError

#: Settings by which an Airflow without a file of settings says where it keeps connections.
_PLACES = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__SECRETS__BACKEND")


def parts(name: str) -> Mapping[str, Any] | None:
    """The parts of the connection of that name; None where Airflow knows none, or where there is no Airflow.

    Raises:
        ConfigurationError: Airflow is set up here, and what it keeps can't be read.
    """
    if not _is_set_up():
        return None
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from .connections import parts_of

    try:
        return parts_of(Connection.get_connection_from_secrets(name))
    except AirflowNotFoundException:
        _require_absence(name)
        return None


def place() -> str:
    """Where was looked, as the end of a sentence that began with `nor`."""
    if _is_set_up():
        return f"Airflow keeps it (AIRFLOW_HOME is {_home()})"
    return f"is an Airflow set up here that might ({_settings()} is not there)"


def _is_set_up() -> bool:
    """Whether this is Airflow's own environment. To import it in any other would make it settle down there."""
    return _settings().is_file() or any(name.startswith(_PLACES) for name in os.environ)


def _home() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME") or "~/airflow").expanduser()


def _settings() -> Path:
    return Path(os.environ.get("AIRFLOW_CONFIG") or _home() / "airflow.cfg").expanduser()


def _require_absence(name: str) -> None:
    """Tell of what Airflow's own search passes over: a database that is silent, and a key that does not fit."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with create_session() as session:
            found = session.scalar(select(Connection.conn_id).where(Connection.conn_id == name))
    except SQLAlchemyError as error:
        raise ConfigurationError(
            f"Airflow's database can't be asked for connections ({type(error).__name__})",
            fix="See AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, and that its server runs.",
        ) from None
    if found is not None:
        raise ConfigurationError(
            "Airflow keeps it, and it can't be decrypted",
            record=f"connection {name}",
            fix="Set AIRFLOW__CORE__FERNET_KEY to the key with which Airflow runs.",
        )
