"""Connections from the environment, written as Airflow reads them, without Airflow."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection

DSN = "RETAIL_SYNC_DSN"
DATABASE = "retail_sync_db"
_WEB = ("http", "https")


def environment_connections(name: str) -> Connection:
    """The connection that `AIRFLOW_CONN_<NAME>` holds, as JSON or as a URI.

    Raises:
        ConfigurationError: There is none of that name, or it can't be read.
    """
    parts = environment_parts(name)
    if parts is None:
        raise ConfigurationError(
            "there is no such connection",
            record=f"connection {name}",
            fix=f"Set {variable(name)} to its JSON or URI.",
        )
    return connection_from(name, parts)


def connection_from(name: str, parts: Mapping[str, Any]) -> Connection:
    """A connection from the parts that Airflow keeps of it.

    `host` becomes an address with scheme, port and path where Airflow keeps these apart: `schema` holds the scheme of
    HTTP connections, or else the path of a URI; with no scheme given it is https.

    Raises:
        ConfigurationError: The host or the extra can't be read.
    """
    try:
        return Connection(
            name=name,
            host=_address(str(parts.get("host") or ""), str(parts.get("port") or ""), str(parts.get("schema") or "")),
            login=parts.get("login") or None,
            password=parts.get("password") or None,
            extra=_extra(parts),
        )
    except (ValueError, TypeError):
        raise ConfigurationError(
            "can't be read", record=f"connection {name}", fix="See that its host is an address and its extra is JSON."
        ) from None


def _address(host: str, port: str, schema: str) -> str:
    if not host:
        return ""
    scheme = schema if schema in _WEB else "https"
    url = urlsplit(host if "://" in host else f"{scheme}://{host}")
    if port and url.port is None:
        url = url._replace(netloc=f"{url.netloc}:{port}")
    if schema not in _WEB and url.path in {"", "/"}:
        url = url._replace(path=schema and f"/{schema.lstrip('/')}")
    return url.geturl()


def environment_dsn() -> str:
    """Where the product's own database is: `RETAIL_SYNC_DSN`, else the connection `retail_sync_db`.

    Raises:
        ConfigurationError: Neither is set.
    """
    if dsn := os.environ.get(DSN):
        return dsn
    if parts := environment_parts(DATABASE):
        return dsn_from(parts)
    raise ConfigurationError(
        "the database is not named", fix=f"Set {DSN}, or the connection {DATABASE} ({variable(DATABASE)})."
    )


def dsn_from(parts: Mapping[str, Any]) -> str:
    """A DSN, as libpq reads it, from the parts that Airflow keeps of a connection.

    Of the extra it takes what libpq knows, such as `sslmode`; the rest is Airflow's own.

    Raises:
        ConfigurationError: The extra can't be read.
    """
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    try:
        extra = {key: value for key, value in _extra(parts).items() if key in known}
    except (ValueError, TypeError):
        raise ConfigurationError(
            "can't be read", record=f"connection {DATABASE}", fix="See that its extra is JSON."
        ) from None
    fields = {"host": "host", "port": "port", "user": "login", "password": "password", "dbname": "schema"}
    return make_conninfo(**(extra | {key: parts[part] for key, part in fields.items() if parts.get(part)}))


def _extra(parts: Mapping[str, Any]) -> dict[str, Any]:
    extra = parts.get("extra") or {}
    return dict(json.loads(extra) if isinstance(extra, str) else extra)


def variable(name: str) -> str:
    """The environment variable that may hold the connection of that name."""
    return f"AIRFLOW_CONN_{name.upper()}"


def environment_parts(name: str) -> Mapping[str, Any] | None:
    """The parts of the connection that the environment holds under a name; None where it holds none.

    Raises:
        ConfigurationError: It can't be read.
    """
    text = os.environ.get(variable(name), "").strip()
    if not text:
        return None
    try:
        return _from_json(text) if text.startswith("{") else _from_uri(text)
    except (ValueError, TypeError):
        raise ConfigurationError(
            "can't be read", record=f"connection {name}", fix=f"Write {variable(name)} as JSON or as a URI."
        ) from None


def _from_json(text: str) -> dict[str, Any]:
    content = json.loads(text)
    if not isinstance(content, dict):
        raise TypeError
    return content


def _from_uri(text: str) -> dict[str, Any]:
    """The parts of a URI, whose host may bring a scheme of its own: `orderwise://https://login:password@erp.test`."""
    kind, _, rest = text.partition("://")
    uri = urlsplit(rest if "://" in rest.partition("?")[0] else f"//{rest}")
    host = unquote(uri.hostname or "")
    query = dict(parse_qsl(uri.query, keep_blank_values=True))
    return {
        "conn_type": kind,
        "host": f"{uri.scheme}://{host}" if uri.scheme else host,
        "port": uri.port,
        "login": unquote(uri.username) if uri.username else None,
        "password": unquote(uri.password) if uri.password else None,
        "schema": unquote(uri.path.lstrip("/")) or None,
        "extra": query.pop("__extra__", None) or query,
    }
