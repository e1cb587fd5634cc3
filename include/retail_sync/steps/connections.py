"""Connections from the environment, written as Airflow reads them, without Airflow."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.conninfo import make_conninfo

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection

_DSN = "RETAIL_SYNC_DSN"
_DATABASE = "retail_sync_db"
_WEB = ("http", "https")


def environment_connections(name: str) -> Connection:
    """The connection that `AIRFLOW_CONN_<NAME>` holds, as JSON or as a URI.

    Raises:
        ConfigurationError: There is none of that name, or it can't be read.
    """
    return connection_from(name, _parts(name))


def connection_from(name: str, parts: Mapping[str, Any]) -> Connection:
    """A connection from the parts that Airflow keeps of it.

    `host` becomes an address with scheme and port where Airflow keeps these apart (`schema` holds the scheme of HTTP
    connections); with no scheme given it is https.
    """
    host = str(parts.get("host") or "")
    if host and "://" not in host:
        scheme = parts.get("schema") if parts.get("schema") in _WEB else "https"
        host = f"{scheme}://{host}"
    if host and parts.get("port"):
        host = f"{host}:{parts['port']}"
    extra = parts.get("extra") or {}
    return Connection(
        name=name,
        host=host,
        login=parts.get("login") or None,
        password=parts.get("password") or None,
        extra=json.loads(extra) if isinstance(extra, str) else dict(extra),
    )


def environment_dsn() -> str:
    """Where the product's own database is: `RETAIL_SYNC_DSN`, else the connection `retail_sync_db`.

    Raises:
        ConfigurationError: Neither is set.
    """
    if dsn := os.environ.get(_DSN):
        return dsn
    try:
        parts = _parts(_DATABASE)
    except ConfigurationError:
        raise ConfigurationError(
            "the database is not named",
            fix=f"Set {_DSN}, or the connection {_DATABASE} ({_variable(_DATABASE)}).",
        ) from None
    return make_conninfo(
        host=parts.get("host"),
        port=parts.get("port"),
        user=parts.get("login"),
        password=parts.get("password"),
        dbname=parts.get("schema"),
    )


def _variable(name: str) -> str:
    return f"AIRFLOW_CONN_{name.upper()}"


def _parts(name: str) -> Mapping[str, Any]:
    text = os.environ.get(_variable(name), "").strip()
    if not text:
        raise ConfigurationError(
            "there is no such connection",
            record=f"connection {name}",
            fix=f"Set {_variable(name)} to its JSON or URI, or make it in Airflow.",
        )
    try:
        return _from_json(text) if text.startswith("{") else _from_uri(text)
    except (ValueError, TypeError):
        raise ConfigurationError(
            "can't be read", record=f"connection {name}", fix=f"Write {_variable(name)} as JSON or as a URI."
        ) from None


def _from_json(text: str) -> dict[str, Any]:
    content = json.loads(text)
    if not isinstance(content, dict):
        raise TypeError
    return content


def _from_uri(text: str) -> dict[str, Any]:
    uri = urlsplit(text)
    query = dict(parse_qsl(uri.query, keep_blank_values=True))
    return {
        "conn_type": uri.scheme,
        "host": unquote(uri.hostname or ""),
        "port": uri.port,
        "login": unquote(uri.username) if uri.username else None,
        "password": unquote(uri.password) if uri.password else None,
        "schema": unquote(uri.path.lstrip("/")) or None,
        "extra": query.pop("__extra__", None) or query,
    }
