"""Thousands of random histories of consent: whatever people and clocks do, and wherever the pair is cut off, nobody is
brought back and no leaving is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from retail_sync.consent import leaving, mirror, way_back
from retail_sync.db.database import Database
from retail_sync.steps import load

from .histories.world import Rules, live

#: Each a world of so many people; Mailchimp, which shows most, has as many as the others together.
PLATFORMS = ("mailchimp",) * 4 + ("emarsys",) * 2 + ("ometria",) * 2
PEOPLE = 375


def rules(seed: int) -> Rules:
    """The rules of a round; each comes with either value, and the clocks are wrong by up to two hours either way."""
    chance = random.Random(seed)
    applies, reverts = bool(seed & 1), bool(seed & 2)
    return Rules(
        applies=applies,
        reverts=reverts,
        double_opt_in=applies != reverts and PLATFORMS[seed] == "mailchimp",
        platform=PLATFORMS[seed],
        shop_skew=chance.uniform(-2, 2),
        platform_skew=chance.uniform(-2, 2),
    )


@pytest.mark.req("CON-1", "CON-3", "CON-4", "CON-5", "CON-7")
@pytest.mark.parametrize("seed", range(len(PLATFORMS)), ids=[f"{name}-{seed}" for seed, name in enumerate(PLATFORMS)])
def test_nobody_is_brought_back_and_no_leaving_is_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    assert live(database, monkeypatch, rules(seed), seed, PEOPLE).objections() == []


Break = Callable[[pytest.MonkeyPatch], None]


def without(module: Any, name: str, words: str, instead: str) -> Break:
    """Changes words of a statement; they must be there."""

    def change(monkeypatch: pytest.MonkeyPatch) -> None:
        statement: str = getattr(module, name)
        assert words in statement
        monkeypatch.setattr(module, name, statement.replace(words, instead))

    return change


def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "contact_gate", lambda *_: lambda rows: ([], list(rows)))


def no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_back, "to_write_back", lambda *_: [])


BREAKS: dict[str, tuple[Break, str, Rules]] = {
    "nobody looks before a contact is created": (no_gate, "and was made a subscriber by us", Rules()),
    "nothing is told to the shop": (no_way_back, "still says yes", Rules(platform="ometria")),
    "the record follows whatever the platform shows": (
        without(mirror, "_RECORD", "or kept.is_out and not coalesce", "or false and not coalesce"),
        "was imported, and nobody was told",
        Rules(),
    ),
    "no sign is asked of who is back": (
        without(mirror, "_RECORD", "excluded.status = 'subscribed'\n", "excluded.status = 'never'\n"),
        "came back with its own hand and was unsubscribed by us",
        Rules(reverts=True),
    ),
    "no yes is ever newer": (
        without(way_back, "_TO_WRITE", "where not newer", "where true"),
        "after we unticked it, and was unticked again",
        Rules(),
    ),
    "every yes is newer": (without(way_back, "_TO_WRITE", "where not newer", "where false"), "still says yes", Rules()),
    "our own no is taken for the customer's": (
        without(leaving, "SOURCE_NOES", "outbox.queued_at >= customer.last_yes_at", "false"),
        "came back with its own hand and was unsubscribed by us",
        Rules(applies=True),
    ),
    "a no of the shop is lost": (
        without(leaving, "SOURCE_NOES", "mirror.status in ('subscribed', 'pending')", "false"),
        "is still subscribed",
        Rules(applies=True, platform="emarsys"),
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_model_objects_to_a_pair_that_is_broken(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    break_it, words, rules_then = BREAKS[name]
    break_it(monkeypatch)
    found = live(database, monkeypatch, rules_then, 1, 300).objections()
    assert any(words in objection for objection in found), found
