"""The saga of an address that changes: killed anywhere and cleared, it ends as if nothing had been."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import ContactLeft

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .shop import NOON
from .tales import corrected, customer, order, product
from .test_kill import Point, brought_to, die, essence, finish, small_batches

pytestmark = pytest.mark.usefixtures("sql_alone")

#: A step of the way at which the saga is cut: of so many claims, answers and acknowledgements the first ones.
POINTS = [
    Point("plan.before_commit", "plan"),
    Point("plan.committed", "plan"),
    *(Point(f"load.{name}:{times}", "load") for name in ("claimed", "sent", "acknowledged") for times in (1, 2, 4, 6)),
]


#: How the second of several writes is refused.
NO: dict[str, Any] = {
    "skip": 1,
    "status": 400,
    "body": {"title": "Bad Request", "status": 400, "detail": "No."},
    "headers": {"content-type": "application/problem+json"},
}


def begin(shop: MailchimpShop) -> None:
    """One changes to a new address, one to that of a contact made by hand, one to that of another customer."""
    known = [
        customer(NOON, n, f"{name}@mail.test", newsletter=True) for n, name in enumerate(("anna", "bea", "cleo"), 1)
    ]
    dora = customer(NOON, 4, "dora@post.test", registered=False)
    shop.tell(product(NOON), *known, dora)
    shop.tell(*(order(NOON, 500 + one.customer_id, one) for one in (*known, dora)))
    shop.sync()
    shop.say("POST", "{list}/members", {"email_address": "bea@post.test", "status": "transactional"})
    shop.pass_time(days=1)
    at = NOON + timedelta(days=1)
    to = {"anna@mail.test": "anna@post.test", "bea@mail.test": "bea@post.test", "cleo@mail.test": "dora@post.test"}
    shop.tell(*(corrected(one, at, email=to[one.email]) for one in known))
    shop.tell(ContactLeft(at=at, email="cleo@mail.test"))
    shop.others |= {"bea@mail.test", "cleo@mail.test"}
    shop.pass_time(minutes=5)


def books(shop: MailchimpShop) -> Any:
    """The marketing platform's books, without its list of writes that sent nothing: a repeated one is there twice."""
    return essence({name: part for name, part in shop.destination.state().items() if name != "mails_not_sent"})


@pytest.fixture(scope="module")
def undisturbed(centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str) -> Any:
    """What the story comes to when nobody is killed: the marketing platform's books."""
    centra.reset()
    mailchimp.reset()
    shop = MailchimpShop(centra, mailchimp, server.create_database("undisturbed_saga", template))
    small_batches(shop)
    begin(shop)
    finish(shop)
    assert shop.differences() == []
    shop.close()
    server.drop_database("undisturbed_saga")
    return books(shop)


@pytest.mark.req("ID-5", "DAG-2")
@pytest.mark.parametrize("point", POINTS, ids=[point.name for point in POINTS])
def test_a_saga_that_was_cut_ends_like_one_that_was_not(
    point: Point, undisturbed: Any, shop: MailchimpShop, beginnings: Beginnings, tmp_path: Path
) -> None:
    small_batches(shop)
    run_id = brought_to(shop, beginnings, point, begin)
    assert die(shop, tmp_path, run_id, point) == -signal.SIGKILL
    finish(shop)
    assert books(shop) == undisturbed


@pytest.mark.req("ID-5", "OPS-1")
def test_a_step_that_can_not_be_done_holds_those_behind_it_and_is_named(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, "anna@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), known, order(shop.clock(), 501, known))
    shop.sync()
    made = shop.say("POST", "{list}/members", {"email_address": "anna@post.test", "status": "transactional"})
    shop.say("DELETE", f"{{list}}/members/{made['id']}")
    shop.tell(corrected(known, shop.clock(), email="anna@post.test"))
    shop.sync()
    assert [one["email_address"] for one in shop.store()["customers"].values()] == ["anna@mail.test"]
    assert [(one.subject, one.owner) for one in raised(shop)] == [("consent.put_off", "marketing")]

    shop.say("PUT", f"{{list}}/members/{made['id']}", {"email_address": "anna@post.test", "status": "transactional"})
    shop.pass_time(days=1)
    shop.sync()
    assert [one["email_address"] for one in shop.store()["customers"].values()] == ["anna@post.test"]
    assert shop.member("anna@mail.test")["status"] == "archived"
    assert raised(shop) == []
    shop.others.add("anna@mail.test")


@pytest.mark.req("ID-5", "OPS-1")
def test_a_former_customer_stays_as_long_as_an_order_stands_with_it(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, "anna@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), known, order(shop.clock(), 501, known), order(shop.clock(), 502, known))
    shop.sync()
    shop.tell(corrected(known, shop.clock(), email="anna@post.test"))
    shop.destination.fault("status", endpoint="PATCH /ecommerce/stores/{store_id}/orders/{order_id}", **NO)
    shop.sync()
    held = {one["email_address"]: one["orders_count"] for one in shop.store()["customers"].values()}
    assert held == {"anna@mail.test": 1, "anna@post.test": 1}
    assert [one.subject for one in raised(shop)] == ["outbox.rejected"]
    shop.spoilt = True


def raised(shop: MailchimpShop) -> list[Entry]:
    """What waits for a person."""
    with shop.road.database.connection() as connection:
        return entries(connection)
