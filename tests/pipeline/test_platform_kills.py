"""kill -9 in load where a platform can't be asked what it holds: nothing is told twice, and nothing counts twice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from retail_sync.db.acts import Act
from retail_sync.delivery.workers import IN_FLIGHT
from retail_sync.reconcile.by_hand import Word, settle, unanswered
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of, steps_of
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.runs import read_run

from .shop import Shop
from .tales import came_back, order
from .test_everywhere import begin, confirmed, parcel, told
from .test_kill import Point, die

pytestmark = pytest.mark.usefixtures("sql_alone")

#: Contacts are written first; the third batch is what can't be read back: sales data at the one, events at the other.
UNASKED = "load.sent:3"
POINTS = ("load.claimed:3", "load.sent:2", UNASKED, "load.before_commit:3")


@pytest.mark.req("SHP-2", "DAG-2", "ORD-3", "OPS-4")
@pytest.mark.parametrize("anywhere", ["emarsys", "ometria"], indirect=True)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_tells_and_counts_nothing_twice(anywhere: Shop, tmp_path: Path, point: str) -> None:
    shop = anywhere
    buyer = begin(shop)
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1), (9, 1)])
    shop.tell(placed, order(shop.clock(), 502, buyer, [(7, 2)]))
    shop.tell(*(parcel(shop, placed, number) for number in (1, 2, 3)))
    shop.pass_time(minutes=5)
    until_load(shop, "killed")
    assert die(shop, tmp_path, "killed", Point(point, "load")) == -signal.SIGKILL

    shop.go_on("killed")
    shop.pass_time(seconds=IN_FLIGHT.total_seconds())
    assert somebody_looks(shop) or point != UNASKED
    shop.sync()
    shop.tell(came_back(shop.clock(), placed, 1))
    shop.sync()
    assert told(shop) == ["501-1", "501-2", "501-3"]
    assert confirmed(shop) == {"order_confirmation": 1, "order_invoice": 1}


def until_load(shop: Shop, run_id: str) -> None:
    """Do the steps of a run before load."""
    open_run(shop.road, run_id, RunRequest())
    run = read_run(shop.road.database, run_id)
    steps = steps_of(run.dag, run.streams)
    for step in steps[: steps.index("load")]:
        perform(shop.road, run_id, step, function_of(step))


def somebody_looks(shop: Shop) -> bool:
    """A person looks at the platform for each row that was not answered, and says what they find; gives if any was."""
    state = shop.destination.state()
    found = {"emarsys": lambda: state["sales"]["orders"], "ometria": lambda: state["custom_events"]}[shop.platform]()
    act = Act("settle", "anna", "looked there", shop.clock())
    with shop.road.database.connection() as connection:
        rows = unanswered(connection, shop.road.pair, shop.clock())
        for row in rows:
            word: Word = "arrived" if row.vendor_key in found else "lost"
            settle(connection, shop.road.pair, [row.row_id], word, act)
    return bool(rows)
