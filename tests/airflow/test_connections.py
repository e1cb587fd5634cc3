"""Connections as Airflow offers them: their forms, their test button, and calls of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from retail_sync.pairs.files import find
from retail_sync.sandbox.client import SandboxControl
from tests.pipeline.mailchimp_shop import MailchimpShop

from .airflow_process import AirflowProcess
from .pair_files import PAIR, write_hurried

WRONG = {
    "centra": "some-other-token",
    "mailchimp": "ffffffffffffffffffffffffffffffff-us99",
}


@pytest.mark.req("OPS-3")
def test_every_connection_type_has_a_form(airflow: AirflowProcess) -> None:
    listed = airflow.ask("connection_types")
    assert {name: entry["hook"] for name, entry in listed.items()} == {
        "centra": "Centra",
        "fulfil": "Fulfil",
        "orderwise": "OrderWise",
        "mailchimp": "Mailchimp",
        "emarsys": "Emarsys",
        "ometria": "Ometria",
    }
    for name, entry in listed.items():
        assert {"host", "password"} <= entry["form"]["relabeling"].keys()
        assert ("login" in entry["form"]["hidden_fields"]) == (name not in {"orderwise", "emarsys"})


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("system", ["centra", "mailchimp"])
def test_the_test_button_asks_the_vendor(airflow: AirflowProcess, system: str) -> None:
    status, said = airflow.ask("test_connection", name=f"{system}_default")
    assert status, said


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("system", ["centra", "mailchimp"])
def test_a_connection_that_is_not_saved_yet_is_tried_in_its_pairs_place(airflow: AirflowProcess, system: str) -> None:
    airflow.settings["AIRFLOW_CONN_K3J9XQ"] = airflow.settings[f"AIRFLOW_CONN_{system.upper()}_DEFAULT"]
    del airflow.settings[f"AIRFLOW_CONN_{system.upper()}_DEFAULT"]
    status, said = airflow.ask("test_connection", name="k3j9xq")
    assert status, said


@pytest.mark.req("OPS-3", "SEC-1")
@pytest.mark.parametrize("system", ["centra", "mailchimp"])
def test_a_wrong_key_is_said_clearly_and_not_repeated(airflow: AirflowProcess, system: str) -> None:
    variable = f"AIRFLOW_CONN_{system.upper()}_DEFAULT"
    airflow.settings[variable] = json.dumps(json.loads(airflow.settings[variable]) | {"password": WRONG[system]})
    status, said = airflow.ask("test_connection", name=f"{system}_default")
    assert not status
    assert "token" in said or "key" in said
    assert WRONG[system] not in said


@pytest.mark.req("OPS-3")
def test_a_hook_is_logged_in_for_calls_of_ones_own(airflow: AirflowProcess) -> None:
    audience = find(PAIR).destination.settings["audience"]
    assert airflow.ask("call", name="mailchimp_default", path=f"/lists/{audience}")["id"] == audience


@pytest.mark.req("OPS-3", "DAG-6")
def test_a_hook_gives_the_package_s_own_client_with_the_budget_that_all_share(
    airflow: AirflowProcess, shop: MailchimpShop
) -> None:
    found = airflow.ask("ask_by_client", name="mailchimp_default")
    assert found
    assert all(right for _, right in found)
    assert shop.query("select count(*) from ops.budget where name like 'mailchimp %'") == [(1,)]


@pytest.mark.req("OPS-3")
def test_the_products_database_is_an_airflow_connection(airflow: AirflowProcess) -> None:
    airflow.settings["AIRFLOW_CONN_RETAIL_SYNC_DB"] = airflow.settings["RETAIL_SYNC_DSN"]
    airflow.settings["RETAIL_SYNC_DSN"] = ""
    assert airflow.ask("select", statement="select count(*) from road.run") == [0]
    status, said = airflow.ask("test_connection", name="centra_default")
    assert status, said


@pytest.fixture
def kept(airflow_process: AirflowProcess, shop: MailchimpShop) -> Iterator[dict[str, str]]:
    """The connections of a shop in Airflow's own database, and what else is said of it by the environment."""
    given = shop.environment()
    named = {name: json.loads(given.pop(name)) for name in list(given) if name.startswith("AIRFLOW_CONN_")}
    database = {key: str(value) for key, value in conninfo_to_dict(given.pop("RETAIL_SYNC_DSN")).items()}
    connections = {name.removeprefix("AIRFLOW_CONN_").lower(): parts for name, parts in named.items()} | {
        "retail_sync_db": {
            "conn_type": "postgres",
            "host": database["host"],
            "port": int(database["port"]),
            "login": database["user"],
            "password": database["password"],
            "schema": database["dbname"],
        }
    }
    airflow_process.settings = {}
    airflow_process.ask("keep", connections=connections)
    yield given
    airflow_process.ask("forget", names=list(connections))


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_command_finds_the_connections_that_airflow_keeps(
    airflow_process: AirflowProcess, kept: dict[str, str]
) -> None:
    said = airflow_process.run(f"from retail_sync.cli.main import app; app(['check', '{PAIR}'])", **kept, COLUMNS="400")

    assert said.returncode == 0, said.stderr
    assert f"right {PAIR} " in said.stdout
    assert not [line for line in said.stdout.splitlines() if not line.startswith("right ")]


_LOOK = """
from retail_sync.cli.connections import connections
from retail_sync.errors import ConfigurationError
try:
    connections("nowhere_default")
except ConfigurationError as error:
    print(error)
"""


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_command_says_that_airflow_does_not_keep_it_or_can_not_be_asked(airflow_process: AirflowProcess) -> None:
    airflow_process.settings = {}

    absent = airflow_process.python(_LOOK)
    shut = airflow_process.python(_LOOK, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="postgresql://a:hidden@127.0.0.1:9/none")

    assert "AIRFLOW_CONN_NOWHERE_DEFAULT, nor Airflow keeps it (AIRFLOW_HOME is " in absent
    assert "Airflow's database can't be asked" in shut
    assert "hidden" not in shut


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("system", ["centra", "orderwise", "ometria"])
def test_a_hook_sends_no_secret_unencrypted_to_another_machine(airflow: AirflowProcess, system: str) -> None:
    elsewhere = {"conn_type": system, "host": "http://elsewhere.test", "login": "api", "password": "secret"}
    airflow.settings[f"AIRFLOW_CONN_{system.upper()}_DEFAULT"] = json.dumps(elsewhere)
    with pytest.raises(AssertionError, match=r"calls to elsewhere\.test would go unencrypted"):
        airflow.ask("call", name=f"{system}_default", path="/")


@pytest.mark.req("OPS-3", "SEC-1")
@pytest.mark.parametrize("system", ["fulfil", "orderwise", "emarsys", "ometria"])
def test_the_test_button_asks_every_other_vendor(
    airflow: AirflowProcess, request: pytest.FixtureRequest, tmp_path: Path, system: str
) -> None:
    control: SandboxControl = request.getfixturevalue(system)
    control.reset()
    control.shift_clock(float(airflow.settings["RETAIL_SYNC_CLOCK_OFFSET"]))
    reached = control.health()["connection"]
    variable = f"AIRFLOW_CONN_{system.upper()}_DEFAULT"
    airflow.settings |= {"RETAIL_SYNC_PAIRS": str(write_hurried(tmp_path / "all")), variable: json.dumps(reached)}
    status, said = airflow.ask("test_connection", name=f"{system}_default")
    assert status, said
    airflow.settings[variable] = json.dumps(reached | {"password": "some-other-secret"})
    status, said = airflow.ask("test_connection", name=f"{system}_default")
    assert not status
    assert "some-other-secret" not in said


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("system", "path"),
    [
        ("fulfil", "/api/v2/test"),
        ("orderwise", "/system/stock-locations"),
        ("emarsys", "/field"),
        ("ometria", "/products"),
    ],
)
def test_every_other_hook_is_logged_in_for_calls_of_ones_own(
    airflow: AirflowProcess, request: pytest.FixtureRequest, system: str, path: str
) -> None:
    control: SandboxControl = request.getfixturevalue(system)
    airflow.settings[f"AIRFLOW_CONN_{system.upper()}_DEFAULT"] = json.dumps(control.health()["connection"])
    assert airflow.ask("call", name=f"{system}_default", path=path) is not None
