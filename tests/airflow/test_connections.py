"""Connections as Airflow offers them: their forms, their test button, and calls of one's own."""

from __future__ import annotations

import json

import pytest

from retail_sync.operate.house import ROOT
from retail_sync.pairs.files import find
from retail_sync.sandbox.client import SandboxControl

from .airflow_process import AirflowProcess
from .pair_files import PAIR

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


@pytest.mark.req("OPS-3")
def test_the_products_database_is_an_airflow_connection(airflow: AirflowProcess) -> None:
    airflow.settings["AIRFLOW_CONN_RETAIL_SYNC_DB"] = airflow.settings["RETAIL_SYNC_DSN"]
    airflow.settings["RETAIL_SYNC_DSN"] = ""
    assert airflow.ask("select", statement="select count(*) from road.run") == [0]
    status, said = airflow.ask("test_connection", name="centra_default")
    assert status, said


@pytest.mark.req("OPS-3", "SEC-1")
@pytest.mark.parametrize("system", ["fulfil", "orderwise", "emarsys", "ometria"])
def test_the_test_button_asks_every_other_vendor(
    airflow: AirflowProcess, request: pytest.FixtureRequest, system: str
) -> None:
    control: SandboxControl = request.getfixturevalue(system)
    control.reset()
    control.shift_clock(float(airflow.settings["RETAIL_SYNC_CLOCK_OFFSET"]))
    reached = control.health()["connection"]
    variable = f"AIRFLOW_CONN_{system.upper()}_DEFAULT"
    airflow.settings |= {"RETAIL_SYNC_PAIRS": str(ROOT / "include" / "pairs"), variable: json.dumps(reached)}
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
