"""The Emarsys destination over real HTTP: contacts and consent, what is written and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from retail_sync.model.people import Facts, Person
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ContactForgotten, ContactImported, ContactLeft, ContactSignedUp

from .emarsys_destination_shop import NOW, Shop, pair, person, sales, sold, status_of, verdicts


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build("emarsys")) as url:
        standing = Shop(url)
        standing.stand()
        yield standing


@pytest.mark.req("REC-1")
def test_whatever_is_delivered_reads_back_equal(shop: Shop) -> None:
    born = datetime(1990, 5, 17, tzinfo=UTC).date()
    people = [person(birthdate=born), person(2, "unknown", facts=Facts(currency="SEK"), phone=None, address=None)]
    people.append(person(3, first_name="Zoë 😀 " + "x" * 80))

    outcomes = shop.send(*(one for who in people for one in shop.destination.person(who)))

    assert verdicts(outcomes) == {"delivered": 3}
    assert shop.reads_back("field", "external_event", "contact") == {}
    assert {held.vendor_key for held in shop.destination.read_all("contact")} == set(shop.destination.keys("contact"))


@pytest.mark.req("DAG-2")
def test_delivering_all_of_it_again_as_new_makes_nobody_twice(shop: Shop) -> None:
    wanted = [*shop.destination.person(person()), *shop.destination.person(person(2))]
    shop.send(*wanted)
    shop.ledger.clear()

    again = shop.send(*shop.destination.structure(live=True), *wanted)

    assert verdicts(again) == {"exists": len(again)}
    assert shop.books()["counts"]["contacts"] == 2


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(
    ("who", "opt_in"),
    [
        (person(), "1"),
        (person(wish="unknown"), ""),
        (person(wish="opted_out"), ""),
        (person(known_out=True), ""),
    ],
)
def test_only_a_confirmed_wish_makes_a_subscriber(shop: Shop, who: Person, opt_in: str) -> None:
    shop.send(*shop.destination.person(who))

    assert shop.contact(who.email)["opt_in"] == opt_in


@pytest.mark.req("CON-2")
def test_with_double_opt_in_nobody_is_subscribed_before_confirming(shop: Shop) -> None:
    careful = shop.connect(pair(double_opt_in=True))

    shop.send(*careful.person(person()))

    assert shop.contact("p1@mail.test")["opt_in"] == ""


@pytest.mark.req("CON-1")
def test_an_unsubscribe_between_two_writes_stays_one(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    outcomes = shop.send(*shop.destination.person(person(first_name="Eva")))

    assert verdicts(outcomes) == {"delivered": 1}
    found = shop.contact("p1@mail.test")
    assert (found["opt_in"], found["fields"]["first_name"]) == ("2", "Eva")


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
    assert status_of(shop, "p1@mail.test") == status
    assert shop.contact("p1@mail.test")["fields"]["retail_sync_id"] == "centra_main-1"


@pytest.mark.req("DAG-6")
def test_many_who_are_there_by_address_are_given_our_keys_in_one_call(shop: Shop) -> None:
    emails = [f"p{number}@mail.test" for number in range(1, 41)]
    shop.control.apply([ContactImported(at=NOW, email=email, status="unsubscribed") for email in emails])
    shop.control.reset_log()

    outcomes = shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 41)))

    assert verdicts(outcomes) == {"exists": 40}
    assert shop.control.log()["by_endpoint"]["PUT /contact"]["requests"] == 1
    assert {one["opt_in"] for one in shop.books()["contacts"]} == {"2"}


@pytest.mark.req("CON-1")
def test_updating_somebody_who_is_not_there_creates_nobody(shop: Shop) -> None:
    (outcome,) = shop.send(*shop.destination.person(person()), operation="update")

    assert outcome.verdict == "gone"
    assert status_of(shop, "p1@mail.test") is None


@pytest.mark.req("CON-3")
def test_opting_out_is_the_one_consent_that_is_written_to_a_contact(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))

    (outcome,) = shop.send(shop.destination.opt_out("centra_main-1"), operation="opt_out")

    assert outcome.verdict == "delivered"
    assert status_of(shop, "p1@mail.test") == "unsubscribed"


@pytest.mark.req("CON-3")
def test_whoever_has_none_of_our_keys_is_opted_out_by_emarsys_own(shop: Shop) -> None:
    shop.control.apply([ContactSignedUp(at=NOW, email="form@mail.test")])
    (found,) = shop.destination.lookup(["form@mail.test"])

    outcomes = shop.send(shop.destination.opt_out(found.vendor_key), operation="opt_out")
    outcomes += shop.send(shop.destination.opt_out("centra_main-77"), operation="opt_out")

    assert verdicts(outcomes) == {"delivered": 2}
    assert status_of(shop, "form@mail.test") == "unsubscribed"


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


@pytest.mark.req("CON-3")
def test_all_contacts_are_read_those_of_others_too(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.apply([ContactImported(at=NOW, email="import@mail.test", status="unsubscribed")])

    found = {contact.email: contact.status for contact in shop.destination.contacts()}

    assert found == {"p1@mail.test": "subscribed", "import@mail.test": "unsubscribed"}


@pytest.mark.req("ID-5")
def test_a_new_address_stays_the_same_contact(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    before = shop.contact("p1@mail.test")["id"]

    (outcome,) = shop.send(*shop.destination.person(person(email="new@mail.test")))

    assert (outcome.verdict, outcome.moved_from) == ("delivered", "centra_main-1")
    assert shop.contact("new@mail.test")["id"] == before


@pytest.mark.req("ID-5")
def test_a_new_address_that_another_contact_has_makes_one_of_the_two(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.apply([ContactImported(at=NOW, email="new@mail.test", status="unsubscribed")])

    (outcome,) = shop.send(*shop.destination.person(person(email="new@mail.test")))

    assert (outcome.verdict, outcome.vendor_key) == ("delivered", "centra_main-1")
    assert shop.books()["counts"]["contacts"] == 1
    found = shop.contact("new@mail.test")
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
    assert shop.contact("p1@mail.test")["opt_in"] == ("" if left else "1")
    assert shop.contact("new@mail.test")["opt_in"] == ("2" if left else "1")
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
    assert shop.books()["counts"]["contacts"] == 1
    assert shop.contact("p1@mail.test")["fields"]["first_name"] == "Åsa"


@pytest.mark.req("ID-5")
def test_a_contact_that_nobody_is_any_more_is_deleted_once(shop: Shop) -> None:
    (contact,) = shop.destination.person(person())
    shop.send(contact)

    outcomes = shop.send(contact, operation="delete") + shop.send(contact, operation="delete")

    assert verdicts(outcomes) == {"delivered": 2}
    assert shop.books()["counts"]["contacts"] == 0


@pytest.mark.req("CON-1")
def test_who_has_said_no_is_not_deleted_and_goes_on_saying_so(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()), *shop.destination.person(person(2)))
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    outcomes = shop.send(*(shop.destination.person(person(number))[0] for number in (1, 2)), operation="delete")

    assert verdicts(outcomes) == {"delivered": 2}
    (left,) = shop.books()["contacts"]
    assert (left["email"], left["opt_in"]) == ("p1@mail.test", "2")
    assert list(shop.destination.keys("contact")) == []


@pytest.mark.req("SEC-2")
def test_a_deleted_contact_is_gone_and_not_made_again_by_an_update(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.apply([ContactForgotten(at=NOW, email="p1@mail.test")])

    (outcome,) = shop.send(*shop.destination.person(person(first_name="Eva")))

    assert outcome.verdict == "gone"
    assert [held.payload for held in shop.destination.read("contact", ["centra_main-1"])] == [None]


@pytest.mark.req("QUA-1")
def test_one_refused_contact_among_many_is_named_and_the_others_go_on(shop: Shop) -> None:
    people = [person(number) for number in range(1, 20)] + [person(99, email="no address")]

    outcomes = shop.send(*(one for who in people for one in shop.destination.person(who)))

    assert verdicts(outcomes) == {"delivered": 19, "rejected": 1}
    (refused,) = [outcome for outcome in outcomes if outcome.verdict == "rejected"]
    assert refused.code == "key_refused"
    assert refused.code in shop.destination.capabilities.advice


@pytest.mark.req("DAG-6")
def test_more_contacts_than_a_call_takes_go_in_calls_of_a_thousand(shop: Shop) -> None:
    shop.control.reset_log()

    outcomes = shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 2102)))

    assert verdicts(outcomes) == {"delivered": 2101}
    assert shop.control.log()["by_endpoint"]["POST /contact"]["requests"] == 3


@pytest.mark.req("ORD-7")
def test_totals_count_contacts_and_what_they_said(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()), *shop.destination.person(person(2, "unknown")))
    shop.send(*sales(shop, sold()))

    totals = {total.name: total.value for total in shop.destination.totals()}

    assert totals == {"contacts": "2", "contacts.subscribed": "1", "contacts.unsubscribed": "0"}
