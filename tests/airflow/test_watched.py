"""What those see who look after the pairs, on all of Airflow as `make up` starts it: pages, and mails of what is late.

Its pair has deadlines of seconds.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import psycopg
import pytest

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.operate.mail_catcher import mails_in, text_of
from retail_sync.sandbox.client import SandboxControl

from .pair_files import OPERATIONS, PAIR
from .up_process import Up

PAGES = "retail-sync"
LOADED = re.compile(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)\s*=\s*"([^"]+)\"""", re.DOTALL)
NOBODY = """
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
print(create_auth_manager().generate_jwt(SimpleAuthManagerUser(username="guest", role=None)))
"""
UPKEEP = "retail_sync__upkeep"
#: Runs on all of Airflow take a minute on a quiet machine and many on a busy one.
pytestmark = pytest.mark.timeout(1800)
LAST_TRY = "update task_instance set max_tries = try_number - 1 where run_id = %s and task_id = %s"
PROCESS = "select pid from task_instance where run_id = %s and task_id = %s and state = 'running'"


@pytest.fixture
def up(watched: Up) -> Up:
    """The command, with a pair whose runs and orders are late after some seconds."""
    return watched


@pytest.fixture
def mailchimp(up: Up) -> Iterator[SandboxControl]:
    """Mailchimp, well again after the test."""
    _, control = up.sandboxes
    yield control
    control.clear_faults()


@pytest.fixture
def books(up: Up) -> Iterator[Database]:
    """The product's own database."""
    database = Database(up.dsn)
    yield database
    database.close()


def mails(up: Up, *words: str) -> list[EmailMessage]:
    """The mails that hold all of these words."""
    found = [(mail, f"{mail['Subject']} {text_of(mail)}") for mail in mails_in(up.folder / "mail")]
    return [mail for mail, text in found if all(word in text for word in words)]


def look(up: Up, books: Database, *records: str) -> list[Entry]:
    """Have upkeep look at everything, now; what is late then, of these records if any are named."""
    assert up.finish(UPKEEP, up.trigger(UPKEEP)) == "success"
    with books.connection() as connection:
        late = [entry for entry in entries(connection, PAIR) if entry.subject.startswith("deadline.")]
    return [entry for entry in late if entry.record in records or not records]


def task(up: Up, run_id: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = up.tasks(PAIR, run_id)[name]
    return found


def at_work(books: Database, run_id: str) -> str:
    """The step that a run is at, by the books."""
    with books.connection() as connection:
        steps = connection.execute(
            "select step from road.step where run_id = %s and state = 'running'", [f"{PAIR}/{run_id}"]
        ).fetchall()
    return str(steps[0][0]) if steps else ""


def clear(up: Up, run_id: str, name: str) -> None:
    wish = {"dry_run": False, "only_failed": False, "include_downstream": True, "task_ids": [name]}
    up.ask("POST", f"dags/{PAIR}/clearTaskInstances", json={**wish, "dag_run_id": run_id})


def guest(up: Up) -> str:
    """The token of somebody who is known and has no role."""
    home = up.folder / "airflow"
    secret = json.loads((home / "services.json").read_text(encoding="utf-8"))["jwt_secret"]
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__API_AUTH__JWT_SECRET": secret}
    done = subprocess.run([sys.executable, "-c", NOBODY], env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip().rpartition("\n")[2]


@pytest.mark.req("QUA-2", "SEC-1")
@pytest.mark.parametrize(
    "path",
    ["", "exceptions", f"runs/{PAIR}/any", f"leavings/{PAIR}.csv", "docs/index.html", "style.css", "docs/static/x"],
)
def test_no_page_is_for_anybody_who_is_not_signed_in(up: Up, path: str) -> None:
    asked = up.page(f"{PAGES}/{path}")
    assert asked.status_code == 302
    assert asked.headers["Location"] == f"/api/v2/auth/login?next=/{PAGES}/{path}"
    assert up.page(f"{PAGES}/{path}", accept="application/json").status_code == 401
    assert up.page(f"{PAGES}/{path}", token="forged").status_code == 403


@pytest.mark.req("QUA-2", "SEC-1")
def test_no_page_is_for_somebody_without_a_role(up: Up) -> None:
    token = guest(up)
    assert {up.page(f"{PAGES}/{path}", token=token).status_code for path in ("", "exceptions", "docs/index.html")} == {
        403
    }
    assert up.page(f"{PAGES}/leavings/{PAIR}.csv", token=token).status_code == 403


@pytest.mark.req("QUA-2", "SEC-1")
def test_the_site_is_whole_and_loads_nothing_from_elsewhere(up: Up) -> None:
    token = up.log_in()
    index = up.page(f"{PAGES}/", token=token)
    assert index.status_code == 200
    assert "default-src 'none'" in index.headers["Content-Security-Policy"]
    assert index.headers["X-Content-Type-Options"] == "nosniff"
    validations = re.findall(r'href="/retail-sync/(docs/validations/[^"]+)"', index.text)
    assert len(validations) >= 4
    for path in (f"{PAGES}/docs/index.html", *(f"{PAGES}/{found}" for found in validations)):
        page = up.page(path, token=token)
        assert page.status_code == 200
        for address in set(LOADED.findall(page.text)):
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
            loaded = up.page(there, token=token)
            assert loaded.status_code == 200, f"{path} loads {address}"
            assert loaded.headers["Content-Type"].split(";")[0] in {"text/css", "text/javascript"}


@pytest.mark.req("CON-3")
def test_the_list_of_whom_to_take_off_is_a_file_for_a_spreadsheet(up: Up) -> None:
    answer = up.page(f"{PAGES}/leavings/{PAIR}.csv", token=up.log_in())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.text.splitlines()[0] == "customer,email,first_name,last_name,status,since"


@pytest.mark.req("QUA-2", "SEC-1")
@pytest.mark.parametrize(
    "path", ["docs/../../etc/passwd", "docs/static/vendor/..%2f..%2fdocs.py", "docs/nothing", "openapi.json", "docs"]
)
def test_there_are_no_other_pages(up: Up, path: str) -> None:
    assert "retail_sync" not in up.page(f"{PAGES}/{path}", token=up.log_in()).text


@pytest.mark.req("QUA-2", "OPS-1")
def test_a_run_and_its_tasks_lead_to_what_was_validated(up: Up) -> None:
    (run,) = up.runs(PAIR, run_type="scheduled")
    run_id = run["dag_run_id"]
    (link,) = up.ask("GET", f"dags/{PAIR}/dagRuns/{run_id}/taskInstances/validate/links")["extra_links"].values()
    page = up.page(link.lstrip("/"), token=up.log_in())
    assert page.status_code == 200
    assert f"{PAIR}/{run_id}" in page.text
    assert f"/retail-sync/docs/validations/{PAIR}-orders" in page.text
    assert "@" not in page.text
    views = [view for plugin in up.ask("GET", "plugins")["plugins"] for view in plugin["external_views"]]
    assert {(view["name"], view["destination"]) for view in views} == {
        ("Data quality", "nav"), ("Exceptions", "nav"), ("Data quality", "dag_run")
    }  # fmt: skip


@pytest.mark.req("DAG-7")
def test_upkeep_is_at_work_without_being_switched_on(up: Up) -> None:
    assert not up.ask("GET", f"dags/{UPKEEP}")["is_paused"]
    assert up.wait(lambda: [run for run in up.runs(UPKEEP, run_type="scheduled") if run["state"] == "success"])


@pytest.mark.req("DAG-7", "DAG-2")
def test_a_run_and_its_orders_that_are_late_are_each_told_of_once_and_clearing_it_works(
    up: Up, mailchimp: SandboxControl, books: Database
) -> None:
    earlier = "".join(text_of(mail) for mail in mails(up, "late: "))
    up.advance(orders=3)
    mailchimp.fault("slow", times=None, seconds=300)
    run_id = up.trigger(PAIR)
    (mail,) = up.wait(lambda: mails(up, "late: ", f"run {PAIR}/{run_id}"))
    assert mail["To"] == OPERATIONS
    said = text_of(mail)
    assert "Owner: operations" in said
    assert "and is not done" in said
    assert "What to do:" in said

    up.wait(lambda: task(up, run_id, "load")["state"] == "running")
    orders = up.wait(lambda: [one.record for one in look(up, books) if one.subject == "deadline.record"])
    assert "@" not in "".join(one.cause for one in look(up, books))
    for order in orders:
        told = mails(up, "late: ", f"<p>{order}: ", "and is not at Mailchimp")
        assert len(told) == earlier.count(f"<p>{order}: ") + 1
    assert len(mails(up, "late: ", f"run {PAIR}/{run_id}")) == 1

    mailchimp.clear_faults()
    clear(up, run_id, "load")
    assert up.finish(PAIR, run_id) == "success"
    up.wait(lambda: not look(up, books, f"run {PAIR}/{run_id}", *orders))
    assert len(mails(up, "late: ", f"run {PAIR}/{run_id}")) == 1


@pytest.mark.req("DAG-7", "DAG-2")
def test_a_run_whose_deadline_is_still_to_come_can_be_cleared(up: Up) -> None:
    run_id = up.trigger(PAIR)
    up.wait(lambda: task(up, run_id, "open_run")["state"] == "success")
    clear(up, run_id, "open_run")
    assert up.finish(PAIR, run_id) == "success"
    assert task(up, run_id, "open_run")["try_number"] == 2


@pytest.mark.req("DAG-7")
def test_a_run_whose_task_is_killed_at_its_last_try_is_told_of(
    up: Up, mailchimp: SandboxControl, books: Database
) -> None:
    # Nobody but reconcile asks for the list of orders.
    mailchimp.fault("slow", endpoint="GET */orders", times=None, seconds=300)
    run_id = up.trigger(PAIR)
    with psycopg.connect(up.airflow_dsn, autocommit=True) as airflow:
        (process,) = up.wait(lambda: airflow.execute(PROCESS, [run_id, "reconcile"]).fetchone())
        up.wait(lambda: at_work(books, run_id) == "reconcile")
        airflow.execute(LAST_TRY, [run_id, "reconcile"])
        os.kill(process, signal.SIGKILL)
    mailchimp.clear_faults()
    assert up.finish(PAIR, run_id) == "failed"
    (mail,) = up.wait(lambda: mails(up, "failed: live run", run_id))
    assert "Step reconcile was killed" in text_of(mail)
    assert task(up, run_id, "close_run")["state"] == "failed"

    clear(up, run_id, "reconcile")
    assert up.finish(PAIR, run_id) == "success"
