"""Steps: each leaves once, in its order, while it is of use, and nothing else sets anything off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.delivery import workers
from retail_sync.delivery.acknowledge import acknowledge
from retail_sync.model.delivery import Outcome, Wanted

from .outbox_rows import ACCOUNT, Outbox
from .road_rows import NOON

USEFUL = NOON + timedelta(hours=48)
#: Words that mail somebody, with what stands in their place where nobody may be mailed.
MONEY = {"placed": "was placed", "paid": "was paid"}
SENDING = {"sent": "was sent"}


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def row(money: str, sending: str = "", *, step: str = "", useful_until: datetime = USEFUL, **more: Any) -> Wanted:
    """A row of order 7: a step where it is named as one, else its state."""
    payload = {"n": 7, "money": money, **({"sending": sending} if sending else {}), **more}
    quiet = {"money": MONEY[money]} if money in MONEY else {}
    quiet |= {"sending": SENDING[sending]} if sending in SENDING else {}
    return Wanted(
        kind="order",
        object_id="order:shop_main:o7",
        vendor_key="7",
        payload=payload,
        row="step" if step else "state",
        step=step,
        useful_until=useful_until if step else None,
        quiet=quiet,
    )


def life(*, useful_until: datetime = USEFUL, **more: Any) -> list[Wanted]:
    """Placed, paid and sent: three steps and where it stands after them."""
    return [
        row("placed", step="placed", useful_until=useful_until, **more),
        row("paid", step="paid", useful_until=useful_until, **more),
        row("paid", "sent", step="sent", useful_until=useful_until, **more),
        row("paid", "sent", **more),
    ]


def told(outbox: Outbox) -> list[tuple[str, str]]:
    """What the vendor was given, in its order."""
    payloads = [one.payload for call in outbox.vendor.calls for one in call]
    return [(payload["money"], payload.get("sending", "")) for payload in payloads]


@pytest.mark.req("ORD-6")
def test_what_happened_within_one_delta_is_told_step_by_step_and_once(outbox: Outbox) -> None:
    assert outbox.want(*life()) == {"order": {"create": 3}}
    assert outbox.want(*life()) == {}, "the same plan again"
    outbox.load()
    assert told(outbox) == [("placed", ""), ("paid", ""), ("paid", "sent")]
    assert outbox.want(*life()) == {}, "the state is what the last step has left"
    outbox.want(*life(total=5))
    outbox.load()
    assert told(outbox)[3:] == [("paid", "sent")]
    operations = outbox.query("select operation from delivery.audit order by audit_id")
    assert operations == [("create",), ("update",), ("update",), ("update",)]


@pytest.mark.req("ORD-6", "DAG-2")
def test_steps_that_have_not_left_are_rendered_anew_and_not_doubled(outbox: Outbox) -> None:
    outbox.want(*life()[:1], row("placed"))
    outbox.want(*life(total=5))
    assert [state for _, state in outbox.states()] == ["superseded", "pending", "pending", "pending"]
    outbox.load()
    assert [one.payload["total"] for call in outbox.vendor.calls for one in call] == [5, 5, 5]
    assert told(outbox) == [("placed", ""), ("paid", ""), ("paid", "sent")]


@pytest.mark.req("ORD-6", "DAG-2")
def test_a_step_outlives_outbox_and_object(outbox: Outbox) -> None:
    outbox.want(*life())
    outbox.load()
    outbox.query("delete from delivery.outbox returning 1")
    outbox.query("update delivery.ledger set gone = true returning 1")
    assert outbox.want(*life()) == {"order": {"create": 1}}
    outbox.load()
    assert told(outbox)[3:] == [("was paid", "was sent")], "made again, and nobody is written to"
    assert outbox.want(*life()) == {}, "the quiet words stay"


@pytest.mark.req("ORD-8", "OPS-4")
def test_a_step_past_its_useful_age_is_logged_and_not_sent(outbox: Outbox) -> None:
    outbox.now = USEFUL
    assert outbox.want(*life()) == {"order": {"expired": 3, "create": 1}}
    assert outbox.want(*life()) == {}
    outbox.load()
    assert told(outbox) == [("was paid", "was sent")]
    logged = outbox.query("select result, code, words from delivery.audit where result <> 'delivered' order by 3")
    assert [words for _, _, words in logged] == [
        f"the step {step} was useful until 2026-05-03 12:00 UTC" for step in ("paid", "placed", "sent")
    ]
    assert {(result, code) for result, code, _ in logged} == {("expired", "late")}
    assert outbox.want(*life(total=5)) == {"order": {"update": 1}}
    outbox.load()
    assert told(outbox)[1:] == [("was paid", "was sent")]


@pytest.mark.req("ORD-8")
def test_what_expires_while_it_waits_takes_back_what_is_behind_it(outbox: Outbox) -> None:
    late, useful = row("placed", step="placed"), row("paid", step="paid", useful_until=USEFUL + timedelta(hours=1))
    outbox.want(late, useful, row("paid"))
    accepted(outbox)
    outbox.now = USEFUL
    assert outbox.load() == {"late": {"expired": 1}}
    assert [state for _, state in outbox.states()] == ["expired", "superseded"]
    assert outbox.query("select stream, key, reason from road.due") == [("orders", "o7", "step expired")]
    outbox.want(late, useful, row("paid"))
    outbox.load()
    assert told(outbox) == [("paid", "")]


def accepted(outbox: Outbox) -> None:
    """The record behind the order, as people know it."""
    outbox.query(
        """
        insert into people.accepted (pair, stream, key, version_id, change_seq, run_id)
        values ('shop_to_list', 'orders', 'o7', 1, 1, 'run1') returning 1
        """
    )


@pytest.mark.req("ORD-6", "OPS-1")
def test_a_refused_step_blocks_its_object_until_it_says_something_else(outbox: Outbox) -> None:
    outbox.vendor.answers["order:shop_main:o7"] = Outcome(row_id=0, verdict="rejected", words="no such product")
    outbox.want(*life())
    assert outbox.load() == {"order": {"rejected": 1}, "waiting": {"held": 2}}
    held = outbox.query("select code, words from delivery.outbox where state = 'held'")
    assert set(held) == {("step", "waits for its step placed, which was refused: no such product")}
    assert outbox.want(*life()) == {}
    outbox.want(*life(total=5))
    outbox.load()
    assert told(outbox)[1:] == [("placed", ""), ("paid", ""), ("paid", "sent")]


@pytest.mark.req("ORD-6")
def test_a_state_that_came_first_is_not_told_behind_it(outbox: Outbox) -> None:
    """A first load says where an order stands while its destination keeps still."""
    outbox.want(Wanted(kind="order", object_id="order:shop_main:o7", vendor_key="7", payload=row("paid").payload))
    outbox.load()
    assert outbox.want(*life()[:2], row("paid")) == {}
    outbox.want(*life())
    outbox.load()
    assert told(outbox) == [("paid", ""), ("paid", "sent")]


@pytest.mark.req("ORD-6", "DAG-2")
def test_a_step_in_flight_is_not_queued_again_and_what_comes_waits_for_it(outbox: Outbox) -> None:
    outbox.want(*life()[:1], row("placed"))
    worker = workers.register(outbox.database, ACCOUNT, timedelta(seconds=60))
    with outbox.database.connection() as connection:
        (claimed,) = workers.claim(connection, worker, workers.Phase(20, "order"), NOON, 10)
    assert outbox.want(*life()[:2], row("paid")) == {"order": {"create": 1}}
    with outbox.database.connection() as connection:
        assert workers.claim(connection, worker, workers.Phase(20, "order"), NOON, 10) == []
        again = [Outcome(row_id=claimed.row_id, verdict="retry", retry_at=NOON)]
        acknowledge(connection, worker, again, contact_kind=None, now=NOON)
    worker.retire()
    outbox.load()
    assert told(outbox) == [("placed", ""), ("paid", "")]


@pytest.mark.req("ORD-6", "REC-1")
def test_an_object_that_turns_out_to_be_gone_is_planned_again_and_told_nothing_twice(outbox: Outbox) -> None:
    outbox.want(*life()[:2], row("paid"))
    outbox.load()
    accepted(outbox)
    outbox.vendor.answers["order:shop_main:o7"] = Outcome(row_id=0, verdict="gone")
    outbox.want(*life())
    outbox.load()
    assert outbox.states()[-1][1] == "superseded"
    assert outbox.query("select key, reason from road.due") == [("o7", "gone")]
    outbox.want(*life())
    outbox.load()
    assert told(outbox)[3:] == [("was paid", "sent")]


@pytest.mark.req("SHP-2", "ORD-8")
def test_an_event_is_its_own_step(outbox: Outbox) -> None:
    def event(number: int, **more: Any) -> Wanted:
        given: dict[str, Any] = {"kind": "event", "object_id": f"event:{number}", "vendor_key": str(number)}
        return Wanted(**given, payload={"n": number, **more}, row="step", useful_until=USEFUL)

    assert outbox.want(event(1), event(2)) == {"event": {"create": 2}}
    assert outbox.want(event(1), event(2, url="x")) == {"event": {"create": 1}}
    outbox.load()
    assert outbox.vendor.sent() == [("create", "event:1"), ("create", "event:2")]
    assert outbox.want(event(1, url="y"), event(2)) == {}, "it has been told"
    outbox.now = USEFUL
    assert outbox.want(event(3)) == {"event": {"expired": 1}}
    assert outbox.want(event(3)) == {}
    assert outbox.load() == {}
