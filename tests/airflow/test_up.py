"""All of Airflow on one machine, as `make up` starts it: scheduler, parser, interface, real workers."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from retail_sync.db.database import Database
from retail_sync.delivery import workers
from retail_sync.delivery.acknowledge import acknowledge
from retail_sync.delivery.heartbeat import Heartbeat
from retail_sync.delivery.queue import Queueing, queue_differences
from retail_sync.delivery.rows import Bearer
from retail_sync.model.delivery import PRIORITY, Outcome, Wanted
from retail_sync.operate.mail_catcher import mails_in, text_of
from retail_sync.pairs.files import find
from retail_sync.sandbox.client import SandboxControl
from tests.oracle.plain import plain_account, plain_books
from tests.oracle.terms import Terms
from tests.oracle.verdict import differences
from tests.pipeline.tales import customer, order, product

from .pair_files import OPERATIONS, PAIR
from .up_process import Up
from .watched_up import BROKEN

#: Runs on all of Airflow take a minute on a quiet machine and many on a busy one.
pytestmark = pytest.mark.timeout(1800)
HISTORY = f"{PAIR}__history"
#: A contact of the audience that the sandbox's marketing people had long before anybody synced.
THERE_BEFORE = "left.before.we.came@mail.test"
#: The number of a product that was listed behind everything that was read.
PAST_GOODS = 900


@pytest.fixture
def up(watched: Up) -> Up:
    """The command, with one good pair file and a broken one, on a small shop that was synced."""
    return watched


@pytest.fixture
def books(up: Up) -> Iterator[Database]:
    """The product's own database."""
    database = Database(up.dsn)
    yield database
    database.close()


def windows(books: Database) -> dict[str, tuple[Any, ...]]:
    with books.connection() as connection:
        rows = connection.execute("select run_id, window_since, window_until, opened_at from road.run").fetchall()
    return {row[0]: row[1:] for row in rows}


def clear(up: Up, run_id: str, task: str, *, include_downstream: bool) -> None:
    wish = {"dry_run": False, "only_failed": False, "include_downstream": include_downstream}
    up.ask("POST", f"dags/{PAIR}/clearTaskInstances", json={**wish, "dag_run_id": run_id, "task_ids": [task]})


@contextmanager
def another_at_work(books: Database) -> Iterator[None]:
    """Somebody else sends something to the pair's audience, for as long as the block runs."""
    account = find(PAIR).destination.account
    note = Wanted(kind="note", object_id="note:1", vendor_key="1", payload={"n": 1})
    queueing = Queueing(account, "other_to_mailchimp", "other", datetime.now(UTC), PRIORITY["state"], None)
    worker = workers.register(books, account, timedelta(seconds=10))
    with books.connection() as connection:
        queue_differences(connection, [Bearer(note)], queueing)
        phase = workers.Phase(queueing.priority, note.kind)
        (row,) = workers.claim(connection, worker, phase, queueing.now, 1)
    with Heartbeat(worker):
        yield
    sent = Outcome(row_id=row.row_id, verdict="delivered")
    with books.connection() as connection:
        acknowledge(connection, worker, [sent], contact_kind=None, now=datetime.now(UTC))
    worker.retire()


def failures(up: Up, run_id: str) -> list[EmailMessage]:
    """The mails that a run has failed."""
    mails = mails_in(up.folder / "mail")
    return [mail for mail in mails if "failed" in mail["Subject"] and run_id in text_of(mail)]


def writes(up: Up) -> int:
    _, mailchimp = up.sandboxes
    return int(mailchimp.log()["writes"])


def orders(up: Up) -> set[str]:
    """The numbers of the orders that the store holds."""
    _, mailchimp = up.sandboxes
    (store,) = mailchimp.state()["stores"].values()
    return set(store["orders"])


def judge(up: Up) -> list[str]:
    """What the oracle finds wrong between the two sides, but for what is the affair of DAGs that do not run here.

    The shop is not told who has left. Stock is not read, nor goods of long ago.
    """
    centra, mailchimp = up.sandboxes
    terms = Terms(at=datetime.now(UTC), writes_back=False)
    account = plain_account("mailchimp", mailchimp.state())
    wrong = differences(plain_books("centra", centra.state()), account, terms, others=[THERE_BEFORE])
    elsewhere = re.compile(rf"{THERE_BEFORE}|^stock of |P{PAST_GOODS}\b")
    return [line for line in wrong if not elsewhere.search(line)]


def sell_in_the_past(up: Up, *days: datetime) -> set[str]:
    """Orders that were placed on these days, behind everything that was read, by somebody nobody has heard of."""
    long_ago = days[0] - timedelta(days=30)
    buyer = customer(long_ago, 900, "past@mail.test", newsletter=True)
    numbers = [9000 + place for place, _ in enumerate(days)]
    goods = product(long_ago, PAST_GOODS)
    sold = [order(day, number, buyer, ((PAST_GOODS, 1),)) for day, number in zip(days, numbers, strict=True)]
    for control in up.sandboxes:
        control.apply([goods, buyer, *sold])
    return {str(number) for number in numbers}


@contextmanager
def refusing(control: SandboxControl, status: int) -> Iterator[None]:
    """The vendor answers everything with this status, for as long as the block runs."""
    control.fault("status", status=status, times=None)
    try:
        yield
    finally:
        control.clear_faults()


@pytest.mark.req("DAG-1", "OPS-3")
def test_the_interface_offers_dags_and_connection_forms_and_names_the_broken_file(up: Up) -> None:
    waiting = {dag["dag_id"] for dag in up.offered if dag["is_paused"]}
    assert waiting == {PAIR, HISTORY, *(f"{PAIR}__{sort}" for sort in ("consent", "catalogue", "audit"))}
    assert [dag["dag_id"] for dag in up.offered if not dag["is_paused"]] == ["retail_sync__upkeep"]
    (error,) = up.wait(lambda: up.ask("GET", "importErrors")["import_errors"])
    assert f"{BROKEN}.yaml: schedule.yearly" in error["stack_trace"]
    assert up.ask("GET", "plugins/importErrors")["import_errors"] == []


@pytest.mark.req("DAG-3")
def test_a_scheduled_run_syncs_the_shop(up: Up) -> None:
    (run,) = up.runs(PAIR, run_type="scheduled")
    assert up.tasks(PAIR, run["dag_run_id"])["load"]["state"] == "success"
    assert len(orders(up)) > 0
    assert judge(up) == []


@pytest.mark.req("DAG-3")
def test_a_run_by_hand_takes_the_form_and_refuses_a_bad_one(up: Up, books: Database) -> None:
    before = writes(up)
    said = up.refused("POST", f"dags/{PAIR}/dagRuns", json={"logical_date": None, "conf": {"streams": ["parcels"]}})
    assert "parcels" in said
    run_id = up.trigger(PAIR, streams=["orders"], dry_run=True, since="2026-01-01T00:00:00Z")
    assert up.finish(PAIR, run_id) == "success"
    since, _, _ = windows(books)[f"{PAIR}/{run_id}"]
    assert since.isoformat() == "2026-01-01T00:00:00+00:00"
    assert writes(up) == before


@pytest.mark.req("DAG-2", "DAG-3")
def test_a_run_that_is_cleared_keeps_its_window_and_sends_nothing_twice(up: Up, books: Database) -> None:
    (run,) = up.runs(PAIR, run_type="scheduled")
    run_id, before, wrote = run["dag_run_id"], windows(books), writes(up)
    for task, others_too in (("plan", True), ("open_run", False)):
        clear(up, run_id, task, include_downstream=others_too)
        assert up.finish(PAIR, run_id) == "success"
        assert up.tasks(PAIR, run_id)[task]["try_number"] == 2
    assert windows(books) == before
    assert writes(up) == wrote


@pytest.mark.req("DAG-2", "DAG-3")
def test_a_run_that_is_cleared_in_the_middle_loses_nothing_and_sends_nothing_twice(up: Up) -> None:
    _, mailchimp = up.sandboxes
    before = orders(up)
    up.advance(orders=3)
    with refusing(mailchimp, 503):
        run_id = up.trigger(PAIR)
        up.wait(lambda: up.tasks(PAIR, run_id)["load"]["state"] in {"up_for_retry", "up_for_reschedule"})
        clear(up, run_id, "seal", include_downstream=True)
    assert up.finish(PAIR, run_id) == "success"
    assert orders(up) - before
    assert judge(up) == []


@pytest.mark.req("DAG-3", "DAG-4", "DAG-6")
def test_three_days_are_filled_back_while_another_run_of_the_pair_is_at_work(up: Up, books: Database) -> None:
    before = orders(up)
    past = sell_in_the_past(up, *(datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 3, 4)))
    up.advance(orders=3)
    up.ask("PATCH", f"dags/{HISTORY}", json={"is_paused": False})
    wish = {"dag_id": HISTORY, "from_date": "2026-03-02T00:00:00Z", "to_date": "2026-03-04T00:00:00Z"}
    up.ask("POST", "backfills", json={**wish, "max_active_runs": 3, "dag_run_conf": {}})
    by_hand = up.trigger(PAIR)
    slots = up.wait(lambda: len(found := up.runs(HISTORY, run_type="backfill")) == 3 and found)
    for run in slots:
        assert up.finish(HISTORY, run["dag_run_id"]) == "success"
    assert up.finish(PAIR, by_hand) == "success"
    found = windows(books)
    filled = sorted(found[f"{HISTORY}/{run['dag_run_id']}"][:2] for run in slots)
    assert [f"{since:%m-%d} {until:%m-%d}" for since, until in filled] == ["03-02 03-03", "03-03 03-04", "03-04 03-05"]
    came = orders(up) - before
    assert past < came
    assert judge(up) == []


@pytest.mark.req("DAG-2")
def test_a_load_that_finds_another_at_work_comes_again_when_that_is_done(up: Up, books: Database) -> None:
    with another_at_work(books):
        run_id = up.trigger(PAIR)
        up.wait(lambda: up.tasks(PAIR, run_id)["load"]["state"] == "up_for_reschedule")
        with books.connection() as connection:
            noted = connection.execute(
                "select state from road.step where step = 'load' and run_id = %s", (f"{PAIR}/{run_id}",)
            )
            assert noted.fetchall() == [("deferred",)]
    assert up.finish(PAIR, run_id) == "success"
    load = up.tasks(PAIR, run_id)["load"]
    assert (load["state"], load["try_number"]) == ("success", 1)


@pytest.mark.req("DAG-3", "DAG-7")
def test_a_window_that_cannot_be_fails_the_run_at_once_and_sends_one_mail(up: Up) -> None:
    run_id = up.trigger(PAIR, since="2026-03-02T00:00:00Z", until="2026-03-01T00:00:00Z")
    assert up.finish(PAIR, run_id) == "failed"
    tasks = up.tasks(PAIR, run_id)
    assert (tasks["open_run"]["state"], tasks["open_run"]["try_number"]) == ("failed", 1)
    assert tasks["close_run"]["state"] == "failed"
    (mail,) = up.wait(lambda: failures(up, run_id))
    assert mail["To"] == OPERATIONS
    assert all(part in text_of(mail) for part in (PAIR, "since must be before until"))


@pytest.mark.req("DAG-2")
def test_a_run_is_red_if_a_task_failed_that_the_books_know_nothing_of(up: Up) -> None:
    """As of a worker that is killed before its task begins: the books tell of an earlier try."""
    (run,) = up.runs(PAIR, run_type="scheduled")
    run_id = run["dag_run_id"]
    up.ask("PATCH", f"dags/{PAIR}/dagRuns/{run_id}/taskInstances/reconcile", json={"new_state": "failed"})
    clear(up, run_id, "close_run", include_downstream=False)
    assert up.finish(PAIR, run_id) == "failed"
    assert up.tasks(PAIR, run_id)["close_run"]["state"] == "failed"


@pytest.mark.last
@pytest.mark.req("DAG-3")
def test_ctrl_c_ends_all_of_it_while_a_run_is_at_work(up: Up) -> None:
    run_id = up.trigger(PAIR, full_refresh=True)
    up.wait(lambda: any(task["state"] == "running" for task in up.tasks(PAIR, run_id).values()))
    processes = up.processes()
    assert len(processes) > 10
    assert up.end(signal.SIGINT) == 0
    assert "Everything has ended." in up.said
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []
