"""Nobody who leaves is ever brought back, whenever they leave; and the shop learns of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.sandbox.world.events import ContactLeft, NewsletterChanged

from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


class Interrupted:
    """A destination at which something happens after the contacts were looked up and before they are written."""

    def __init__(self, destination: Any, happening: Callable[[], None]) -> None:
        self._destination, self._happening = destination, happening

    def __getattr__(self, name: str) -> Any:
        return getattr(self._destination, name)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        if rows[0].kind == "member":
            self._happening()
        yield from self._destination.deliver(rows)


def interrupt(shop: MailchimpShop, happening: Callable[[], None]) -> None:
    shop.road.destination = Interrupted(shop.road.destination, happening)


def newsletter(shop: MailchimpShop) -> dict[int, bool]:
    return {one["id"]: one["newsletter"] for one in shop.books()["customers"]}


@pytest.mark.req("CON-2")
def test_only_a_record_that_says_yes_makes_a_subscriber(shop: MailchimpShop) -> None:
    yes, no = customer(shop.clock(), 1, "yes@mail.test", newsletter=True), customer(shop.clock(), 2, "no@mail.test")
    shop.tell(product(shop.clock()), yes, no, order(shop.clock(), 501, yes), order(shop.clock(), 502, no))
    shop.sync()
    assert [shop.member(f"{name}@mail.test")["status"] for name in ("yes", "no")] == ["subscribed", "transactional"]


@pytest.mark.req("CON-3")
def test_a_yes_that_comes_later_does_not_reach_an_existing_contact(shop: MailchimpShop) -> None:
    shop.tell(customer(shop.clock(), 1, "late@mail.test"))
    shop.sync()
    shop.tell(NewsletterChanged(at=shop.clock(), customer_id=1, subscribed=True))
    shop.sync()
    assert shop.member("late@mail.test")["status"] == "transactional"


@pytest.mark.req("CON-1")
def test_who_leaves_while_their_contact_is_being_updated_has_left(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, "anna@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), known)
    shop.sync()
    shop.tell(order(shop.clock(), 501, known))
    interrupt(shop, lambda: shop.tell(ContactLeft(at=shop.clock(), email="anna@mail.test")))
    shop.sync()
    member = shop.member("anna@mail.test")
    assert (member["status"], member["merge_fields"]["ORDERS"]) == ("unsubscribed", "1")
    assert newsletter(shop) == {1: False}


@pytest.mark.req("CON-1")
def test_who_signs_up_and_leaves_while_their_contact_is_being_created_has_left(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, "anna@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), known, order(shop.clock(), 501, known))

    def sign_up_and_leave() -> None:
        if "anna@mail.test" not in shop.emails():
            shop.say("POST", "{list}/members", {"email_address": "anna@mail.test", "status": "subscribed"})
            shop.tell(ContactLeft(at=shop.clock(), email="anna@mail.test"))

    interrupt(shop, sign_up_and_leave)
    shop.sync()
    member = shop.member("anna@mail.test")
    assert (member["status"], member["merge_fields"]["ORDERS"]) == ("unsubscribed", "1")


@pytest.mark.req("CON-3", "CON-4")
def test_who_leaves_is_unticked_on_every_record_of_the_address(shop: MailchimpShop) -> None:
    shop.tell(
        customer(shop.clock(), 1, "anna@mail.test", newsletter=True),
        customer(shop.clock(), 2, "ANNA@mail.test", registered=False, newsletter=True),
        customer(shop.clock(), 3, "other@mail.test", newsletter=True),
    )
    shop.sync()
    shop.pass_time(minutes=5)
    shop.tell(ContactLeft(at=shop.clock(), email="anna@mail.test"))
    shop.sync()
    assert newsletter(shop) == {1: False, 2: False, 3: True}
    shop.sync()
    assert shop.source.log()["writes"] == 0, "our own write that comes back causes none"


@pytest.mark.req("CON-1", "CON-7")
def test_who_left_before_the_shop_knew_them_is_not_brought_back(shop: MailchimpShop) -> None:
    shop.say("POST", "{list}/members", {"email_address": "gone@mail.test", "status": "subscribed"})
    shop.tell(ContactLeft(at=shop.clock(), email="gone@mail.test"))
    shop.pass_time(days=1)
    known = customer(shop.clock(), 1, "gone@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), known, order(shop.clock(), 501, known))
    shop.sync()
    found = shop.member("gone@mail.test")
    assert (found["status"], found["merge_fields"]["FNAME"]) == ("unsubscribed", "Åsa")
    assert "501" in shop.store()["orders"]
    assert shop.query("select count(*) from consent.proof") == [(0,)], "nobody was subscribed"
    shop.sync()
    assert shop.writes == 0


@pytest.mark.req("CON-1", "CON-7")
def test_who_was_archived_is_not_created_anew_as_a_subscriber(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, "anna@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), known)
    shop.sync()
    shop.say("DELETE", f"{{list}}/members/{shop.member('anna@mail.test')['id']}")
    shop.pass_time(hours=1)
    shop.sync()
    shop.tell(order(shop.clock(), 501, known))
    shop.sync()
    assert shop.member("anna@mail.test")["status"] == "archived"
