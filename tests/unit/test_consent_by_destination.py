"""How consent is read and kept depends on what a destination shows: up to when it has told, and whose hand it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from retail_sync.consent import mirror
from retail_sync.db.database import Database
from retail_sync.exceptions.entries import entries
from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Contact, ContactStatus, Delivery, OptIn, Outcome, Wanted
from retail_sync.steps.consent import consent
from retail_sync.steps.context import Road
from retail_sync.steps.notice import notice
from retail_sync.steps.open_run import open_run
from retail_sync.steps.requests import RunRequest

from .memory_shop import NOON, Hands, MemoryShop, Takes, road_to


@dataclass
class Audience(Takes):
    """A destination that is read whole, whatever is asked for, and remembers what it was asked and given."""

    listed: list[Contact] = field(default_factory=list)
    asked: list[datetime | None] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def contacts(self, changed_since: datetime | None = None) -> Iterator[Contact]:
        self.asked.append(changed_since)
        return iter(self.listed)

    def opt_out(self, contact_key: str) -> Wanted:
        return Wanted(kind="member", object_id=f"opt_out:{contact_key}", vendor_key=contact_key, payload={})

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        self.given += [row.vendor_key for row in rows]
        return iter([Outcome(row_id=row.row_id, verdict="delivered") for row in rows])


def anna(status: ContactStatus, at: datetime | None = None, told_at: datetime | None = None) -> Contact:
    return Contact(
        vendor_key="h1", email="anna@mail.test", status=status, changed_at=at, told_at=told_at, opt_in=OptIn()
    )


def to(audience: Audience, database: Database, *, shows_own_opt_in: bool = False) -> Road:
    """A road whose pair wants whoever is subscribed again without a sign of their own to be unsubscribed."""
    kinds = frozenset({"member"})
    audience.capabilities = Capabilities("member", {}, 1, ("member",), kinds, kinds, shows_own_opt_in=shows_own_opt_in)
    road = road_to(database, MemoryShop(Hands()), consent={"resubscribed": "revert"})
    road.__dict__["destination"] = audience
    return road


def come_back(audience: Audience, road: Road) -> list[str]:
    """Anna leaves, and is shown as subscribed again; what stands in the exceptions then."""
    for number, contact in enumerate((anna("unsubscribed", NOON - timedelta(days=1)), anna("subscribed"))):
        audience.listed = [contact]
        open_run(road, f"r{number}", RunRequest(dag="consent"))
        consent(road, f"r{number}")
    notice(road, "r1")
    with road.database.connection() as connection:
        return [found.cause for found in entries(connection)]


@pytest.mark.req("CON-7", "CON-6")
def test_where_no_own_yes_can_be_shown_nobody_is_unsubscribed_for_the_lack_of_one(database: Database) -> None:
    audience = Audience()

    (cause,) = come_back(audience, to(audience, database))

    assert audience.given == []
    assert cause.endswith("List never shows such a sign, so nothing is undone by itself.")


@pytest.mark.req("CON-7")
def test_where_an_own_yes_would_be_shown_its_lack_is_undone(database: Database) -> None:
    audience = Audience()

    (cause,) = come_back(audience, to(audience, database, shows_own_opt_in=True))

    assert audience.given == ["h1"]
    assert cause.endswith("It is being unsubscribed again.")


@pytest.mark.req("CON-3", "CON-5")
def test_the_next_reading_begins_where_the_destination_says_that_it_has_told_all(database: Database) -> None:
    audience = Audience()
    audience.listed = [
        anna("subscribed", told_at=NOON - timedelta(hours=2)),
        Contact(
            vendor_key="h2", email="bo@mail.test", status="unsubscribed", changed_at=NOON - timedelta(days=3),
            told_at=NOON - timedelta(hours=2),
        ),
    ]  # fmt: skip
    road = to(audience, database)

    for _ in range(2):
        mirror.refresh(database, road.destination, "list_main", lambda: NOON)

    assert audience.asked == [None, NOON - timedelta(hours=2) - mirror.OVERLAP]


@pytest.mark.req("CON-3", "CON-5")
def test_else_it_begins_at_the_newest_change_that_was_told(database: Database) -> None:
    audience = Audience()
    audience.listed = [anna("unsubscribed", NOON - timedelta(days=3))]
    road = to(audience, database)

    for _ in range(2):
        mirror.refresh(database, road.destination, "list_main", lambda: NOON)

    assert audience.asked == [None, NOON - timedelta(days=3) - mirror.OVERLAP]
