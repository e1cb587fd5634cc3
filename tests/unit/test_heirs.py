"""Contacts that are taken back: who takes over is named, and what is gone for good is forgotten here too."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from retail_sync.consent import mirror
from retail_sync.db.database import Database
from retail_sync.delivery.moves import Retired, retire
from retail_sync.model.delivery import Contact, Outcome, Wanted

from .outbox_rows import ACCOUNT, Outbox, member
from .road_rows import NOON

ABOUT = {"account": ACCOUNT, "pair": "shop_to_list", "run_id": "r", "now": NOON, "contact_kind": "member"}


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def take_back(outbox: Outbox, heir: str | None) -> None:
    """Plan that member 1 is nobody's any more."""
    with outbox.database.connection() as connection:
        retire(connection, [Retired(object_id="member:1", person_id=1, heirs=(2,), heir=heir)], ABOUT)


def heirs(outbox: Outbox) -> list[str | None]:
    """Who takes over, by the deletes that were sent."""
    return [row.heir for call in outbox.vendor.calls for row in call if row.operation == "delete"]


def see(connection: Connection[Any], key: str) -> None:
    contact = Contact(vendor_key=key, email=f"{key}@mail.test", status="subscribed", changed_at=None)
    mirror.remember(connection, ACCOUNT, [contact], NOON)


@pytest.mark.req("ID-5")
def test_a_delete_names_who_takes_over_by_the_key_that_it_has_by_then(outbox: Outbox) -> None:
    outbox.want(member(1), member(2))
    outbox.load()
    moved = Wanted(kind="member", object_id="member:2", vendor_key="h9", payload={"n": 9})
    outbox.want(moved)
    take_back(outbox, "member:2")

    outbox.load()

    assert heirs(outbox) == ["h9"]


@pytest.mark.req("ID-5")
@pytest.mark.parametrize("heir", [None, "member:3"])
def test_a_delete_without_a_single_heir_that_stands_names_none(outbox: Outbox, heir: str | None) -> None:
    outbox.want(member(1), member(2))
    outbox.load()
    take_back(outbox, heir)

    outbox.load()

    assert heirs(outbox) == [None]


@pytest.mark.req("ID-5")
def test_what_is_left_behind_under_an_old_key_goes_to_the_same_contact_under_its_new_one(outbox: Outbox) -> None:
    outbox.want(member(1))
    outbox.load()
    moved = Outcome(row_id=0, verdict="delivered", vendor_key="new", moved_from="h1", left_behind=True)
    outbox.vendor.answers["member:1"] = moved
    outbox.want(Wanted(kind="member", object_id="member:1", vendor_key="new", payload={"n": 2}))

    outbox.load()

    assert outbox.vendor.sent()[-1] == ("delete", "member:1@h1")
    assert heirs(outbox) == ["new"]


@pytest.mark.req("ID-5", "CON-5")
@pytest.mark.parametrize(("is_final", "code"), [(True, ""), (True, "released"), (False, "")])
def test_a_contact_is_forgotten_only_where_it_is_gone_for_good(outbox: Outbox, is_final: bool, code: str) -> None:
    outbox.delete_is_final = is_final
    outbox.want(member(1))
    outbox.load()
    with outbox.database.connection() as connection:
        see(connection, "h1")
        see(connection, "h2")
    take_back(outbox, None)
    outbox.vendor.answers["member:1"] = Outcome(row_id=0, verdict="delivered", code=code)

    outbox.load()

    forgotten = is_final and not code
    known = outbox.query("select vendor_key from consent.mirror order by 1")
    assert known == ([("h2",)] if forgotten else [("h1",), ("h2",)])
    put_away = outbox.query("select vendor_key, status from consent.put_away")
    assert put_away == ([] if is_final else [("h1", "subscribed")])
    assert outbox.query("select gone from delivery.ledger") == [(True,)]
