"""Consent at Ometria over real HTTP: it is said at birth, taken back at any time, and read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from retail_sync.model.delivery import Operation
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


@pytest.fixture(params=[True, False], ids=["our customer ids", "ids of others"])
def beside_others(shop: Shop, request: pytest.FixtureRequest) -> Shop:
    """The shop, with or without customer ids of ours."""
    return Shop(shop.url, account_ids=request.param)


@pytest.mark.req("CON-1")
@pytest.mark.parametrize("by_hand", [True, False], ids=["left by a link", "opted out by us"])
@pytest.mark.parametrize("operation", ["update", "delete"])
def test_a_no_stays_with_the_address_that_a_contact_gives_up(
    beside_others: Shop, operation: Operation, *, by_hand: bool
) -> None:
    shop = beside_others
    shop.push({**_OTHER, "marketing_optin": "EXPLICITLY_OPTEDIN"})
    shop.send(*shop.destination.person(person()))
    if by_hand:
        shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])
    else:
        shop.send(shop.destination.opt_out("centra_main-1"), operation="opt_out")

    who = person(email="new@mail.test" if operation == "update" else None)
    (outcome,) = shop.send(*shop.destination.person(who), operation=operation)

    assert outcome.verdict == "delivered"
    assert not shop.gets_mail("p1@mail.test")
    assert shop.status("p1@mail.test") == "unsubscribed"
    # Nor does the contact's own former yes come to life under the new address.
    assert not shop.gets_mail("new@mail.test")


@pytest.mark.req("CON-1")
def test_whoever_has_said_no_twice_under_two_addresses_is_out_under_both(shop: Shop) -> None:
    for number in range(3):
        email = f"old{number}@mail.test"
        shop.push({**_OTHER, "id": str(number), "email": email, "marketing_optin": "EXPLICITLY_OPTEDIN"})
    shop.send(*shop.destination.person(person(email="old0@mail.test")))
    shop.send(shop.destination.opt_out("centra_main-1"), operation="opt_out")

    for number in (1, 2):
        shop.send(*shop.destination.person(person(email=f"old{number}@mail.test")))

    assert [shop.gets_mail(f"old{number}@mail.test") for number in range(3)] == [False] * 3


@pytest.mark.req("CON-1")
def test_an_address_that_said_yes_is_given_up_without_a_word(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))

    shop.send(*shop.destination.person(person(email="new@mail.test")))

    assert [one["id"] for one in shop.state()["contacts"]] == ["centra_main-1"]
    assert shop.gets_mail("new@mail.test")


@pytest.mark.req("CON-3")
def test_an_opt_out_reaches_every_profile_of_the_address(beside_others: Shop) -> None:
    shop = beside_others
    for customer in ("T-1", "A-1"):
        shop.push({**_OTHER, "id": customer, "customer_id": customer, "marketing_optin": "EXPLICITLY_OPTEDIN"})
    shop.send(*shop.destination.person(person()))
    (found,) = shop.destination.lookup(["p1@mail.test"])

    (outcome,) = shop.send(shop.destination.opt_out(found.vendor_key), operation="opt_out")

    assert outcome.verdict == "delivered"
    assert not shop.gets_mail("p1@mail.test")
    (found,) = shop.destination.lookup(["p1@mail.test"])
    assert (found.status, found.still_in) == ("unsubscribed", False)


@pytest.mark.req("CON-5")
def test_of_an_address_that_left_one_profile_alone_it_is_told_that_others_stay(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.push({**_OTHER, "customer_id": "4711", "marketing_optin": "EXPLICITLY_OPTEDOUT"})

    (swept,) = shop.destination.contacts()

    assert (swept.status, swept.still_in) == ("unsubscribed", True)
