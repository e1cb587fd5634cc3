"""What was taken and refused afterwards is not delivered: it is told in the vendor's words, as if refused at once."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from retail_sync.db.database import Database
from retail_sync.model.delivery import LateRefusal, Outcome, Wanted
from retail_sync.model.ports import Destination
from retail_sync.reconcile.late import note_refused

from .outbox_rows import ACCOUNT, Outbox
from .road_rows import NOON, PAIR

WORDS = "Event type is not registered"


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Two events that one call brought, each as a step of its own."""
    outbox = Outbox(database)
    for number in (1, 2):
        taken = Outcome(row_id=0, verdict="delivered", receipt="call-7")
        outbox.vendor.answers[f"event:{number}"] = taken
    outbox.want(event(1), event(2))
    outbox.load()
    return outbox


def event(number: int) -> Wanted:
    return Wanted(kind="event", object_id=f"event:{number}", vendor_key=str(number), payload={"n": number}, row="step")


def refuse(outbox: Outbox, *keys: str, receipt: str = "call-7") -> int:
    def said() -> Iterator[LateRefusal]:
        return iter([LateRefusal(receipt=receipt, vendor_key=key, code="event_type", words=WORDS) for key in keys])

    destination = cast(Destination, SimpleNamespace(refused_late=said))
    return note_refused(outbox.database, destination, ACCOUNT, PAIR.pair, NOON)


@pytest.mark.req("OPS-1", "OPS-4", "REC-1")
def test_only_what_was_refused_late_is_no_longer_delivered(outbox: Outbox) -> None:
    assert refuse(outbox, "1") == 1

    assert outbox.states() == [("event:1", "rejected"), ("event:2", "delivered")]
    assert outbox.query("select code, words from delivery.outbox where code is not null") == [("event_type", WORDS)]
    assert outbox.query("select object_id from delivery.ledger where not gone") == [("event:2",)]
    told = outbox.query("select result, code, words from delivery.audit order by audit_id desc limit 1")
    assert told == [("rejected", "event_type", WORDS)]
    assert refuse(outbox, "1") == 0


@pytest.mark.req("SHP-2")
def test_it_is_not_told_again_until_it_says_something_else(outbox: Outbox) -> None:
    refuse(outbox, "1")

    assert outbox.want(event(1), event(2)) == {}
    changed = Wanted(kind="event", object_id="event:1", vendor_key="1", payload={"n": 9}, row="step")
    assert outbox.want(changed) == {"event": {"create": 1}}
    outbox.load()
    assert outbox.vendor.sent()[-1] == ("create", "event:1")
    assert refuse(outbox, "1") == 0, "that was said of the call before"


@pytest.mark.req("OPS-4")
def test_what_is_said_of_another_call_is_none_of_ours(outbox: Outbox) -> None:
    assert refuse(outbox, "1", receipt="call-6") == 0
    assert outbox.states() == [("event:1", "delivered"), ("event:2", "delivered")]
