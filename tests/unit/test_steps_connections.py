"""Connections and the clock as the environment gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.conninfo import conninfo_to_dict

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection, Services
from retail_sync.pairs.files import find
from retail_sync.steps.clock import system_clock
from retail_sync.steps.connections import environment_connections, environment_dsn
from retail_sync.vendors.registry import open_destination, open_source
from tests.contract.open_door import OpenDoor


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    ("text", "host"),
    [
        (json.dumps({"conn_type": "centra", "host": "shop.test", "login": "us er", "password": "p/w"}), "https://shop.test"),
        (json.dumps({"host": "http://127.0.0.1", "port": 8080, "login": "us er", "password": "p/w"}), "http://127.0.0.1:8080"),
        (json.dumps({"host": "localhost", "schema": "http", "port": 81, "login": "us er", "password": "p/w"}), "http://localhost:81"),
        ("centra://us%20er:p%2Fw@shop.test:8443/https", "https://shop.test:8443"),
        ("http://us%20er:p%2Fw@http%3A%2F%2Fshop.test:90", "http://shop.test:90"),
        ("orderwise://us%20er:p%2Fw@erp.test:8443/owapi", "https://erp.test:8443/owapi"),
        ("orderwise://http://us%20er:p%2Fw@erp.test:8443/ow/api", "http://erp.test:8443/ow/api"),
        (json.dumps({"host": "https://erp.test/owapi", "port": 8443, "login": "us er", "password": "p/w"}), "https://erp.test:8443/owapi"),
        (json.dumps({"host": "erp.test/owapi", "port": "81", "schema": "http", "login": "us er", "password": "p/w"}), "http://erp.test:81/owapi"),
        (json.dumps({"host": "https://erp.test:444", "port": 8443, "login": "us er", "password": "p/w"}), "https://erp.test:444"),
    ],
)  # fmt: skip
def test_json_and_uri_are_read_as_airflow_reads_them(monkeypatch: pytest.MonkeyPatch, text: str, host: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", text)
    connection = environment_connections("shop")

    assert (connection.host, connection.login, connection.password) == (host, "us er", "p/w")
    assert "p/w" not in repr(connection)


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"host": "shop.test", "extra": {"audience": "a1"}}),
        json.dumps({"host": "shop.test", "extra": json.dumps({"audience": "a1"})}),
        "mailchimp://shop.test?audience=a1",
        "mailchimp://shop.test?__extra__=%7B%22audience%22%3A+%22a1%22%7D",
    ],
)
def test_extra_may_be_an_object_a_text_or_a_query(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", text)

    assert environment_connections("shop").extra == {"audience": "a1"}


@pytest.mark.req("SEC-1")
def test_what_is_missing_or_broken_is_named_without_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SHOP", raising=False)
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_SHOP"):
        environment_connections("shop")

    monkeypatch.setenv("AIRFLOW_CONN_SHOP", '{"password": "canary')
    with pytest.raises(ConfigurationError) as broken:
        environment_connections("shop")
    assert "canary" not in str(broken.value)

    for parts in ({"host": "https://canary:port", "port": 1}, {"host": "shop.test", "extra": "canary"}):
        monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(parts))
        with pytest.raises(ConfigurationError, match="connection shop") as broken:
            environment_connections("shop")
        assert "canary" not in str(broken.value)


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("pair", ["centra_to_mailchimp", "fulfil_to_emarsys", "orderwise_to_ometria"])
@pytest.mark.parametrize("open_end", [open_source, open_destination])
def test_secrets_go_unencrypted_only_where_the_connection_says_so(pair: str, open_end: Callable[..., object]) -> None:
    services = Services(lambda: datetime.now(UTC), lambda *_: OpenDoor())
    extra = {"token_url": "http://sandbox.test/token", "sales_token": "token"}
    shut = Connection(name="shop", host="http://sandbox.test", login="api", password="secret-us1", extra=extra)
    opened = replace(shut, extra=extra | {"plain_http": True})

    with pytest.raises(ConfigurationError, match="unencrypted"):
        open_end(find(pair), lambda _: shut, services)
    assert open_end(find(pair), lambda _: opened, services)


@pytest.mark.req("SEC-1")
def test_the_database_is_named_by_dsn_or_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETAIL_SYNC_DSN", raising=False)
    monkeypatch.delenv("AIRFLOW_CONN_RETAIL_SYNC_DB", raising=False)
    with pytest.raises(ConfigurationError, match="RETAIL_SYNC_DSN"):
        environment_dsn()

    monkeypatch.setenv("AIRFLOW_CONN_RETAIL_SYNC_DB", "postgres://user:pa%20ss@127.0.0.1:5433/retail")
    given = conninfo_to_dict(environment_dsn())
    assert given == {"host": "127.0.0.1", "port": "5433", "user": "user", "password": "pa ss", "dbname": "retail"}

    monkeypatch.setenv("RETAIL_SYNC_DSN", "host=elsewhere")
    assert environment_dsn() == "host=elsewhere"


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "text",
    [
        "postgres://user:pa%20ss@db.test/retail?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&host=other.test",
        "postgres://user:pa%20ss@db.test/retail?__extra__=%7B%22sslmode%22%3A%22verify-full%22%2C%22sslrootcert%22%3A%22%2Fetc%2Fca.pem%22%7D",
        json.dumps(
            {
                "conn_type": "postgres",
                "host": "db.test",
                "login": "user",
                "password": "pa ss",
                "schema": "retail",
                "extra": {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "cursor": "dictcursor"},
            }
        ),
    ],
)
def test_what_is_said_of_the_way_to_the_database_is_kept(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.delenv("RETAIL_SYNC_DSN", raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_RETAIL_SYNC_DB", text)

    assert conninfo_to_dict(environment_dsn()) == {
        "host": "db.test",
        "user": "user",
        "password": "pa ss",
        "dbname": "retail",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
    }


@pytest.mark.req("SEC-1")
def test_extra_of_the_database_that_can_t_be_read_is_named_without_its_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RETAIL_SYNC_DSN", raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_RETAIL_SYNC_DB", json.dumps({"host": "db.test", "extra": "canary"}))
    with pytest.raises(ConfigurationError, match="connection retail_sync_db") as broken:
        environment_dsn()
    assert "canary" not in str(broken.value)


@pytest.mark.req("DAG-2")
def test_the_clock_is_moved_by_its_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETAIL_SYNC_CLOCK_OFFSET", "-86400")
    assert system_clock() < datetime.now(UTC) - timedelta(hours=23)

    monkeypatch.setenv("RETAIL_SYNC_CLOCK_OFFSET", "yesterday")
    with pytest.raises(ConfigurationError, match="RETAIL_SYNC_CLOCK_OFFSET"):
        system_clock()
