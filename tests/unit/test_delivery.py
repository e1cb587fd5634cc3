"""The outbox: what is queued, in which order it leaves, and how every row ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_sync.db.database import Database
from retail_sync.delivery import workers
from retail_sync.delivery.acknowledge import acknowledge
from retail_sync.errors import FencedError, WaitError
from retail_sync.model.delivery import Outcome, Wanted

from .outbox_rows import ACCOUNT, Outbox, member, order
from .road_rows import NOON


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.mark.req("DAG-2", "OPS-4")
def test_only_differences_are_sent_and_all_of_them_are_audited(outbox: Outbox) -> None:
    assert outbox.want(member(1), member(2)) == {"member": {"create": 2}}
    assert outbox.want(member(1), member(2)) == {}
    assert outbox.load() == {"member": {"delivered": 2}}
    assert outbox.want(member(1), member(2, city="Lund")) == {"member": {"update": 1}}
    outbox.load()
    assert outbox.vendor.sent() == [("create", "member:1"), ("create", "member:2"), ("update", "member:2")]
    changed = outbox.query("select old, new, result from delivery.audit order by audit_id desc limit 1")
    assert changed == [({"n": 2}, {"n": 2, "city": "Lund"}, "delivered")]


@pytest.mark.req("DAG-2")
def test_a_newer_wish_supersedes_one_that_has_not_left(outbox: Outbox) -> None:
    outbox.want(member(1, city="Oslo"))
    outbox.want(member(1, city="Lund"))
    assert outbox.states() == [("member:1", "superseded"), ("member:1", "pending")]
    outbox.load()
    assert [row.payload["city"] for call in outbox.vendor.calls for row in call] == ["Lund"]


@pytest.mark.req("CAT-2", "CON-2")
def test_what_is_needed_stands_first_whatever_the_order_of_wishes(outbox: Outbox) -> None:
    outbox.want(order(7, "member:1", "product:3"), order(3, kind="product"), member(1))
    outbox.load()
    assert outbox.vendor.sent() == [("create", "member:1"), ("create", "product:3"), ("create", "order:7")]


@pytest.mark.req("OPS-1")
def test_what_waits_for_a_refused_row_is_held_and_freed_with_it(outbox: Outbox) -> None:
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="rejected", words="looks fake")
    outbox.want(member(1), order(7, "member:1"))
    assert outbox.load() == {"member": {"rejected": 1}, "waiting": {"held": 1}}
    words = outbox.query("select words from delivery.outbox where state = 'held'")
    assert words == [("waits for member:1, which was rejected",)]
    assert outbox.want(member(1), order(7, "member:1")) == {}
    outbox.want(member(1, city="Lund"))
    assert outbox.load() == {"member": {"delivered": 1}, "order": {"delivered": 1}}


@pytest.mark.req("CON-1", "ID-1")
def test_a_contact_that_is_already_there_is_updated_without_its_status(outbox: Outbox) -> None:
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="exists")
    outbox.want(member(1))
    outbox.load()
    assert outbox.vendor.sent() == [("create", "member:1"), ("update", "member:1")]
    assert "status" not in outbox.vendor.calls[1][0].payload


@pytest.mark.req("CON-1")
def test_a_contact_that_somebody_took_away_waits_for_a_person(outbox: Outbox) -> None:
    outbox.want(member(1))
    outbox.load()
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="gone")
    outbox.want(member(1, city="Lund"))
    outbox.load()
    assert outbox.states()[-1] == ("member:1", "held")


@pytest.mark.req("REC-1")
def test_another_object_that_is_gone_is_made_again(outbox: Outbox) -> None:
    outbox.want(order(7))
    outbox.load()
    outbox.vendor.answers["order:7"] = Outcome(row_id=0, verdict="gone")
    outbox.want(Wanted(kind="order", object_id="order:7", vendor_key="7", payload={"n": 8}))
    outbox.load()
    assert outbox.vendor.sent()[1:] == [("update", "order:7"), ("create", "order:7")]


@pytest.mark.req("DAG-6")
def test_a_vendor_that_asks_to_wait_loses_nothing(outbox: Outbox) -> None:
    outbox.want(member(1), member(2), member(3))
    outbox.vendor.answers["member:2"] = WaitError("too many requests")
    with pytest.raises(WaitError):
        outbox.load()
    assert outbox.states() == [("member:1", "delivered"), ("member:2", "pending"), ("member:3", "pending")]
    assert outbox.load() == {"member": {"delivered": 2}}


@pytest.mark.req("DAG-6")
def test_a_row_to_be_tried_later_is_left_until_then(outbox: Outbox) -> None:
    later = NOON + timedelta(minutes=5)
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="retry", retry_at=later)
    outbox.want(member(1))
    outbox.load()
    assert outbox.states() == [("member:1", "pending")]
    assert outbox.load() == {}
    outbox.now = later
    assert outbox.load() == {"member": {"delivered": 1}}


@pytest.mark.req("DAG-2", "SHP-2")
def test_rows_of_a_dead_worker_are_taken_over_if_they_may_be_sent_twice(outbox: Outbox) -> None:
    outbox.want(order(7), order(8, kind="event"))
    worker = workers.register(outbox.database, ACCOUNT, timedelta(seconds=0))
    with outbox.database.connection() as connection:
        for kind in ("order", "event"):
            assert len(workers.claim(connection, worker, workers.Phase(30, kind), NOON, 10)) == 1
    outbox.load()
    assert outbox.states() == [("order:7", "delivered"), ("event:8", "unknown")]


@pytest.mark.req("DAG-2")
def test_a_worker_that_comes_late_changes_nothing(outbox: Outbox) -> None:
    outbox.want(order(7))
    late = workers.register(outbox.database, ACCOUNT, timedelta(seconds=0))
    with outbox.database.connection() as connection:
        (row,) = workers.claim(connection, late, workers.Phase(30, "order"), NOON, 10)
    outbox.vendor.answers["order:7"] = Outcome(row_id=0, verdict="rejected", words="no")
    outbox.load()
    answer = [Outcome(row_id=row.row_id, verdict="delivered")]
    with outbox.database.connection() as connection:
        assert not acknowledge(connection, late, answer, contact_kind=None, now=NOON)
    assert outbox.states() == [("order:7", "rejected")]
    with pytest.raises(FencedError):
        late.renew()


@pytest.mark.req("DAG-2")
def test_an_unanswered_row_blocks_its_object_and_no_other(outbox: Outbox) -> None:
    outbox.want(order(1, kind="event"), order(2))
    outbox.vendor.answers["event:1"] = Outcome(row_id=0, verdict="unknown")
    outbox.load()
    assert outbox.states() == [("event:1", "unknown"), ("order:2", "delivered")]
    outbox.want(Wanted(kind="event", object_id="event:1", vendor_key="1", payload={"n": 99}))
    assert outbox.load() == {}


@pytest.mark.req("ID-7")
def test_pairs_that_share_an_account_have_ledgers_of_their_own(outbox: Outbox) -> None:
    outbox.want(member(1))
    outbox.load()
    assert outbox.want(member(1), pair="other_to_list") == {"member": {"create": 1}}


def test_operations_of_one_call_are_all_the_same(outbox: Outbox) -> None:
    outbox.want(member(1))
    outbox.load()
    outbox.want(member(1, city="Lund"), member(2))
    outbox.load()
    assert all(len({row.operation for row in call}) == 1 for call in outbox.vendor.calls)


@pytest.mark.req("DAG-6")
def test_rows_that_wait_stand_in_nobodys_way(outbox: Outbox) -> None:
    waiting = [member(number, needs=("store:main",)) for number in range(1, 6)]
    outbox.want(*waiting, member(6))
    assert outbox.load()["member"] == {"delivered": 1}
    assert outbox.vendor.sent() == [("create", "member:6")]
