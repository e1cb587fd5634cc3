"""When a plan is far enough from the usual to wait for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_sync.db.database import Database
from retail_sync.delivery.brake import Planned, decide, hold_unusual
from retail_sync.errors import ConfigurationError
from retail_sync.pairs.brake import Brake

from .outbox_rows import ACCOUNT, Outbox, member
from .road_rows import NOON

PAIR = "shop_to_list"


class Plans:
    """Plans of one pair, each of so many changed members."""

    def __init__(self, database: Database) -> None:
        self.outbox = Outbox(database)
        self.brake = Brake(rows=2, share=1, times=3)
        self.is_live = True

    def make(self, members: int, *, text: str, spared: tuple[str, ...] = ()) -> str | None:
        self.outbox.now += timedelta(minutes=5)
        self.outbox.want(*(member(number, city=text) for number in range(members)))
        return self.hold(spared)

    def hold(self, spared: tuple[str, ...] = ()) -> str | None:
        run = f"run{self.outbox.runs}"
        planned = Planned(run, PAIR, ACCOUNT, self.outbox.now, self.is_live, spared)
        with self.outbox.database.connection() as connection:
            return hold_unusual(connection, self.brake, planned)


@pytest.fixture
def plans(database: Database) -> Plans:
    """Ten members stand, and five plans have changed two of them each."""
    plans = Plans(database)
    plans.is_live = False
    plans.make(10, text="Oslo")
    plans.outbox.load()
    plans.is_live = True
    for number in range(5):
        assert plans.make(2, text=f"town {number}") is None
        plans.outbox.load()
    return plans


@pytest.mark.req("DAG-8")
def test_a_plan_of_many_times_the_usual_is_held(plans: Plans) -> None:
    assert plans.make(6, text="Lund") is None
    plans.outbox.load()
    assert plans.make(7, text="Umeå") == "The run would change 7 objects where 2 are usual."
    assert plans.outbox.load() == {}


@pytest.mark.req("DAG-8")
def test_a_plan_that_changes_a_large_part_of_what_stands_is_held(plans: Plans) -> None:
    plans.brake = Brake(rows=2, share=0.3)
    assert plans.make(3, text="Lund") is None
    assert plans.make(4, text="Umeå") == "The run would change 4 objects where 10 stand."


@pytest.mark.req("DAG-8")
def test_small_plans_and_what_everything_stands_on_are_never_held(plans: Plans) -> None:
    plans.brake = Brake(rows=2, share=0)
    assert plans.make(2, text="Lund") is None
    assert plans.make(4, text="Umeå", spared=("member:0", "member:1")) is None


@pytest.mark.req("DAG-8", "DAG-2")
def test_an_approval_outlives_a_clear_and_is_given_once(plans: Plans) -> None:
    assert plans.make(9, text="Lund")
    run = f"run{plans.outbox.runs}"
    with plans.outbox.database.connection() as connection:
        assert decide(connection, PAIR, run, "approved", by="somebody", now=NOON) == {"member update": 9}
    assert plans.hold() is None, "the run was cleared and plans again"
    with (
        plans.outbox.database.connection() as connection,
        pytest.raises(ConfigurationError, match="waits for approval"),
    ):
        decide(connection, PAIR, run, "rejected", by="somebody else", now=NOON)
    assert plans.outbox.load() == {"member": {"delivered": 9}}
