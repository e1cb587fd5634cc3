"""Exceptions that stay open: escalated once, told once to whom they went; and what people decide about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.exceptions.acts import Word, close, snooze
from retail_sync.exceptions.announcements import announcements, told
from retail_sync.exceptions.entries import Entry, Settled, entries, gather, settle
from retail_sync.exceptions.escalation import escalations
from retail_sync.pairs.config import Pair

from .memory_shop import NOON, PAIR

OWNERS = {"marketing": ["m@post.test"], "operations": ["o@post.test"], "finance": ["f@post.test"]}


def pair(**changes: Any) -> Pair:
    return Pair.model_validate({**PAIR, "owners": OWNERS, **changes})


def see(
    database: Database, *wrong: tuple[str, str, str], days: float = 0, families: tuple[str, ...] = ("rule",)
) -> Settled:
    """A run notices that these are wrong, as (subject, record, owner), and nothing else is."""
    with database.connection() as connection:
        gather(connection)
        for subject, record, owner in wrong:
            connection.execute(
                "insert into wrong values (%s, %s, 'So it is.', %s, 'Do this.')", (subject, record, owner)
            )
        return settle(connection, "shop_to_list", families, run_id="run", now=NOON + timedelta(days=days))


def escalate(database: Database, asked: Pair, days: float) -> list[Entry]:
    with database.connection() as connection:
        return escalations(connection, asked, NOON + timedelta(days=days))


def still_open(database: Database) -> list[Entry]:
    with database.connection() as connection:
        return entries(connection)


ORDER = ("rule.order_email", "order 1", "marketing")


@pytest.mark.req("OPS-1")
def test_an_exception_that_is_open_for_too_long_is_escalated_once(database: Database) -> None:
    see(database, ORDER)
    assert escalate(database, pair(), 1.9) == []
    (found,) = escalate(database, pair(), 2)
    assert (found.record, found.owner, found.escalated_to) == ("order 1", "marketing", "operations")
    assert found.escalated_at == NOON + timedelta(days=2)
    assert escalate(database, pair(), 9) == []
    assert see(database, ORDER, days=10) == Settled(open=1, opened=0, closed=0)
    assert still_open(database)[0].escalated_to == "operations"


@pytest.mark.req("OPS-1")
def test_an_owner_may_have_a_time_of_its_own(database: Database) -> None:
    see(database, ORDER, ("rule.order_total", "order 2", "finance"))
    slow = pair(escalation={"after": "1d", "to": "finance", "owners": {"finance": "7d"}})
    assert [found.record for found in escalate(database, slow, 1)] == ["order 1"]
    assert [found.record for found in escalate(database, slow, 7)] == ["order 2"]


@pytest.mark.req("OPS-1")
def test_what_was_escalated_is_told_once_to_whom_it_went(database: Database) -> None:
    asked = pair()
    see(database, ORDER)
    with database.connection() as connection:
        (first,) = announcements(connection, asked, NOON)
        told(connection, first, NOON)
    assert (first.to, first.is_escalated) == (("m@post.test",), False)
    escalate(database, asked, 2)
    later = NOON + timedelta(days=2)
    with database.connection() as connection:
        (second,) = announcements(connection, asked, later)
        assert (second.to, second.is_escalated) == (("o@post.test",), True)
        assert "open for too long: order 1" in second.subject
        assert any("Open since 2026-05-01 12:00 UTC, with marketing." in line for line in second.lines)
        assert announcements(connection, asked, later) == [second], "one that was not sent is due again"
        told(connection, second, later)
        assert announcements(connection, asked, later) == []


@pytest.mark.req("OPS-1", "SEC-3")
def test_what_a_person_has_closed_stays_closed_until_its_cause_was_gone(database: Database) -> None:
    see(database, ORDER)
    with database.connection() as connection:
        close(connection, Word(still_open(database)[0].exception_id, "The customer wants it so.", "anna"), NOON)
    assert still_open(database) == []
    assert see(database, ORDER, days=1).opened == 0
    assert still_open(database) == []
    see(database, days=2)
    assert see(database, ORDER, days=3).opened == 1
    with database.connection() as connection:
        acts = connection.execute("select who, what, record, because from ops.act").fetchall()
    assert acts == [("anna", "close", "order 1", "The customer wants it so.")]


@pytest.mark.req("OPS-1")
def test_another_cause_opens_anew_what_a_person_has_closed(database: Database) -> None:
    see(database, ORDER)
    with database.connection() as connection:
        close(connection, Word(still_open(database)[0].exception_id, "Known.", "anna"), NOON)
        gather(connection)
        connection.execute("insert into wrong values ('rule.order_email', 'order 1', 'It is otherwise.', 'cx', 'Do.')")
        assert settle(connection, "shop_to_list", ["rule"], run_id="run", now=NOON).opened == 1


@pytest.mark.req("OPS-1")
def test_a_snoozed_exception_is_neither_told_nor_escalated_until_then(database: Database) -> None:
    asked, until = pair(), NOON + timedelta(days=5)
    see(database, ORDER)
    with database.connection() as connection:
        snooze(connection, Word(still_open(database)[0].exception_id, "Next week.", "anna"), until, NOON)
        assert announcements(connection, asked, NOON) == []
    assert escalate(database, asked, 6) == []
    with database.connection() as connection:
        assert len(announcements(connection, asked, until)) == 1
    assert len(escalate(database, asked, 7)) == 1


@pytest.mark.req("OPS-1")
@pytest.mark.parametrize(
    ("exception_id", "because", "days", "says"),
    [(99, "Known.", 1, "no open exception 99"), (1, "  ", 1, "no reason"), (1, "Known.", -1, "is past")],
)
def test_a_word_about_an_exception_has_to_make_sense(
    database: Database, exception_id: int, because: str, days: int, says: str
) -> None:
    see(database, ORDER)
    with pytest.raises(ConfigurationError, match=says), database.connection() as connection:
        snooze(connection, Word(exception_id, because, "anna"), NOON + timedelta(days=days), NOON)
