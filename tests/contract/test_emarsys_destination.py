"""The Emarsys destination over real HTTP: contacts and consent, what is written and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ContactImported, ContactLeft

from .destination_goods import NOW, person, sold
from .destination_shop import verdicts
from .emarsys_destination_shop import Shop, pair, sales


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build("emarsys")) as url:
        standing = Shop(url)
        standing.stand()
        yield standing


@pytest.mark.req("CON-2")
def test_with_double_opt_in_nobody_is_subscribed_before_confirming(shop: Shop) -> None:
    careful = shop.connect(pair(double_opt_in=True))

    shop.send(*careful.person(person()))

    assert shop.person_at("p1@mail.test")["opt_in"] == ""


@pytest.mark.req("CON-1")
@pytest.mark.parametrize("status", ["unsubscribed", "transactional", "subscribed"])
def test_somebody_who_is_there_by_address_is_given_our_key_and_keeps_their_wish(
    shop: Shop, status: Literal["unsubscribed", "transactional", "subscribed"]
) -> None:
    shop.control.apply([ContactImported(at=NOW, email="p1@mail.test", status=status)])
    (contact,) = shop.destination.person(person())

    (created,) = shop.send(contact)
    (updated,) = shop.send(contact, operation="update")

    assert (created.verdict, created.code, updated.verdict) == ("exists", "contact_exists", "delivered")
    assert shop.status("p1@mail.test") == status
    assert shop.person_at("p1@mail.test")["fields"]["retail_sync_id"] == "centra_main-1"


@pytest.mark.req("DAG-6")
def test_many_who_are_there_by_address_are_given_our_keys_in_one_call(shop: Shop) -> None:
    emails = [f"p{number}@mail.test" for number in range(1, 41)]
    shop.control.apply([ContactImported(at=NOW, email=email, status="unsubscribed") for email in emails])
    shop.control.reset_log()

    outcomes = shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 41)))

    assert verdicts(outcomes) == {"exists": 40}
    assert shop.control.log()["by_endpoint"]["PUT /contact"]["requests"] == 1
    assert {one["opt_in"] for one in shop.state()["contacts"]} == {"2"}


@pytest.mark.req("CON-3")
def test_who_left_is_read_with_the_time_and_in_which_way(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()), *shop.destination.person(person(2)))
    before = datetime.now(UTC) - timedelta(minutes=5)
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    found = {contact.email: contact for contact in shop.destination.contacts(before)}

    left = found["p1@mail.test"]
    assert (left.status, left.reason, left.vendor_key) == ("unsubscribed", "unsubscribe", "centra_main-1")
    assert left.changed_at is not None
    assert before < left.changed_at < before + timedelta(minutes=10)
    assert found["p2@mail.test"].changed_at is None


@pytest.mark.req("ID-5")
def test_a_new_address_that_another_contact_has_makes_one_of_the_two(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.apply([ContactImported(at=NOW, email="new@mail.test", status="unsubscribed")])

    (outcome,) = shop.send(*shop.destination.person(person(email="new@mail.test")))

    assert (outcome.verdict, outcome.vendor_key) == ("delivered", "centra_main-1")
    assert shop.state()["counts"]["contacts"] == 1
    found = shop.person_at("new@mail.test")
    assert (found["opt_in"], found["fields"]["retail_sync_id"]) == ("2", "centra_main-1")
    assert shop.reads_back("contact") == {}


@pytest.mark.req("ID-5")
@pytest.mark.parametrize("left", [False, True])
def test_an_address_that_goes_from_one_person_to_another_ends_with_both(shop: Shop, left: bool) -> None:
    shop.send(*shop.destination.person(person()))
    if left:
        shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    made = shop.send(*shop.destination.person(person(2, email="p1@mail.test")))
    moved = shop.send(*shop.destination.person(person(email="new@mail.test")))

    assert verdicts(made + moved) == {"delivered": 2}
    assert shop.person_at("p1@mail.test")["opt_in"] == ("" if left else "1")
    assert shop.person_at("new@mail.test")["opt_in"] == ("2" if left else "1")
    assert shop.reads_back("contact") == {}


@pytest.mark.req("ID-7")
def test_two_pairs_of_one_account_share_a_contact(shop: Shop) -> None:
    (first,) = shop.destination.person(person())
    shop.send(first)
    other = shop.connect(pair(source_account="fulfil_main", mapping={}))
    (second,) = other.person(person(9, email="p1@mail.test"))

    (created,) = shop.send(second)
    (updated,) = shop.send(second, operation="update")

    assert (created.verdict, created.vendor_key) == ("exists", "centra_main-1")
    assert (updated.verdict, updated.vendor_key) == ("delivered", "centra_main-1")
    assert shop.state()["counts"]["contacts"] == 1
    assert shop.person_at("p1@mail.test")["fields"]["first_name"] == "Åsa"


@pytest.mark.req("CON-1")
def test_who_has_said_no_is_not_deleted_and_goes_on_saying_so(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()), *shop.destination.person(person(2)))
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    outcomes = shop.send(*(shop.destination.person(person(number))[0] for number in (1, 2)), operation="delete")

    assert {outcome.code for outcome in outcomes} == {"released", ""}
    assert verdicts(outcomes) == {"delivered": 2}
    (left,) = shop.state()["contacts"]
    assert (left["email"], left["opt_in"]) == ("p1@mail.test", "2")
    assert list(shop.destination.keys("contact")) == []


@pytest.mark.req("CON-3", "CON-5")
def test_contacts_say_up_to_when_everything_was_told_even_if_nobody_has_left(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()), *shop.destination.person(person(2)))
    shop.control.stand_at(NOW)

    found = [*shop.destination.contacts(), *shop.destination.contacts(NOW - timedelta(days=1))]

    assert {contact.told_at for contact in found} == {NOW}


@pytest.mark.req("ORD-7")
def test_totals_count_contacts_and_what_they_said(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()), *shop.destination.person(person(2, "unknown")))
    shop.send(*sales(shop, sold()))

    totals = {total.name: total.value for total in shop.destination.totals()}

    assert totals == {"contacts": "2", "contacts.subscribed": "1", "contacts.unsubscribed": "0"}
