"""The Emarsys destination over real HTTP: answers that are about more than one row, say nothing, or are no answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.model.delivery import Outcome
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ContactImported, ContactLeft

from .destination_goods import NOW, person
from .destination_shop import verdicts
from .emarsys_account import EMAIL, KEY, OPT_IN, Caller
from .emarsys_destination_shop import Shop

NOTHING_TOLD: list[Any] = [{"errors": [], "result": False}, ""]


@pytest.fixture(scope="module")
def _url() -> Iterator[str]:
    with running(build("emarsys", {"export_lines": 3})) as url:
        yield url


@pytest.fixture
def shop(_url: str) -> Shop:
    """An account in which the pair's structure stands."""
    Shop(_url).control.reset()
    standing = Shop(_url)
    standing.stand()
    return standing


def renamed(shop: Shop, many: int) -> list[Outcome]:
    """So many contacts, which are there, under another name."""
    return shop.send(*(shop.destination.person(person(number, first_name="Eva"))[0] for number in range(1, many + 1)))


def named(shop: Shop, name: str) -> int:
    """How many contacts have this first name."""
    return sum(one["fields"].get("first_name") == name for one in shop.state()["contacts"])


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize("status", [200, 400])
def test_one_row_for_which_a_call_is_refused_whole_takes_none_along(shop: Shop, status: int) -> None:
    shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 9)))
    options = {"status": status, "code": 2007, "text": "Invalid value"}
    shop.control.fault("call_refused", endpoint="centra_main-3", options=options, times=None)

    outcomes = renamed(shop, 8)

    assert verdicts(outcomes) == {"delivered": 7, "rejected": 1}
    assert named(shop, "Eva") == 7


@pytest.mark.req("CON-1")
@pytest.mark.parametrize("status", [200, 404])
def test_a_contact_that_is_gone_hides_no_other_persons_no(shop: Shop, status: int) -> None:
    shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 4)))
    options = {"status": status, "code": 2008, "text": "No contact found"}
    shop.control.fault("call_refused", endpoint="centra_main-2", options=options, times=None)

    shop.send(*(shop.destination.opt_out(f"centra_main-{number}") for number in (1, 2, 3)), operation="opt_out")

    assert not shop.gets_mail("p1@mail.test")
    assert not shop.gets_mail("p3@mail.test")


@pytest.mark.req("REC-1")
def test_a_field_that_is_missing_is_said_of_a_call_once(shop: Shop) -> None:
    shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 9)))
    options = {"status": 400, "code": 2006, "text": "Invalid field id: 5002"}
    shop.control.fault("call_refused", endpoint="centra_main-3", options=options, times=None)
    shop.control.reset_log()

    outcomes = renamed(shop, 8)

    assert verdicts(outcomes) == {"lacking": 8}
    assert shop.control.log()["by_endpoint"]["PUT /contact"]["requests"] == 1


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(("code", "said"), [(2005, "key_refused"), (2010, "several_contacts")])
@pytest.mark.parametrize("status", [200, 400])
def test_one_address_that_can_not_be_looked_up_keeps_nobody_else_out(
    shop: Shop, status: int, code: int, said: str
) -> None:
    options = {"status": status, "code": code, "text": "Not this one: p3@mail.test"}
    shop.control.fault("call_refused", endpoint="p3@mail.test", options=options, times=None)

    outcomes = shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 7)))

    assert verdicts(outcomes) == {"delivered": 5, "rejected": 1}
    (refused,) = [one for one in outcomes if one.verdict == "rejected"]
    assert refused.code == said
    assert "p3@mail.test" not in refused.words


@pytest.mark.req("CON-1")
@pytest.mark.parametrize("data", NOTHING_TOLD)
def test_who_is_not_told_of_is_not_taken_for_absent(shop: Shop, data: Any) -> None:
    contact = shop.contact(person())
    shop.send(contact)
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])
    body = {"replyCode": 0, "replyText": "OK", "data": data}
    shop.control.fault("status", status=200, body=body, endpoint="POST /contact/getdata", times=None)

    assert shop.attempt(contact, operation="delete") == []
    with pytest.raises(UnreachableError):
        list(shop.destination.read("contact", ["centra_main-1"]))
    with pytest.raises(UnreachableError):
        shop.found("p1@mail.test")
    assert [one["opt_in"] for one in shop.state()["contacts"]] == ["2"]


@pytest.mark.req("OPS-3")
def test_a_key_field_that_can_not_be_read_by_is_nobodys_absence(shop: Shop) -> None:
    shop.send(shop.contact(person()))
    data = {"errors": {"<NO_KEY_ID>": {"2004": "Invalid key field id: 5001"}}, "result": False}
    body = {"replyCode": 0, "replyText": "OK", "data": data}
    shop.control.fault("status", status=200, body=body, endpoint="POST /contact/getdata", times=None)

    with pytest.raises(ConfigurationError, match="key field"):
        list(shop.destination.read("contact", ["centra_main-1"]))


@pytest.mark.req("SEC-1")
def test_the_words_of_a_reading_that_failed_hold_no_address(shop: Shop) -> None:
    body = {"replyCode": 1008, "replyText": "Something is wrong with anna.svensson@mail.test", "data": ""}
    shop.control.fault("status", status=400, body=body, endpoint="*/contact/*", times=None)

    for read in (lambda: shop.found("anna.svensson@mail.test"), shop.destination.totals):
        with pytest.raises(UnreachableError) as raised:
            read()
        assert "anna.svensson" not in str(raised.value)


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize("status", [200, 400, 404, 413])
def test_what_a_gateway_says_in_json_is_no_refusal(shop: Shop, status: int) -> None:
    shop.send(*(shop.destination.person(person(number))[0] for number in (1, 2)))
    body = {"message": "no Route matched with those values"}
    shop.control.fault("status", status=status, body=body, endpoint="PUT /contact*")
    wanted = [shop.contact(person(number, first_name="Eva")) for number in (1, 2)]

    outcomes = shop.attempt(*wanted) or shop.attempt(*wanted)

    assert verdicts(outcomes) == {"delivered": 2}
    assert named(shop, "Eva") == 2


@pytest.mark.req("CON-3")
@pytest.mark.parametrize("body", ["<html>One moment</html>", {"message": "slow down"}])
def test_a_page_instead_of_a_file_is_no_empty_file(shop: Shop, body: Any) -> None:
    shop.control.fault("status", status=200, body=body, endpoint="GET /export/*/data", times=None)

    with pytest.raises(UnreachableError):
        list(shop.destination.contacts(datetime.now(UTC)))


@pytest.mark.req("CON-3")
def test_a_file_that_comes_in_smaller_pieces_than_were_asked_for_comes_whole(shop: Shop) -> None:
    shop.send(*(shop.destination.person(person(number))[0] for number in range(1, 12)))
    shop.control.apply([ContactLeft(at=NOW, email=f"p{number}@mail.test") for number in range(1, 12)])

    found = list(shop.destination.contacts(datetime.now(UTC) - timedelta(minutes=5)))

    assert sum(contact.changed_at is not None for contact in found) == 11


@pytest.mark.req("CON-1")
@pytest.mark.parametrize("first_left", [True, False])
def test_of_two_contacts_of_an_address_the_one_that_left_stands_last_however_far_apart(
    shop: Shop, *, first_left: bool
) -> None:
    answers = ("2", "1") if first_left else ("1", "2")
    twins = [{KEY: f"x-{number}", EMAIL: "twin@mail.test", OPT_IN: said} for number, said in enumerate(answers)]
    others = [{KEY: f"y-{number}", EMAIL: f"y{number}@mail.test"} for number in range(1000)]
    api = Caller(shop.url)
    api.log_in()
    for contacts in (twins[:1], others, twins[1:]):
        api.put(*contacts)
    api.close()

    found = [contact.status for contact in shop.destination.contacts() if contact.email == "twin@mail.test"]

    assert found[-1] == "unsubscribed"


@pytest.mark.req("ID-5")
def test_a_contact_that_could_not_be_taken_away_is_not_followed_by_a_second_of_its_key(shop: Shop) -> None:
    shop.send(shop.contact(person()))
    shop.control.apply([ContactImported(at=NOW, email="new@mail.test", status="transactional")])
    body = {"replyCode": 1008, "replyText": "Not now", "data": ""}
    shop.control.fault("status", status=400, body=body, endpoint="POST /contact/delete")

    (outcome,) = shop.send(shop.contact(person(email="new@mail.test")))

    assert outcome.verdict == "rejected"
    keys = [one["fields"].get("retail_sync_id") for one in shop.state()["contacts"]]
    assert keys == ["centra_main-1", None]
