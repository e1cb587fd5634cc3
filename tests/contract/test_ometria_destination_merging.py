"""Contacts that have become others at Ometria: their profiles are merged where that may be, else taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.model.delivery import Outcome
from retail_sync.sandbox.host import running
from retail_sync.sandbox.world.events import ContactLeft, ContactSignedUp
from retail_sync.vendors.ometria.sandbox import build

from .destination_goods import NOW, person
from .destination_shop import verdicts
from .ometria_destination_shop import BRISK, Shop


@pytest.fixture
def url() -> Iterator[str]:
    with running(build({**BRISK, "merges_per_minute": 1000.0})) as url:
        yield url


def merging(url: str, people: int = 2, **settings: Any) -> Shop:
    """So many people, the first of whom has also signed up by a form of Ometria's own."""
    shop = Shop(url, merge_profiles=True, **settings)
    shop.send(*(shop.contact(person(number)) for number in range(1, people + 1)))
    shop.control.apply([ContactSignedUp(at=NOW, email="p1@mail.test")])
    return shop


def become(shop: Shop, **heirs: int) -> list[Outcome]:
    """Take contacts back that have become others: `p1=2`."""
    wanted = [shop.contact(person(int(who[1:]))) for who in heirs]
    rows = shop.rows(wanted, "delete")
    named = [
        replace(row, heir=shop.contact(person(heir)).vendor_key) for row, heir in zip(rows, heirs.values(), strict=True)
    ]
    return [ended for ended in shop.destination.deliver(named) if isinstance(ended, Outcome)]


def ours(shop: Shop) -> dict[str, str | None]:
    """The contacts of our collection with their addresses."""
    return {one["id"]: one["email"] for one in shop.state()["contacts"] if one["collection"] == "centra_main"}


@pytest.mark.req("ID-5")
def test_the_profile_of_a_contact_that_became_another_is_merged_into_that_ones(url: str) -> None:
    shop = merging(url)

    assert verdicts(become(shop, p1=2)) == {"delivered": 1}

    assert ours(shop) == {"centra_main-2": "p2@mail.test"}
    ((profile_id, profile),) = shop.state()["profiles"].items()
    assert profile["email"] == "p2@mail.test"
    assert [merge["survivor"] for merge in shop.state()["merges"]] == [profile_id]


@pytest.mark.req("ID-5")
@pytest.mark.parametrize("merge_profiles", [False, True])
def test_what_can_not_be_merged_is_taken_back_as_ever(merge_profiles: bool) -> None:
    with running(build({**BRISK, "merge_form": "email"})) as url:
        shop = Shop(url, merge_profiles=merge_profiles)
        shop.send(*(shop.contact(person(number)) for number in (1, 2)))

        assert verdicts(become(shop, p1=2)) == {"delivered": 1}

        assert ours(shop) == {"centra_main-1": None, "centra_main-2": "p2@mail.test"}
        assert shop.state()["merges"] == []


@pytest.mark.req("CON-1", "CON-6")
@pytest.mark.parametrize("who", [1, 2])
def test_nobody_who_has_said_no_is_merged(url: str, who: int) -> None:
    shop = merging(url)
    shop.control.apply([ContactLeft(at=NOW, email=f"p{who}@mail.test")])

    assert verdicts(become(shop, p1=2)) == {"delivered": 1}

    assert shop.state()["merges"] == []
    assert not shop.gets_mail(f"p{who}@mail.test")
    assert shop.gets_mail("p2@mail.test") is (who == 1)


@pytest.mark.req("CON-2", "CON-6")
def test_no_yes_is_merged_into_a_profile_that_has_none(url: str) -> None:
    shop = merging(url, people=1)
    shop.send(shop.contact(person(2, "unknown")))

    assert verdicts(become(shop, p1=2)) == {"delivered": 1}

    assert shop.state()["merges"] == []
    assert not shop.gets_mail("p2@mail.test")


@pytest.mark.req("ID-5", "DAG-6")
def test_several_go_to_one_survivor_at_once_and_others_wait_for_their_minute(url: str) -> None:
    shop = merging(url, people=6, merges_at_once=1)

    outcomes = become(shop, p1=6, p2=6, p3=5)

    assert verdicts(outcomes) == {"delivered": 2, "retry": 1}
    (waits,) = [ended for ended in outcomes if ended.verdict == "retry"]
    assert waits.code == "merging"
    assert waits.retry_at is not None
    assert len(shop.state()["merges"]) == 1
    assert verdicts(become(shop, p3=5)) == {"delivered": 1}
    assert sorted(ours(shop)) == ["centra_main-4", "centra_main-5", "centra_main-6"]


@pytest.mark.req("CON-6")
def test_what_we_say_of_consent_is_said_at_birth_and_never_forced(url: str) -> None:
    shop = merging(url, people=3)
    shop.control.apply([ContactLeft(at=NOW + timedelta(minutes=1), email="p2@mail.test")])
    shop.send(*(shop.contact(person(number, first_name="Eva")) for number in (1, 2, 3)))
    shop.send(shop.contact(person(1, email="new@mail.test")))
    become(shop, p3=1)
    shop.send(shop.destination.opt_out("centra_main-1"), operation="opt_out")

    said = {one["id"]: one["history"] for one in shop.state()["contacts"] if one["collection"] == "centra_main"}

    words = {who: [one["value"] for one in history] for who, history in said.items()}
    assert words == {
        "centra_main-1": ["EXPLICITLY_OPTEDIN", "EXPLICITLY_OPTEDOUT"],
        "centra_main-2": ["EXPLICITLY_OPTEDIN"],
    }
    assert not any(one["forced"] for history in said.values() for one in history)
    assert not shop.gets_mail("p2@mail.test")
