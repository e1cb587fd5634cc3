"""Connections as commands find them: in the environment, else among those that Airflow keeps."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection
from retail_sync.pairs.files import find
from retail_sync.steps.connections import DATABASE, DSN, connection_from, dsn_from, environment_parts, variable
from retail_sync.steps.context import Road, open_road


def road(pair: str) -> Road:
    """A pair, ready to be worked on.

    Raises:
        ConfigurationError: There is no such pair, or its file or the database's place can't be used.
    """
    return open_road(find(pair), connections, dsn())


def connections(name: str) -> Connection:
    """The connection of that name.

    Raises:
        ConfigurationError: There is none, or it can't be read.
    """
    return connection_from(name, _parts(name))


def dsn() -> str:
    """Where the product's own database is: `RETAIL_SYNC_DSN`, else the connection `retail_sync_db`.

    Raises:
        ConfigurationError: Neither is there.
    """
    return os.environ.get(DSN) or dsn_from(_parts(DATABASE))


def _parts(name: str) -> Mapping[str, Any]:
    if (given := environment_parts(name)) is not None:
        return given
    # Airflow takes seconds to import: only whoever needs it waits for it.
    from retail_sync_airflow.hooks import kept

    if (found := kept.parts(name)) is not None:
        return found
    names = f"{DSN} or {variable(name)}" if name == DATABASE else variable(name)
    raise ConfigurationError(
        "there is no such connection",
        record=f"connection {name}",
        fix=f"Neither the environment holds {variable(name)}, nor {kept.place()}. Set {names}, or add it in Airflow "
        "under Admin, Connections.",
    )
