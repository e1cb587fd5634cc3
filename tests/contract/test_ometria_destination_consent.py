"""Consent at Ometria over real HTTP: it is said at birth, taken back at any time, and read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from retail_sync.sandbox.host import running
from retail_sync.sandbox.world.events import ContactLeft, ContactSignedUp
from retail_sync.vendors.ometria.sandbox import build

from .destination_goods import NOW, person
from .ometria_destination_shop import BRISK, Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build(BRISK)) as url:
        yield Shop(url)


_OTHER = {"@type": "contact", "@collection": "till", "id": "7", "email": "p1@mail.test"}


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
    assert swept == shop.found("p1@mail.test")
    assert (swept.vendor_key, swept.status) == ("centra_main-1", "unsubscribed")


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
