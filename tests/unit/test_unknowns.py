"""Rows whose answer never came: what the destination holds says how they ended, and the books have all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from retail_sync.db.database import Database
from retail_sync.delivery.queue import Queueing, queue_differences
from retail_sync.delivery.rows import Bearer
from retail_sync.model.delivery import Held, Outcome
from retail_sync.model.ports import Destination
from retail_sync.reconcile.unknowns import settle

from .outbox_rows import ACCOUNT, Outbox, member, order
from .road_rows import NOON

PAIR = "shop_to_list"
EVIDENCE = {
    "source": "shop_main",
    "record": "customers 1",
    "opted_in_at": "2026-02-01T10:00:00+00:00",
    "seen_at": "2026-02-02T10:00:00+00:00",
}
PERSON = "insert into people.person (pair, email, created_at) values (%s, 'ann@mail.test', %s) returning person_id"


class Shelf:
    """A destination that can be read: what it holds, by the vendor's key."""

    capabilities = SimpleNamespace(
        readable=frozenset({"member", "order"}), told=frozenset({"event"}), contact_kind="member"
    )

    def __init__(self, **held: dict[str, Any]) -> None:
        self.held = held

    def read(self, kind: str, keys: Sequence[str]) -> Iterator[Held]:
        for key in keys:
            yield Held(kind=kind, vendor_key=key, payload=self.held.get(key))


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def unanswered(outbox: Outbox, *objects: str) -> None:
    for name in objects:
        outbox.vendor.answers[name] = Outcome(row_id=0, verdict="unknown")
    outbox.load()
    assert outbox.states() == [(name, "unknown") for name in objects]


def read_back(outbox: Outbox, shelf: Shelf) -> dict[str, int]:
    return settle(outbox.database, cast(Destination, shelf), ACCOUNT, PAIR, outbox.now)


@pytest.mark.req("OPS-4", "REC-1")
def test_what_had_arrived_stands_in_ledger_and_audit(outbox: Outbox) -> None:
    outbox.want(member(1))
    unanswered(outbox, "member:1")
    assert read_back(outbox, Shelf(h1={"n": 1})) == {"arrived": 1, "again": 0, "gone": 0}
    assert outbox.states() == [("member:1", "delivered")]
    assert outbox.query("select object_id, payload, gone from delivery.ledger") == [("member:1", {"n": 1}, False)]
    audited = outbox.query("select operation, new, result, code from delivery.audit order by audit_id desc limit 1")
    assert audited == [("create", {"n": 1, "status": "subscribed"}, "delivered", "read_back")]
    assert outbox.want(member(1)) == {}


@pytest.mark.req("CON-8")
def test_an_opt_in_that_had_arrived_leaves_its_proof(outbox: Outbox) -> None:
    with outbox.database.connection() as connection:
        (person_id,) = connection.execute(PERSON, (PAIR, NOON)).fetchone() or (0,)
        wanted = [Bearer(member(1), person_id, EVIDENCE)]
        queue_differences(connection, wanted, Queueing(ACCOUNT, PAIR, "run1", NOON, 30, "member"))
    unanswered(outbox, "member:1")
    assert outbox.query("select * from consent.proof") == []
    read_back(outbox, Shelf(h1={"n": 1}))
    proof = outbox.query("select email, source, record_key, seen_at::date::text, run_id from consent.proof")
    assert proof == [("ann@mail.test", "shop_main", "customers 1", "2026-02-02", "run1")]


@pytest.mark.req("OPS-4", "REC-1")
def test_what_had_not_arrived_is_sent_again_at_once(outbox: Outbox) -> None:
    outbox.want(order(7), order(8))
    unanswered(outbox, "order:7", "order:8")
    assert read_back(outbox, Shelf(**{"8": {"n": 1}})) == {"arrived": 0, "again": 2, "gone": 0}
    assert outbox.query("select distinct state, code from delivery.outbox") == [("pending", "read_back")]
    assert outbox.query("select count(*) from delivery.audit where code = 'read_back'") == [(2,)]
    assert outbox.load() == {"order": {"delivered": 2}}


@pytest.mark.req("REC-1")
def test_what_cannot_be_read_stays_unanswered(outbox: Outbox) -> None:
    outbox.want(order(1, kind="event"))
    unanswered(outbox, "event:1")
    assert read_back(outbox, Shelf()) == {"arrived": 0, "again": 0, "gone": 0}
    assert outbox.states() == [("event:1", "unknown")]
