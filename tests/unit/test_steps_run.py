"""A whole run: its steps in the books, its report, and how it ends when a step does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import LeaseTakenError, RulesDisagreeError
from retail_sync.steps import registry, run
from retail_sync.steps.close_run import close_run
from retail_sync.steps.context import Road
from retail_sync.steps.perform import Step
from retail_sync.steps.registry import steps_of
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.run import run_pair

from .memory_shop import NOON, Hands, MemoryShop, order, road_to

HOUR = timedelta(hours=1)
OTHERS = ("validate", "plan", "load", "reconcile")


@pytest.fixture
def road(database: Database) -> Road:
    shop = MemoryShop(Hands())
    shop.put(order("1", NOON - HOUR), order("2", NOON - HOUR))
    shop.refused.append(("o9", "no currency"))
    return road_to(database, shop)


def replace_steps(monkeypatch: pytest.MonkeyPatch, **others: Step) -> None:
    """Let the steps that other rooms write do nothing, or what is given."""

    def function_of(name: str) -> Step:
        if name in OTHERS:
            return others.get(name, lambda *_: {"people": 3} if name == "plan" else {})
        return registry.function_of(name)

    monkeypatch.setattr(run, "function_of", function_of)


def books(database: Database, run_id: str) -> dict[str, str]:
    with database.connection() as connection:
        return dict(connection.execute("select step, state from road.step where run_id = %s", [run_id]).fetchall())


@pytest.mark.req("DAG-2")
def test_a_run_reports_what_it_did_and_is_closed(
    database: Database, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def validate(road: Road, run_id: str) -> dict[str, Any]:
        with road.database.connection() as connection:
            connection.execute("insert into quality.verdict values (%s, 'orders', 'o1', 'email', 'warn')", [run_id])
        return {}

    replace_steps(monkeypatch, validate=validate)
    report = run_pair(road, "run", RunRequest(streams=("orders",)))

    assert report["state"] == "closed"
    orders = report["streams"]["orders"]
    assert orders["state"] == "complete"
    read = {name: orders[name] for name in ("extracted", "new_versions", "duplicates", "refused", "work")}
    assert read == {"extracted": 2, "new_versions": 2, "duplicates": 0, "refused": 1, "work": 2}
    assert report["verdicts"] == {"orders.email": {"effect": "warn", "count": 1}}
    assert report["people"] == 3
    assert report["outbox"] == {}
    assert report["reconciliation"] == {"missing": 0, "extra": 0, "different": 0}
    assert set(books(database, "run").values()) == {"done"}
    with database.connection() as connection:
        row = connection.execute("select state, report ->> 'state' from road.run").fetchone()
    assert row == ("closed", "closed")


@pytest.mark.req("DAG-2")
def test_a_step_that_fails_fails_the_run_and_says_so(
    database: Database, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def validate(road: Road, run_id: str) -> dict[str, Any]:
        raise RulesDisagreeError("two counts of one rule")

    replace_steps(monkeypatch, validate=validate)
    with pytest.raises(RulesDisagreeError):
        run_pair(road, "run")

    assert books(database, "run")["validate"] == "failed"
    report = close_run(road, "run")
    assert report["state"] == "failed"
    assert report["undone"] == ["validate", "plan", "load", "reconcile"]

    replace_steps(monkeypatch)
    assert run_pair(road, "run")["state"] == "closed"


@pytest.mark.req("DAG-2")
def test_a_step_that_somebody_else_is_doing_is_deferred(
    database: Database, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(road: Road, run_id: str) -> dict[str, Any]:
        raise LeaseTakenError("another worker is at it")

    replace_steps(monkeypatch, load=load)
    with pytest.raises(LeaseTakenError):
        run_pair(road, "run")

    assert books(database, "run")["load"] == "deferred"


@pytest.mark.req("OPS-5")
def test_a_dry_run_takes_no_step_outwards(database: Database, road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_steps(monkeypatch)
    report = run_pair(road, "dry", RunRequest(dry_run=True))

    assert report["state"] == "closed"
    assert not {"load", "reconcile"} & set(books(database, "dry"))


@pytest.mark.req("OPS-2")
def test_an_error_of_others_is_booked_by_its_name_only(
    database: Database, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(road: Road, run_id: str) -> dict[str, Any]:
        raise KeyError("anna@mail.test")

    replace_steps(monkeypatch, plan=plan)
    with pytest.raises(KeyError):
        run_pair(road, "run")

    with database.connection() as connection:
        row = connection.execute("select report::text from road.step where step = 'plan'").fetchone()
    assert row is not None
    assert "KeyError" in row[0]
    assert "anna" not in row[0]


@pytest.mark.req("DAG-2")
def test_every_step_of_every_dag_exists() -> None:
    for dag in registry.STEPS:
        for name in steps_of(dag, ("orders",)):
            assert callable(registry.function_of(name))
