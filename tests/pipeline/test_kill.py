"""kill -9 at every named point of a run: cleared and run again, it ends as if nothing had been."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

import retail_sync
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import ContactLeft, CustomerKnown, NewsletterChanged, OrderCancelled
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of, steps_of
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.runs import read_run

from .shop import NOON, PAIR, Shop
from .tales import came_back, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("no_site")

RUN = "killed"
#: Rows that one worker holds at a time: what may be sent twice.
BATCH = 5


class Point(NamedTuple):
    """A named point, the step in which it is passed, and how many rows may have been sent and not written down."""

    name: str
    step: str
    unwritten: int = 0


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
    Point("consent.mirrored", "consent"),
    Point("consent.queued", "consent"),
)


def buyers() -> list[CustomerKnown]:
    return [customer(NOON, n, f"buyer{n}@mail.test", newsletter=n % 2 == 0) for n in range(1, 13)]


def begin(shop: Shop) -> None:
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
    shop.mailchimp.reset_log()
    shop.centra.reset_log()


def finish(shop: Shop) -> None:
    """The run and its consent run, whatever was done of them before."""
    shop.go_on(RUN)
    shop.go_on(f"{RUN} consent", dag="consent")


@pytest.fixture(scope="module")
def undisturbed(
    centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str
) -> tuple[Any, int]:
    """What the same story comes to when nobody is killed: the marketing platform's books, and how many writes."""
    centra.reset()
    mailchimp.reset()
    shop = Shop(centra, mailchimp, server.create_database("undisturbed", template))
    small_batches(shop)
    begin(shop)
    finish(shop)
    assert shop.differences() == []
    shop.close()
    server.drop_database("undisturbed")
    return essence(shop.mailchimp.state()), shop.writes


def small_batches(shop: Shop) -> None:
    """One worker, and few rows at a time."""
    settings = shop.road.pair.destination.settings
    shop.change_pair(destination={"settings": {**settings, "batch_operations": BATCH}}, load={"share": 0.1})


def essence(value: Any) -> Any:
    """Books without times and without numbers that are given in the order of writing."""
    passing = {"at", "contact_id", "last_changed", "created_at", "updated_at", "batches", "occurred_at"}
    if isinstance(value, dict):
        return {name: essence(part) for name, part in value.items() if name not in passing}
    if isinstance(value, list):
        return sorted((essence(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def run_until(shop: Shop, step: str) -> str:
    """Do the steps before one in this process; gives the run that the step is of."""
    run_id, request = (f"{RUN} consent", RunRequest(dag="consent")) if step == "consent" else (RUN, RunRequest())
    if step == "consent":
        shop.go_on(RUN)
    open_run(shop.road, run_id, request)
    run = read_run(shop.road.database, run_id)
    steps = steps_of(run.dag, run.streams)
    for before in steps[: steps.index(step)]:
        perform(shop.road, run_id, before, function_of(before))
    return run_id


def die(shop: Shop, folder: Path, run_id: str, point: Point) -> int:
    """Do the point's step in a process that is killed there; gives how it ended."""
    content = shop.road.pair.model_dump(mode="json", by_alias=True)
    (folder / f"{PAIR}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    environment = {
        **os.environ,
        **shop.environment(),
        "RETAIL_SYNC_PAIRS": str(folder),
        "RETAIL_SYNC_CRASH_AT": point.name,
    }
    command = [sys.executable, str(Path(__file__).with_name("one_step.py")), PAIR, run_id, point.step]
    ended = subprocess.run(command, env=environment, check=False, timeout=60).returncode
    # What it held of the account's allowance would run out in fifteen seconds; nobody waits for that here.
    with shop.road.database.connection() as connection:
        connection.execute("update ops.slot set expires_at = '-infinity'")
    return ended


@pytest.mark.req("DAG-2", "OPS-4")
@pytest.mark.parametrize("point", POINTS, ids=[point.name for point in POINTS])
def test_a_run_that_was_killed_ends_like_one_that_was_not(
    point: Point, undisturbed: tuple[Any, int], shop: Shop, tmp_path: Path
) -> None:
    books, writes = undisturbed
    small_batches(shop)
    begin(shop)
    run_id = run_until(shop, point.step)
    assert die(shop, tmp_path, run_id, point) == -signal.SIGKILL
    finish(shop)
    assert essence(shop.mailchimp.state()) == books
    # Each row is a request; what was created already is met with a second one.
    assert writes <= shop.writes <= writes + 2 * point.unwritten


@pytest.mark.req("DAG-2")
def test_every_point_is_tried() -> None:
    folder = Path(retail_sync.__file__).parent
    named = {
        name for path in folder.rglob("*.py") for name in re.findall(r'crash_point\("([a-z_.]+)"\)', path.read_text())
    }
    assert named == {point.name.partition(":")[0] for point in POINTS}
