"""Deadlines: what is late becomes an exception with its cause, once, and is gone when it has arrived."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import LeaseTakenError, StopError
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.pairs.config import Pair
from retail_sync.steps.close_run import close_run
from retail_sync.steps.context import Road
from retail_sync.steps.deadlines import note_unbegun
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.upkeep import watch

from .memory_shop import NOON, PAIR, Hands, MemoryShop, road_to

RUN = "shop_to_list/scheduled__1"
LIVE = "insert into road.live_pair (pair, run_id, live_at) values ('shop_to_list', 'r', %(now)s)"
ORDER = """
    with version as (
        insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
        values ('shop_main', 'orders', %(key)s, '', %(changed)s, %(read)s, %(seq)s, %(lane)s, %(doc)s)
        returning *)
    insert into stage.current
        (account, stream, key, version_id, hash, source_time, request_time, change_seq, lane)
    select account, stream, key, version_id, hash, source_time, request_time, change_seq, lane from version
"""
ACCEPTED = """
    insert into people.accepted (pair, stream, key, version_id, change_seq, run_id)
    select 'shop_to_list', stream, key, version_id, change_seq, 'r' from stage.current
"""
VALUE = """
    with person as (
        insert into people.person (pair, email, created_at) values ('shop_to_list', %(key)s || '@mail.test', %(placed)s)
        returning person_id)
    insert into people.order_value
        (pair, key, number, person_id, version_id, excluded, placed_at, currency, gross, reduced, net, net_base,
         counted)
    select 'shop_to_list', %(key)s, substring(%(key)s from 2), person_id, 1, false, %(placed)s, 'SEK', 1, 0, 1, 1, true
      from person
"""
QUEUED = """
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, hash, priority, run_id, state,
         queued_at)
    select 'list_main', 'shop_to_list', 'order', 'order:shop_main:' || key, key, person_id, 'state', 'create', '{}', '',
           30, 'r', %(state)s, %(queued)s
      from people.order_value
     where key = %(key)s
"""
PLANNED = """
    insert into road.work (run_id, stream, key, version_id, change_seq, reason)
    select 'r', stream, key, version_id, change_seq, 'changed' from stage.current
"""
SET_ASIDE = """
    insert into quality.quarantine
        (pair, account, stream, key, rule, effect, owner, version_id, change_seq, run_id, opened_at, seen_at)
    select 'shop_to_list', account, stream, key, 'order_email', 'hold_record', 'cx', version_id, change_seq, 'r',
           %(now)s, %(now)s
      from stage.current
"""
WATERMARK = """
    insert into stage.watermark (account, stream, until, run_id) values ('shop_main', %(stream)s, %(until)s, 'r')
"""
BOUND = """
    with run as (
        insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, state, opened_at)
        values ('before', 'shop_to_list', 'live', 'live', 'manual', '{orders}', 'f', 'closed', %(at)s)
        returning run_id)
    insert into road.work_bound (run_id, stream, change_seq) select run_id, %(stream)s, 1 from run
"""


class House:
    """The books, and a road that the watch is sent down."""

    def __init__(self, database: Database, **deadline: Any) -> None:
        self.clock = Hands()
        self.road: Road = road_to(database, MemoryShop(self.clock))
        self.road.pair = Pair.model_validate({**PAIR, "deadline": deadline})

    def do(self, statement: str, **given: Any) -> None:
        with self.road.database.connection() as connection:
            connection.execute(statement, {"now": self.clock(), **given})

    def order(self, key: str, *, changed: datetime = NOON, lane: str = "live", seq: int = 5) -> None:
        doc = json.dumps({"number": key[1:], "placed_at": changed.isoformat()})
        self.do(ORDER, key=key, changed=changed, read=max(changed, NOON), lane=lane, seq=seq, doc=doc)

    def queued(self, key: str, *, state: str = "pending", at: datetime = NOON) -> None:
        self.do(VALUE, key=key, placed=NOON)
        self.do(QUEUED, key=key, state=state, queued=at)

    def late(self, **after: float) -> list[Entry]:
        """What the watch finds late, after some time."""
        self.clock.on(**after)
        watch(self.road)
        with self.road.database.connection() as connection:
            return entries(connection)


def opened(house: House) -> None:
    open_run(house.road, RUN, RunRequest())


def passes(road: Road, run_id: str) -> dict[str, Any]:
    return {}


def breaks(road: Road, run_id: str) -> dict[str, Any]:
    raise StopError("the batch is too bad")


def waits(road: Road, run_id: str) -> dict[str, Any]:
    raise LeaseTakenError("another run is reading it")


@pytest.mark.req("DAG-7")
def test_a_run_that_is_slow_is_late_once_with_the_step_it_is_at(database: Database) -> None:
    house = House(database)
    opened(house)
    house.do(
        "insert into road.step (run_id, step, state, started_at) values (%(run)s, 'load', 'running', %(now)s)", run=RUN
    )
    assert house.late(minutes=29) == []
    (found,) = house.late(minutes=2)
    assert (found.subject, found.record, found.owner) == ("deadline.run", f"run {RUN}", "operations")
    assert "at work since 2026-05-01 12:00 UTC and is not done" in found.cause
    assert "step load has been running since 2026-05-01 12:00 UTC" in found.cause
    (again,) = house.late(minutes=60)
    assert again == found


@pytest.mark.req("DAG-7")
@pytest.mark.parametrize(
    ("step", "said"), [(waits, "plan waits: another run is reading it"), (breaks, "plan failed and is tried again")]
)
def test_what_a_late_run_waits_for_is_said(database: Database, step: Any, said: str) -> None:
    house = House(database)
    opened(house)
    with pytest.raises((StopError, LeaseTakenError)):
        perform(house.road, RUN, "plan", step)
    (found,) = house.late(minutes=31)
    assert said in found.cause


@pytest.mark.req("DAG-7")
def test_a_run_whose_tasks_nobody_takes_is_late_too(database: Database) -> None:
    house = House(database)
    opened(house)
    (found,) = house.late(minutes=31)
    assert "nothing has begun since step open_run ended" in found.cause


@pytest.mark.req("DAG-7")
def test_a_run_that_has_ended_is_no_longer_late_and_one_that_is_cleared_has_its_whole_time_again(
    database: Database,
) -> None:
    house = House(database)
    opened(house)
    (first,) = house.late(minutes=31)
    close_run(house.road, RUN)
    assert house.late(minutes=1) == []

    perform(house.road, RUN, "plan", passes)
    assert house.late(minutes=29) == []
    (second,) = house.late(minutes=2)
    assert second.exception_id != first.exception_id

    opened(house)
    assert house.late(minutes=29) == []


@pytest.mark.req("DAG-7")
def test_each_sort_of_run_has_its_own_time(database: Database) -> None:
    house = House(database, run={"consent": "5m", "history": "6h"})
    open_run(house.road, "consent", RunRequest(dag="consent"))
    open_run(house.road, "history", RunRequest(dag="history"))
    (found,) = house.late(minutes=6)
    assert found.record == "run consent"
    assert {entry.record for entry in house.late(hours=6)} == {"run consent", "run history"}


@pytest.mark.req("DAG-7")
def test_a_run_that_never_began_is_late_until_another_does(database: Database) -> None:
    house = House(database)
    with database.connection() as connection:
        note_unbegun(connection, house.road.pair, "live", RUN, NOON)
    (found,) = house.late(minutes=40)
    assert found.record == f"run {RUN}"
    assert "nothing of it has begun" in found.cause
    open_run(house.road, "shop_to_list/scheduled__2", RunRequest())
    assert house.late(minutes=1) == []


@pytest.mark.req("DAG-4", "DAG-7")
def test_a_run_that_waits_for_the_end_of_peak_hours_is_not_late_but_its_stream_is_in_the_end(
    database: Database,
) -> None:
    house = House(database, deferred="12h")
    opened(house)
    house.do(
        """
        insert into road.step (run_id, step, state, started_at) values (%(run)s, 'extract:orders', 'deferred', %(now)s)
        """,
        run=RUN,
    )
    house.do(
        """
        insert into road.stream_read (run_id, stream, state, started_at)
        values (%(run)s, 'orders', 'deferred', %(now)s)
        """,
        run=RUN,
    )
    assert house.late(hours=2) == []
    (found,) = house.late(hours=11)
    assert (found.subject, found.record) == ("deadline.deferred", "orders stream")


@pytest.mark.req("DAG-7")
def test_an_order_that_was_read_and_goes_no_further_is_named(database: Database) -> None:
    house = House(database)
    house.do(LIVE)
    house.order("o10231")
    assert house.late(minutes=29) == []
    (found,) = house.late(minutes=2)
    assert (found.subject, found.record, found.owner) == ("deadline.record", "order 10231", "operations")
    assert "changed at Shop at 2026-05-01 12:00 UTC" in found.cause
    assert "no run has planned it" in found.cause
    house.do(ACCEPTED)
    assert house.late() == []


@pytest.mark.req("DAG-7")
def test_an_order_that_is_queued_and_not_sent_is_named_until_it_is(database: Database) -> None:
    house = House(database)
    house.do(LIVE)
    house.order("o10231")
    (unplanned,) = house.late(minutes=31)
    house.do(ACCEPTED)
    house.do(PLANNED)
    house.queued("o10231")
    (found,) = house.late(minutes=1)
    assert (found.record, found.exception_id) == ("order 10231", unplanned.exception_id)
    assert "queued at 2026-05-01 12:00 UTC" in found.cause
    house.do("update delivery.outbox set state = 'delivered', closed_at = %(now)s")
    assert house.late() == []


@pytest.mark.req("DAG-7")
def test_what_has_an_exception_of_its_own_is_not_late_as_well(database: Database) -> None:
    house = House(database)
    house.do(LIVE)
    house.order("o1")
    house.do(SET_ASIDE)
    for key, state in (("o2", "held"), ("o3", "rejected"), ("o4", "unknown")):
        house.order(key)
        house.queued(key, state=state)
    house.do("insert into stage.cursor values ('shop_to_list', 'live', 'live', 'shop_main', 'orders', 5)")
    assert house.late(hours=3) == []


@pytest.mark.req("DAG-7")
def test_an_old_order_that_is_rendered_anew_counts_from_its_queueing(database: Database) -> None:
    house = House(database)
    house.do(LIVE)
    house.order("o10231", changed=NOON - timedelta(days=90))
    house.do(ACCEPTED)
    house.queued("o10231", at=house.clock.on(hours=5))
    assert house.late(minutes=29) == []
    assert len(house.late(minutes=2)) == 1


@pytest.mark.req("DAG-7")
def test_neither_a_first_load_nor_history_is_anybodys_deadline(database: Database) -> None:
    house = House(database)
    house.order("o1")
    assert house.late(hours=3) == []
    house.do(LIVE)
    house.do("update stage.current set lane = 'history'")
    assert house.late() == []


@pytest.mark.req("DAG-7")
def test_what_a_run_has_just_read_is_its_own_business_while_it_is_in_time(database: Database) -> None:
    house = House(database)
    house.do(LIVE)
    opened(house)
    house.order("o10231", changed=NOON - timedelta(hours=2))
    assert house.late(minutes=5) == []
    assert {entry.subject for entry in house.late(minutes=26)} == {"deadline.run", "deadline.record"}


@pytest.mark.req("DAG-7")
def test_a_stream_that_is_quiet_too_long_is_raised_until_it_brings_something(database: Database) -> None:
    house = House(database, quiet={"orders": "6h"}, record=None)
    house.do(BOUND, at=NOON, stream="orders")
    house.do(WATERMARK, stream="orders", until=NOON + timedelta(hours=5))
    assert house.late() == []
    house.do("update stage.watermark set until = %(until)s", until=NOON + timedelta(hours=7))
    (found,) = house.late(hours=7)
    assert (found.subject, found.record, found.owner) == ("deadline.quiet", "orders stream", "ecommerce")
    assert "nothing new for more than 360 minutes" in found.cause

    house.order("o1", changed=NOON - timedelta(days=1), seq=2)
    assert len(house.late()) == 1, "an old order that changes is no new one"
    house.order("o2", changed=NOON + timedelta(hours=6), seq=3)
    assert house.late() == []


@pytest.mark.req("DAG-7")
def test_hours_that_are_always_quiet_and_times_that_were_not_read_are_no_silence(database: Database) -> None:
    house = House(database, quiet={"orders": "6h"}, record=None)
    house.do(BOUND, at=NOON, stream="orders")
    house.do(WATERMARK, stream="orders", until=NOON + timedelta(hours=7))
    last_week = NOON - timedelta(days=7)
    house.do(VALUE, key="o1", placed=last_week - timedelta(hours=1))
    assert house.late(hours=7) == []
    house.do(VALUE, key="o2", placed=last_week + timedelta(hours=3))
    assert len(house.late()) == 1

    house.do("update stage.watermark set until = %(until)s", until=NOON + timedelta(hours=4))
    assert house.late(hours=5) == []
