"""Pair files as DAGs: what Airflow finds, what is left out, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .airflow_process import AirflowProcess
from .pair_files import PAIR, write_pair

FIVE = {PAIR, f"{PAIR}__consent", f"{PAIR}__catalogue", f"{PAIR}__history", f"{PAIR}__audit"}
UPKEEP = "retail_sync__upkeep"
ELSEWHERE = {"account": "second_audience", "settings": {"audience": "0d4f7a2b6c", "store": "second-shop"}}
LOADED = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
before = set(sys.modules)
bag = DagBag()
heavy = ("great_expectations", "pandas", "pyarrow", "graphql", "uvicorn", "retail_sync.quality.gx")
print(json.dumps([len(bag.dags), sorted(name for name in set(sys.modules) - before if name in heavy)]))
"""
BUILT = """
from retail_sync_airflow.factory import dags
print(" ".join(dags()))
"""
VERSIONS = """
import json
from airflow.models.serialized_dag import SerializedDagModel
from airflow.serialization.serialized_objects import DagSerialization
from retail_sync_airflow.factory import dags
print(json.dumps({name: SerializedDagModel.hash(DagSerialization.to_dict(dag)) for name, dag in dags().items()}))
"""


@pytest.mark.req("DAG-1")
def test_a_pair_file_is_all_that_a_pair_needs(airflow: AirflowProcess, tmp_path: Path) -> None:
    write_pair(tmp_path / "pairs", "second_shop", destination=ELSEWHERE)
    found = airflow.ask("bag")
    assert set(found["dags"]) == {UPKEEP} | FIVE | {name.replace(PAIR, "second_shop") for name in FIVE}
    assert found["errors"] == {}
    extracts = [f"extract_{stream}" for stream in ("customers", "orders", "products", "returns")]
    opened, *tasks = found["dags"]["second_shop"]
    assert opened == "open_run"
    assert sorted(tasks[:4]) == extracts
    assert tasks[4:] == ["seal", "validate", "plan", "load", "reconcile", "close_run"]


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({"live": "every now and then"}, "broken_shop.yaml: schedule.live"),
        ({"timezone": "Europe/Nowhere"}, "broken_shop.yaml: schedule.timezone"),
        ({"yearly": "0 0 1 1 *"}, "broken_shop.yaml: schedule.yearly"),
    ],
)
def test_a_broken_pair_file_is_reported_and_stops_no_other(
    airflow: AirflowProcess, tmp_path: Path, schedule: dict[str, str], said: str
) -> None:
    write_pair(tmp_path / "pairs", "broken_shop", schedule=schedule)
    found = airflow.ask("bag")
    assert set(found["dags"]) == {UPKEEP} | FIVE
    assert list(found["errors"]) == ["retail_sync_broken_pairs.py"]
    assert said in found["errors"]["retail_sync_broken_pairs.py"]


@pytest.mark.req("DAG-1")
def test_a_file_that_is_no_yaml_is_reported_too(airflow: AirflowProcess, tmp_path: Path) -> None:
    (tmp_path / "pairs" / "torn.yaml").write_text("pair: [torn", encoding="utf-8")
    found = airflow.ask("bag")
    assert set(found["dags"]) == {UPKEEP} | FIVE
    assert "torn.yaml" in found["errors"]["retail_sync_broken_pairs.py"]


@pytest.mark.req("DAG-1", "ID-7")
def test_two_pairs_that_fill_one_field_of_an_audience_are_reported(airflow: AirflowProcess, tmp_path: Path) -> None:
    write_pair(tmp_path / "pairs", "second_shop")
    said = airflow.ask("bag")["errors"]["retail_sync_broken_pairs.py"]
    (line,) = [line for line in said.splitlines() if f"{PAIR} and second_shop both fill " in line]
    assert "FNAME" in line


@pytest.mark.req("DAG-1")
def test_a_task_builds_no_dag_but_its_own(airflow: AirflowProcess, tmp_path: Path) -> None:
    write_pair(tmp_path / "pairs", "second_shop", destination=ELSEWHERE)
    for dag_id in ("second_shop", "second_shop__history"):
        assert airflow.python(BUILT, _AIRFLOW_PARSING_CONTEXT_DAG_ID=dag_id) == dag_id
    assert airflow.python(BUILT, _AIRFLOW_PARSING_CONTEXT_DAG_ID="somebody_elses__weekly") == ""


@pytest.mark.req("DAG-3")
def test_the_defaults_of_the_form_are_right(airflow: AirflowProcess) -> None:
    live = airflow.ask("form", dag_id=PAIR)
    assert sorted(live.pop("streams")) == ["browses", "carts", "customers", "orders", "products", "returns"]
    assert live == {"since": None, "until": None, "dry_run": False, "full_refresh": False}
    assert airflow.ask("form", dag_id=f"{PAIR}__history")["streams"] == ["customers", "orders", "returns"]
    assert airflow.ask("form", dag_id=f"{PAIR}__catalogue")["streams"] == ["products", "signups"]
    assert airflow.ask("form", dag_id=f"{PAIR}__consent") == {}


@pytest.mark.req("OPS-6", "DAG-7")
def test_a_dag_says_when_it_runs_when_it_is_late_and_whom_to_ask(airflow: AirflowProcess) -> None:
    said = airflow.ask("about", dag_id=f"{PAIR}__history")
    assert all(words in said for words in ("`0 2 * * *`", "is late after\n6h", "finance: finance@shop.test"))
    assert "(/retail-sync/exceptions?pair=centra_to_mailchimp)" in said


@pytest.mark.req("DAG-1")
def test_parsing_loads_nothing_heavy(airflow: AirflowProcess) -> None:
    assert airflow.python(LOADED) == "[6, []]"


@pytest.mark.req("DAG-1")
def test_a_dag_is_the_same_at_every_parse(airflow: AirflowProcess) -> None:
    """Whatever differs makes a new version of the DAG each time."""
    first, second = (airflow.python(VERSIONS, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert set(json.loads(first)) == FIVE
    assert first == second
