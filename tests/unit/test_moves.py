"""Objects that move under another key, and objects that are taken back."""

from __future__ import annotations

from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.delivery.moves import Retired, retire
from retail_sync.model.delivery import Outcome, Wanted

from .outbox_rows import ACCOUNT, Outbox, member
from .road_rows import NOON


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def under(key: str, **fields: Any) -> Wanted:
    """Member 1 under a key."""
    return Wanted(kind="member", object_id="member:1", vendor_key=key, payload={"key": key, **fields})


def sold(number: int, **fields: Any) -> Wanted:
    """An order of member 1."""
    return Wanted(
        kind="order",
        object_id=f"order:{number}",
        vendor_key=str(number),
        payload={"n": number, **fields},
        needs=("member:1",),
    )


def take_back(outbox: Outbox, *object_ids: str, heirs: tuple[int, ...] = ()) -> int:
    """Plan that these objects are nobody's."""
    retired = [Retired(object_id=object_id, person_id=1, heirs=heirs) for object_id in object_ids]
    about = {"account": ACCOUNT, "pair": "shop_to_list", "run_id": "r", "now": NOON, "contact_kind": "member"}
    with outbox.database.connection() as connection:
        return retire(connection, retired, about)


@pytest.mark.req("CON-2", "ID-2")
def test_a_contact_that_is_not_made_yet_is_made_as_the_newest_wish_says(outbox: Outbox) -> None:
    outbox.want(
        Wanted(kind="member", object_id="member:1", vendor_key="h1", payload={}, birth={"status": "transactional"})
    )
    outbox.want(
        Wanted(kind="member", object_id="member:1", vendor_key="h1", payload={}, birth={"status": "subscribed"})
    )
    outbox.load()

    (call,) = outbox.vendor.calls
    assert [row.birth for row in call] == [{"status": "subscribed"}]


@pytest.mark.req("ID-5")
def test_what_hangs_on_an_object_waits_until_it_stands_under_its_new_key(outbox: Outbox) -> None:
    outbox.want(under("old"), sold(1))
    outbox.load()
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="rejected", words="no")
    outbox.want(under("new"), sold(1, moved=True))
    outbox.load()
    assert outbox.vendor.sent()[2:] == [("update", "member:1")]
    assert outbox.states()[-1] == ("order:1", "held")

    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="delivered", vendor_key="new", moved_from="old")
    outbox.want(under("new", again=True))
    outbox.load()
    assert outbox.vendor.sent()[3:] == [("update", "member:1"), ("update", "order:1")]


@pytest.mark.req("ID-5")
def test_an_order_that_changes_does_not_wait_for_a_change_that_moves_nothing(outbox: Outbox) -> None:
    outbox.want(under("old"), sold(1))
    outbox.load()
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="rejected", words="no")
    outbox.want(under("old", name="Ann"), sold(1, net="5"))
    outbox.load()
    assert outbox.states()[-1] == ("order:1", "delivered")


@pytest.mark.req("ID-5", "OPS-4")
def test_what_is_left_behind_is_taken_back_once_everything_has_gone_over(outbox: Outbox) -> None:
    outbox.want(under("old"), sold(1))
    outbox.load()
    outbox.vendor.answers["member:1"] = Outcome(
        row_id=0, verdict="delivered", vendor_key="new", moved_from="old", left_behind=True
    )
    outbox.vendor.answers["order:1"] = Outcome(row_id=0, verdict="rejected", words="no")
    outbox.want(under("new"), sold(1, moved=True))
    outbox.load()
    assert outbox.states()[-1] == ("member:1@old", "held")

    outbox.want(sold(1, moved=True, again=True))
    outbox.load()
    assert outbox.vendor.sent()[-2:] == [("update", "order:1"), ("delete", "member:1@old")]
    (audit,) = outbox.query("select operation, vendor_key, result from delivery.audit order by audit_id desc limit 1")
    assert audit == ("delete", "old", "delivered")


@pytest.mark.req("ID-5")
def test_an_object_of_nobody_is_taken_back_after_what_hung_on_it(outbox: Outbox) -> None:
    outbox.want(under("h1"), member(2), sold(1))
    outbox.load()
    other = Wanted(kind="order", object_id="order:1", vendor_key="1", payload={"of": 2}, needs=("member:2",))
    outbox.want(other)
    assert take_back(outbox, "member:1") == 1
    outbox.load()
    assert outbox.vendor.sent()[3:] == [("update", "order:1"), ("delete", "member:1")]
    assert outbox.query("select gone from delivery.ledger where object_id = 'member:1'") == [(True,)]
    assert take_back(outbox, "member:1", "member:9") == 0


@pytest.mark.req("ID-5")
def test_what_is_wanted_again_before_it_was_taken_back_stays(outbox: Outbox) -> None:
    outbox.want(under("h1"))
    outbox.load()
    take_back(outbox, "member:1")
    outbox.want(under("h1"))
    outbox.load()
    assert ("delete", "member:1") not in outbox.vendor.sent()


@pytest.mark.req("ID-5")
def test_what_waits_to_be_sent_gives_way_to_being_taken_back(outbox: Outbox) -> None:
    outbox.want(under("h1"))
    outbox.load()
    outbox.want(under("h1", name="Ann"))
    take_back(outbox, "member:1")
    outbox.load()
    assert outbox.vendor.sent() == [("create", "member:1"), ("delete", "member:1")]


@pytest.mark.req("ID-7")
def test_a_contact_that_another_pair_stands_on_is_not_taken_back(outbox: Outbox) -> None:
    outbox.want(under("h1"))
    outbox.want(Wanted(kind="member", object_id="member:7", vendor_key="h1", payload={"b": 1}), pair="other_to_list")
    outbox.load()
    take_back(outbox, "member:1")
    outbox.load()
    assert ("delete", "member:1") not in outbox.vendor.sent()
    assert outbox.query("select object_id, gone from delivery.ledger order by 1") == [
        ("member:1", True),
        ("member:7", False),
    ]
    (audit,) = outbox.query("select result, code from delivery.audit where operation = 'delete'")
    assert audit == ("delivered", "shared")


@pytest.mark.req("ID-7")
def test_a_contact_that_another_pair_stands_on_is_not_renamed(outbox: Outbox) -> None:
    outbox.want(under("h1"))
    outbox.want(Wanted(kind="member", object_id="member:7", vendor_key="h1", payload={"b": 1}), pair="other_to_list")
    outbox.load()
    outbox.want(under("h2"))
    outbox.load()
    assert outbox.vendor.sent()[-1] == ("create", "member:1")


@pytest.mark.req("ID-5")
def test_whoever_wants_a_key_that_is_being_left_waits_for_it(outbox: Outbox) -> None:
    outbox.want(under("h1"))
    outbox.load()
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="rejected", words="no")
    newcomer = Wanted(kind="member", object_id="member:2", vendor_key="h1", payload={"n": 2})
    outbox.want(newcomer, under("h2"))
    outbox.load()
    assert outbox.states()[1:] == [("member:2", "held"), ("member:1", "rejected")]
