"""Consent at Ometria over real HTTP: it is said at birth, taken back at any time, and read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from retail_sync.model.people import Person
from retail_sync.sandbox.host import running
from retail_sync.sandbox.world.events import ContactForgotten, ContactImported, ContactLeft, ContactSignedUp
from retail_sync.vendors.ometria.sandbox import build

from .ometria_destination_shop import (
    BRISK,
    NOW,
    Shop,
    everything,
    person,
    sold,
    verdicts,
)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build(BRISK)) as url:
        yield Shop(url)


_OTHER = {"@type": "contact", "@collection": "till", "id": "7", "email": "p1@mail.test"}


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(
    ("who", "status"),
    [
        (person(), "subscribed"),
        (person(wish="unknown"), "transactional"),
        (person(wish="opted_out"), "transactional"),
        (person(known_out=True), "transactional"),
    ],
)
def test_only_a_confirmed_wish_makes_a_subscriber(shop: Shop, who: Person, status: str) -> None:
    shop.send(*everything(shop, who, orders=[sold()]))

    assert shop.status(who.email) == status


@pytest.mark.req("CON-1")
def test_an_unsubscribe_between_two_writes_stays_one(shop: Shop) -> None:
    shop.send(*everything(shop, person(), orders=[sold()]))
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    outcomes = shop.send(*everything(shop, person(first_name="Eva"), orders=[sold(status="shipped")]))

    assert verdicts(outcomes) == {"delivered": 5}
    assert shop.status("p1@mail.test") == "unsubscribed"
    assert shop.reads_back("contact") == {}


@pytest.mark.req("CON-1")
def test_an_opt_in_for_a_contact_that_is_there_is_not_sent(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.send(shop.destination.opt_out("centra_main-1"), operation="opt_out")
    shop.ledger.clear()

    (outcome,) = shop.send(*shop.destination.person(person(first_name="Eva")))

    assert (outcome.verdict, outcome.code) == ("exists", "contact_exists")
    (listing,) = shop.state()["contacts"]
    assert listing["marketing_optin"] == "EXPLICITLY_OPTEDOUT"


@pytest.mark.req("CON-6")
def test_an_opt_in_does_not_undo_what_another_source_says(shop: Shop) -> None:
    shop.push({**_OTHER, "marketing_optin": "EXPLICITLY_OPTEDOUT"})

    shop.send(*shop.destination.person(person()))

    assert shop.status("p1@mail.test") == "unsubscribed"


@pytest.mark.req("CON-4")
def test_of_two_profiles_with_one_address_the_one_that_left_speaks(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.push({**_OTHER, "customer_id": "4711", "marketing_optin": "EXPLICITLY_OPTEDOUT"})

    (swept,) = shop.destination.contacts()

    assert len(shop.state()["profiles"]) == 2
    assert swept == shop.contact("p1@mail.test")
    assert (swept.vendor_key, swept.status) == ("centra_main-1", "unsubscribed")


@pytest.mark.req("CON-3")
def test_opting_out_is_the_one_word_of_consent_that_is_said_of_who_is_there(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))

    (outcome,) = shop.send(shop.destination.opt_out("centra_main-1"), operation="opt_out")

    assert outcome.verdict == "delivered"
    assert shop.status("p1@mail.test") == "unsubscribed"
    assert shop.reads_back() == {}


@pytest.mark.req("CON-3")
def test_somebody_whom_we_never_sent_can_be_opted_out(shop: Shop) -> None:
    shop.control.apply([ContactImported(at=NOW, email="ann@mail.test", status="subscribed")])
    found = shop.contact("ann@mail.test")
    assert found is not None
    assert found.status == "subscribed"

    (outcome,) = shop.send(shop.destination.opt_out(found.vendor_key), operation="opt_out")

    assert outcome.verdict == "delivered"
    assert shop.status("ann@mail.test") == "unsubscribed"
    assert list(shop.destination.read_all("contact")) == []


@pytest.mark.req("CON-3")
@pytest.mark.parametrize("key", ["centra_main-99", "profile:nobody"])
def test_a_contact_that_is_not_there_needs_no_opting_out(shop: Shop, key: str) -> None:
    (outcome,) = shop.send(shop.destination.opt_out(key), operation="opt_out")

    assert outcome.verdict == "delivered"
    assert shop.state()["contacts"] == []


@pytest.mark.req("CON-5")
def test_who_left_is_read_with_time_and_reason_and_who_came_back_without_a_sign_of_their_own(shop: Shop) -> None:
    shop.send(*(one for number in (1, 2, 3) for one in shop.destination.person(person(number))))
    shop.control.stand_at(NOW)
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test"), ContactSignedUp(at=NOW, email="new@mail.test")])
    shop.send(shop.destination.opt_out("centra_main-2"), operation="opt_out")

    found = {contact.email: contact for contact in shop.destination.contacts()}

    left, ours, new = found["p1@mail.test"], found["p2@mail.test"], found["new@mail.test"]
    assert (left.vendor_key, left.status, left.changed_at) == ("centra_main-1", "unsubscribed", NOW)
    assert left.reason
    assert left.reason.startswith("link_unsubscribe")
    # What was written by the API is not on Ometria's list of those who left, and so without a time.
    assert (ours.status, ours.changed_at) == ("unsubscribed", None)
    assert (found["p3@mail.test"].status, new.status, new.opt_in.own) == ("subscribed", "subscribed", False)


@pytest.mark.req("CON-5")
def test_what_changed_since_is_read_without_the_rest(shop: Shop) -> None:
    shop.control.stand_at(NOW - timedelta(days=2))
    shop.send(*(one for number in (1, 2) for one in shop.destination.person(person(number))))
    shop.control.stand_at(NOW)
    shop.control.apply([ContactLeft(at=NOW, email="p2@mail.test")])

    found = list(shop.destination.contacts(NOW - timedelta(hours=1)))

    assert [(contact.email, contact.status) for contact in found] == [("p2@mail.test", "unsubscribed")]


@pytest.mark.req("SEC-2")
def test_a_contact_that_was_erased_is_not_brought_back_by_an_update(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.apply([ContactForgotten(at=NOW, email="p1@mail.test")])

    (outcome,) = shop.send(*shop.destination.person(person(first_name="Eva")))

    assert (outcome.verdict, outcome.code) == ("gone", "gone")
    assert shop.contact("p1@mail.test") is None
