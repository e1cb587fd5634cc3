"""Mails to owners: one to each about what they were not told of, sent once, whatever happens to a mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import UnreachableError
from retail_sync.exceptions.announcements import SPELT_OUT, Announcement
from retail_sync.pairs.config import Pair
from retail_sync.steps.announce import announce
from retail_sync.steps.context import Road

from .memory_shop import NOON, PAIR, Hands, MemoryShop, road_to

OPEN = """
    insert into exceptions.entry (pair, subject, record, cause, owner, next_step, run_id, opened_at, seen_at)
    values ('shop_to_list', %(subject)s, %(record)s, 'It is <b>wrong</b>.', %(owner)s, 'Mend it.', 'r', %(at)s, %(at)s)
"""
OWNERS = {
    "owners": {"cx": ["service@shop.test"], "operations": ["operations@shop.test"]},
    "mail": {"to": ["oncall@shop.test"]},
}


class Post:
    """What was sent; it can be made to refuse."""

    def __init__(self) -> None:
        self.sent: list[Announcement] = []
        self.refuses: set[str] = set()

    def __call__(self, announcement: Announcement) -> None:
        if self.refuses & set(announcement.to):
            raise ConnectionRefusedError
        self.sent.append(announcement)


@pytest.fixture
def road(database: Database) -> Road:
    road = road_to(database, MemoryShop(Hands()))
    road.pair = Pair.model_validate({**PAIR, **OWNERS})
    return road


@pytest.fixture
def post() -> Post:
    return Post()


def wrong(road: Road, record: str, owner: str = "cx", subject: str = "rule.order_email") -> None:
    with road.database.connection() as connection:
        given: dict[str, Any] = {"record": record, "owner": owner, "subject": subject, "at": NOON}
        connection.execute(OPEN, given)


@pytest.mark.req("OPS-1", "DAG-7")
def test_each_owner_is_told_once_of_what_is_theirs(road: Road, post: Post) -> None:
    wrong(road, "order 1")
    wrong(road, "order 2")
    wrong(road, "member 7", "operations")
    assert announce(road, post) == 2
    theirs = {mail.to: mail for mail in post.sent}
    cx, operations = theirs["service@shop.test",], theirs["operations@shop.test", "oncall@shop.test"]
    assert cx.subject == "[shop_to_list] for cx: 2 records"
    assert cx.lines[1:] == tuple(f"order {n}: It is <b>wrong</b>. What to do: Mend it." for n in (1, 2))
    assert operations.subject == "[shop_to_list] for operations: member 7"
    assert announce(road, post) == 0

    wrong(road, "order 3")
    assert announce(road, post) == 1
    assert post.sent[-1].subject == "[shop_to_list] for cx: order 3"


@pytest.mark.req("DAG-7")
def test_what_is_late_has_a_mail_of_its_own(road: Road, post: Post) -> None:
    wrong(road, "run shop_to_list/r1", "operations", "deadline.run")
    wrong(road, "member 7", "operations")
    assert announce(road, post) == 2
    assert [mail.subject for mail in post.sent] == [
        "[shop_to_list] late: run shop_to_list/r1",
        "[shop_to_list] for operations: member 7",
    ]


@pytest.mark.req("OPS-1", "DAG-7")
def test_a_failed_run_has_a_mail_of_its_own_that_leads_to_it(road: Road, post: Post) -> None:
    wrong(road, "live run", "operations", "run.failed")
    wrong(road, "member 7", "operations")
    assert announce(road, post) == 2
    assert {mail.subject: mail.run_id for mail in post.sent} == {
        "[shop_to_list] failed: live run": "r",
        "[shop_to_list] for operations: member 7": None,
    }


@pytest.mark.req("OPS-1")
def test_an_owner_without_an_address_is_served_by_the_mails_of_the_pair(road: Road, post: Post) -> None:
    wrong(road, "order 1", "finance")
    announce(road, post)
    assert [mail.to for mail in post.sent] == [("oncall@shop.test",)]
    road.pair = Pair.model_validate(PAIR)
    wrong(road, "order 2", "finance")
    assert announce(road, post) == 0


@pytest.mark.req("OPS-1")
def test_a_mail_that_cannot_be_sent_keeps_no_other_back_and_is_sent_later(road: Road, post: Post) -> None:
    wrong(road, "order 1", "cx")
    wrong(road, "member 7", "operations")
    post.refuses = {"service@shop.test"}
    with pytest.raises(UnreachableError, match="1 of 2 mails could not be sent"):
        announce(road, post)
    assert [mail.to[0] for mail in post.sent] == ["operations@shop.test"]
    post.refuses.clear()
    assert announce(road, post) == 1
    assert post.sent[-1].to == ("service@shop.test",)


@pytest.mark.req("OPS-1")
def test_two_workers_send_each_mail_once(road: Road, post: Post) -> None:
    wrong(road, "order 1")

    def while_another_comes_by(announcement: Announcement) -> None:
        assert announce(road, post) == 0
        post(announcement)

    assert announce(road, while_another_comes_by) == 1
    assert len(post.sent) == 1


@pytest.mark.req("OPS-1")
def test_a_long_list_is_counted(road: Road, post: Post) -> None:
    for number in range(SPELT_OUT + 3):
        wrong(road, f"order {number}")
    announce(road, post)
    assert len(post.sent[0].lines) == SPELT_OUT + 2
    assert post.sent[0].lines[-1] == "And 3 more of rule.order_email."


@pytest.mark.req("OPS-1")
def test_what_closed_before_it_was_told_is_told_to_nobody(road: Road, post: Post) -> None:
    wrong(road, "order 1")
    with road.database.connection() as connection:
        connection.execute("update exceptions.entry set closed_at = %s", [NOON + timedelta(minutes=1)])
    assert announce(road, post) == 0
