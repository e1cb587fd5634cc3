"""A process with Airflow in it, for tests that must not have Airflow in theirs.

Airflow reads its settings when it is imported, and warns of much. So one process imports it once, with an environment
of its own, and does what it is asked: a line of JSON in, a line of JSON out.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def run(dag_id: str, conf: dict[str, Any] | None = None, at: str | None = None) -> dict[str, Any]:
    """Run a DAG whole, by hand; without a logical date unless one is given."""
    from retail_sync_airflow.trial import run_here

    done = run_here(dag_id, conf, None if at is None else datetime.fromisoformat(at))
    tasks = {_name(ti): {"state": str(ti.state), "tries": ti.try_number} for ti in done.get_task_instances()}
    return {"run_id": done.run_id, "state": str(done.state), "tasks": tasks, "xcoms": _xcoms(dag_id, done.run_id)}


def bag() -> dict[str, Any]:
    """What Airflow finds in the folder of DAGs."""
    from airflow.dag_processing.dagbag import DagBag

    found = DagBag()
    tasks = {dag_id: [task.task_id for task in dag.tasks] for dag_id, dag in found.dags.items()}
    return {"dags": tasks, "errors": {Path(name).name: error for name, error in found.import_errors.items()}}


def failure_mail(dag_id: str, run_id: str) -> None:
    """Call what Airflow calls when a run of a DAG has failed."""
    from retail_sync_airflow.factory import dags

    run = SimpleNamespace(dag_id=dag_id, run_id=run_id, conf={})
    callbacks: Any = dags()[dag_id].on_failure_callback
    for callback in callbacks:
        callback({"dag_run": run})


def visit(paths: list[str], reads: list[str], dags: list[str]) -> dict[str, list[Any]]:
    """Ask for pages as somebody whom Airflow lets read some of its DAGs: status and text of each, by its path."""
    from airflow.api_fastapi import app as airflow_app
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from starlette.testclient import TestClient

    from retail_sync_airflow.ui.app import build_app

    class Readers(SimpleAuthManager):
        """Airflow's own, but that it knows of single DAGs who may read them."""

        def is_authorized_dag(self, *, details: Any = None, **_: Any) -> bool:
            return details is not None and details.id in reads

    _know(dags)
    manager = airflow_app._AuthManagerState.instance = Readers()  # type: ignore[no-untyped-call]
    token = manager.generate_jwt(SimpleAuthManagerUser(username="ann", role="VIEWER"))
    with TestClient(build_app(), headers={"Authorization": f"Bearer {token}"}) as client:
        answers = {path: client.get(path, follow_redirects=False) for path in paths}
    return {path: [answer.status_code, answer.text, answer.headers.get("Location")] for path, answer in answers.items()}


def _know(dags: list[str]) -> None:
    """Have Airflow know DAGs, as if it had parsed them."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session

    with create_session() as session:
        session.merge(DagBundleModel(name="dags-folder"))
        session.flush()
        for dag_id in dags:
            known: Any = DagModel
            session.merge(known(dag_id=dag_id, bundle_name="dags-folder", fileloc="pairs.py"))


def watch() -> dict[str, Any]:
    """Look at every pair, as upkeep does."""
    from retail_sync_airflow.operators.upkeep import WatchOperator

    context: Any = {}
    return WatchOperator(task_id="watch").execute(context)


def about(dag_id: str) -> str:
    """What the UI says of a DAG."""
    from retail_sync_airflow.factory import dags

    return str(dags()[dag_id].doc_md)


def form(dag_id: str) -> dict[str, Any]:
    """The defaults of a DAG's form, judged by Airflow."""
    from retail_sync_airflow.factory import dags

    return dict(dags()[dag_id].params.validate())


def connection_types() -> dict[str, Any]:
    """Our connection types, as Airflow's providers manager lists them."""
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()  # type: ignore[no-untyped-call]
    listed = {name: hook for name, hook in manager.hooks.items() if hook and hook.package_name == "retail-sync"}
    behaviours = manager.field_behaviours
    return {name: {"hook": hook.hook_name, "form": behaviours[name]} for name, hook in listed.items()}


def test_connection(name: str) -> list[Any]:
    """What the test button says of a connection."""
    from airflow.models.connection import Connection

    found = Connection.get_connection_from_secrets(name)
    return list(found.test_connection())  # type: ignore[no-untyped-call]


def keep(connections: dict[str, Any]) -> None:
    """Add connections to Airflow's database, as its UI does."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    with create_session() as session:
        session.add_all(Connection.from_json(json.dumps(parts), conn_id=name) for name, parts in connections.items())


def forget(names: list[str]) -> None:
    """Delete connections of Airflow's database."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(Connection).where(Connection.conn_id.in_(names)))


def call(name: str, path: str) -> Any:
    """Read something of a vendor through its hook."""
    from airflow.models.connection import Connection

    hook = Connection.get_connection_from_secrets(name).get_hook()  # type: ignore[no-untyped-call]
    hook.method = "GET"
    return hook.run(path).json()


def ask_by_client(name: str) -> Any:
    """What a vendor answers the package's own client, as its hook gives it."""
    from airflow.models.connection import Connection

    hook = Connection.get_connection_from_secrets(name).get_hook()  # type: ignore[no-untyped-call]
    return [[finding.subject, finding.ok] for finding in hook.client().check()]


def select(statement: str) -> Any:
    """Ask the product's database through its hook."""
    from retail_sync_airflow.hooks.database import RetailSyncDbHook

    return RetailSyncDbHook().get_first(statement)


def decided(kind: str) -> str:
    """What the tasks' retry policy decides on an error of ours."""
    from retail_sync import errors
    from retail_sync_airflow.retries import retries

    found = getattr(errors, kind, None) or OSError
    return str(retries()["retry_policy"].evaluate(found("it went wrong"), 1, 5).action.value)


def told(kind: str, after: float | None = None) -> dict[str, Any]:
    """What Airflow is told of an error that a step raises, and in how many seconds it is to come again."""
    from datetime import UTC, timedelta

    from retail_sync import errors
    from retail_sync_airflow.operators.failures import told_to_airflow

    now = datetime.now(UTC)
    given = {} if after is None else {"retry_at": now + timedelta(seconds=after)}
    try:
        with told_to_airflow():
            raise getattr(errors, kind)("it went wrong", **given)  # noqa: TRY301
    except Exception as error:  # noqa: BLE001 - whatever it is, is the answer
        at = getattr(error, "reschedule_date", None)
        return {"kind": type(error).__name__, "in": at and (at - now).total_seconds()}


def told_of_postgres(dsn: str) -> dict[str, Any]:
    """What Airflow is told when Postgres refuses a row, quoting it."""
    from retail_sync.db.database import Database
    from retail_sync_airflow.operators.failures import told_to_airflow

    try:
        with told_to_airflow(), Database(dsn).connection() as connection:
            connection.execute("create temporary table person (email text primary key)")
            connection.execute("insert into person values ('ann@mail.test'), ('ann@mail.test')")
    except Exception as error:  # noqa: BLE001 - whatever it is, is the answer
        return {"kind": type(error).__name__, "text": str(error), "hidden": error.__suppress_context__}
    raise AssertionError("Postgres took the row twice")


def _name(ti: Any) -> str:
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def _xcoms(dag_id: str, run_id: str) -> list[str]:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select as rows

    with create_session() as session:
        wanted = rows(XComModel.value).where(XComModel.dag_id == dag_id, XComModel.run_id == run_id)
        return [json.dumps(value) for value in session.scalars(wanted)]


_TASKS: dict[str, Callable[..., Any]] = {
    task.__name__: task
    for task in (
        run, failure_mail, visit, watch, bag, about, form, connection_types, test_connection, keep, forget, call,
        ask_by_client, select, decided, told, told_of_postgres,
    )
}  # fmt: skip


def main() -> None:
    """Answer until standard input closes. Whatever Airflow prints goes where its errors go."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.update(asked["environment"])
        try:
            answer = {"done": _TASKS[asked["task"]](**asked["arguments"])}
        except Exception as error:  # noqa: BLE001 - the test is told
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
