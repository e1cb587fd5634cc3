"""kill -9 at every named point of a run: cleared and run again, it ends as if nothing had been."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
import yaml

import retail_sync
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.delivery.workers import IN_FLIGHT
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import ContactLeft, CustomerKnown, NewsletterChanged, OrderCancelled
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of, steps_of
from retail_sync.steps.requests import Dag, RunRequest
from retail_sync.steps.runs import read_run

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .shop import NOON, Shop
from .tales import came_back, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")

RUN = "killed"
#: Rows that one worker holds at a time: what may be sent twice.
BATCH = 5


class Point(NamedTuple):
    """A named point, the step and DAG in which it is passed, and how many rows may have been sent and not noted."""

    name: str
    step: str
    unwritten: int = 0
    dag: Dag = "live"


POINTS = (
    Point("extract.after_page", "extract:orders"),
    Point("extract.after_copy", "extract:orders"),
    Point("extract.before_commit", "extract:returns"),
    Point("extract.after_commit", "extract:returns"),
    Point("extract.before_watermark", "extract:orders"),
    Point("extract.before_last_commit", "extract:customers"),
    Point("extract.after_last_commit", "extract:orders"),
    Point("seal.before_commit", "seal"),
    Point("seal.after_commit", "seal"),
    Point("validate.verdicts_written", "validate"),
    Point("plan.before_commit", "plan"),
    Point("plan.committed", "plan"),
    Point("load.claimed:3", "load"),
    Point("load.sent:4", "load", BATCH),
    Point("load.before_commit:5", "load", BATCH),
    Point("load.acknowledged:5", "load"),
    Point("load.errand", "load", BATCH),
    Point("http.answered:6", "load", BATCH),
    Point("perform.done", "plan"),
    Point("reconcile.settled", "reconcile"),
    Point("close_run.noticed", "close_run"),
    Point("consent.mirrored", "consent", dag="consent"),
    Point("consent.queued", "consent", dag="consent"),
    Point("history.after_page", "extract:orders", dag="history"),
    Point("history.slot_complete:3", "extract:orders", dag="history"),
    # What was broken by hand is a write, and so is putting it right.
    Point("audit.chunk_kept:4", "audit", 1, "audit"),
    Point("audit.suspected:6", "audit", 1, "audit"),
    Point("audit.judged:6", "audit", 1, "audit"),
)
#: The runs of the story, in their order.
DAGS: tuple[Dag, ...] = ("live", "consent", "history", "audit")


def buyers() -> list[CustomerKnown]:
    return [customer(NOON, n, f"buyer{n}@mail.test", newsletter=n % 2 == 0) for n in range(1, 13)]


def begin(shop: MailchimpShop) -> None:
    """A small shop that was synced, and what then happened in it."""
    known = buyers()
    shop.tell(*(product(NOON, number) for number in (7, 8, 9)), *known)
    first = [order(NOON, 500 + buyer.customer_id, buyer, [(7, 2), (8, 1)]) for buyer in known[:10]]
    open_return = came_back(NOON, first[2], 1, completed=False)
    shop.tell(*first, *(sent(NOON, one) for one in first[:6]), open_return)
    shop.sync()

    shop.pass_time(days=1)
    at = NOON + timedelta(days=1)
    returned = came_back(at, first[0], 1)
    shop.tell(
        *(order(at, 600 + buyer.customer_id, buyer, [(9, 1)]) for buyer in known),
        *(sent(at, one) for one in first[6:9]),
        returned,
        paid_back(at, first[0], "100.00", made=returned),
        OrderCancelled(at=at, number=first[9].number),
        customer(at, 13, "BUYER3@mail.test", registered=False),
        NewsletterChanged(at=at, customer_id=5, subscribed=True),
        ContactLeft(at=at, email="buyer2@mail.test"),
        ContactLeft(at=at, email="buyer4@mail.test"),
    )
    shop.pass_time(minutes=5)
    shop.destination.reset_log()
    shop.source.reset_log()


def finish(shop: MailchimpShop, last: Dag = "consent") -> None:
    """The run and its consent run, and those after them up to one, whatever was done of them before.

    The report of the run must say what the oracle says: that nothing is wrong, but for what only the audit puts right.
    """
    for dag in DAGS[: max(2, DAGS.index(last) + 1)]:
        report = shop.go_on(run_of(dag), dag=dag)
        if dag == "live" and last != "audit":
            assert set(report["reconciliation"].values()) <= {0}


def run_of(dag: Dag) -> str:
    return RUN if dag == "live" else f"{RUN} {dag}"


@pytest.fixture(scope="module")
def undisturbed(
    centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str
) -> tuple[Any, int]:
    """What the same story comes to when nobody is killed: the marketing platform's books, and how many writes."""
    centra.reset()
    mailchimp.reset()
    shop = MailchimpShop(centra, mailchimp, server.create_database("undisturbed", template))
    small_batches(shop)
    begin(shop)
    finish(shop)
    assert shop.differences() == []
    shop.close()
    server.drop_database("undisturbed")
    return essence(shop.destination.state()), shop.writes


def small_batches(shop: MailchimpShop, *, direct_up_to: int = 200) -> None:
    """One worker, and few rows at a time; more than `direct_up_to` of a kind go by batches."""
    settings = {**shop.road.pair.destination.settings, "batch_operations": BATCH, "direct_up_to": direct_up_to}
    shop.change_pair(destination={"settings": settings}, load={"share": 0.1})


def essence(value: Any) -> Any:
    """Books without times, without numbers given in the order of writing, and without what was not sent twice."""
    times = {"at", "timestamp_opt", "last_changed", "created_at", "updated_at", "occurred_at"}
    passing = times | {"contact_id", "batches", "mails_not_sent"}
    if isinstance(value, dict):
        return {name: essence(part) for name, part in value.items() if name not in passing}
    if isinstance(value, list):
        return sorted((essence(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def run_until(shop: MailchimpShop, point: Point) -> str:
    """Do the runs and steps before one in this process; gives the run that the step is of."""
    for dag in DAGS[: DAGS.index(point.dag)]:
        shop.go_on(run_of(dag), dag=dag)
    if point.dag == "audit":
        shop.say("PATCH", "{store}/products/7", {"title": "Changed by hand"})
    run_id = run_of(point.dag)
    open_run(shop.road, run_id, RunRequest(dag=point.dag))
    run = read_run(shop.road.database, run_id)
    steps = steps_of(run.dag, run.streams)
    for before in steps[: steps.index(point.step)] if point.step in steps else steps:
        perform(shop.road, run_id, before, function_of(before))
    return run_id


def brought_to(
    shop: MailchimpShop, beginnings: Beginnings, point: Point, story: Callable[[MailchimpShop], None]
) -> str:
    """Let a story happen and all that comes before a point's step, each once a file; gives the run of the step."""

    def until(shop: MailchimpShop, story: Callable[[MailchimpShop], None], step: str, dag: Dag) -> str:
        beginnings.begin(shop, story)
        return run_until(shop, Point("", step, dag=dag))

    return beginnings.begin(shop, until, story, point.step, point.dag)


def die(shop: Shop, folder: Path, run_id: str, point: Point) -> int:
    """Do the point's step in a process that is killed there; gives how it ended."""
    ended = start(shop, folder, run_id, [point.step], {"RETAIL_SYNC_CRASH_AT": point.name}).wait(timeout=60)
    free_the_allowance(shop)
    return ended


def start(
    shop: Shop, folder: Path, run_id: str, steps: Sequence[str], more: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Do steps of a run in a process of their own."""
    content = shop.road.pair.model_dump(mode="json", by_alias=True)
    pair = shop.road.pair.pair
    (folder / f"{pair}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    environment = {**os.environ, **shop.environment(), "RETAIL_SYNC_PAIRS": str(folder), **more}
    command = [sys.executable, str(Path(__file__).with_name("one_step.py")), pair, run_id, *steps]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def free_the_allowance(shop: Shop) -> None:
    """What the killed held of the account's allowance would run out in fifteen seconds; nobody waits for that here."""
    with shop.road.database.connection() as connection:
        connection.execute("update ops.slot set expires_at = '-infinity'")


@pytest.mark.req("DAG-2", "OPS-4")
@pytest.mark.parametrize("point", POINTS, ids=[point.name for point in POINTS])
def test_a_run_that_was_killed_ends_like_one_that_was_not(
    point: Point, undisturbed: tuple[Any, int], shop: MailchimpShop, beginnings: Beginnings, tmp_path: Path
) -> None:
    books, writes = undisturbed
    small_batches(shop, direct_up_to=2 if point.name == "load.errand" else 200)
    run_id = brought_to(shop, beginnings, point, begin)
    assert die(shop, tmp_path, run_id, point) == -signal.SIGKILL
    finish(shop, point.dag)
    assert essence(shop.destination.state()) == books
    # Each row is a request; what was created already is met with a second one.
    assert writes <= shop.writes <= writes + 2 * point.unwritten


def await_requests(shop: MailchimpShop, number: int, workers: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until so many more requests have reached the sandboxes, or nobody makes any."""
    asked = [shop.source.log, shop.destination.log]
    until = number + sum(log()["requests"] for log in asked)
    while sum(log()["requests"] for log in asked) < until and any(worker.poll() is None for worker in workers):
        time.sleep(0.02)


@pytest.mark.req("DAG-2", "OPS-4")
@pytest.mark.parametrize("seed", range(int(os.environ.get("RETAIL_SYNC_KILLS", "1"))))
def test_two_workers_that_are_killed_again_and_again_end_like_one_that_was_not(
    seed: int, undisturbed: tuple[Any, int], shop: MailchimpShop, beginnings: Beginnings, tmp_path: Path
) -> None:
    books, writes = undisturbed
    small_batches(shop)
    brought_to(shop, beginnings, Point("", "plan"), begin)
    chance, kills = Random(seed), 2
    for _ in range(kills):
        # Beside each other, each from the start; where one is in the other's way it ends by itself.
        workers = [start(shop, tmp_path, RUN, ["plan", "load", "reconcile"], {}) for _ in range(2)]
        await_requests(shop, chance.randrange(1, 25), workers)
        for worker in workers:
            worker.kill()
            worker.wait(timeout=60)
        free_the_allowance(shop)
    finish(shop)
    assert writes - len(unanswered(shop)) <= shop.writes <= writes + 2 * BATCH * len(workers) * kills
    # What a worker was telling when it died may be on its way for a while: only after that is it looked for.
    shop.pass_time(seconds=IN_FLIGHT.total_seconds())
    shop.sync()
    shop.sync()
    assert unanswered(shop) == []
    assert essence(shop.destination.state()) == books


def unanswered(shop: MailchimpShop) -> list[Any]:
    """Rows of which nobody knows whether they have arrived."""
    return shop.query("select row_id from delivery.outbox where state = 'unknown' and closed_at is null")


@pytest.mark.req("DAG-2")
def test_every_point_is_tried() -> None:
    folder = Path(retail_sync.__file__).parent
    named = {
        name for path in folder.rglob("*.py") for name in re.findall(r'crash_point\("([a-z_.]+)"\)', path.read_text())
    }
    assert named == {point.name.partition(":")[0] for point in POINTS}
