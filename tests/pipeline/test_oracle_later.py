"""Judgements that a pair need not stand by yet: each is silent until it is promised, and then finds what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import (
    ContactImported,
    ContactLeft,
    CustomerErased,
    ProductWithdrawn,
    ShopEvent,
)
from tests.oracle.terms import LATER

from .mailchimp_shop import MailchimpShop
from .shop import NOON
from .tales import customer, order, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")

SOON = NOON + timedelta(minutes=10)


def left_and_imported(shop: MailchimpShop) -> list[ShopEvent]:
    at = shop.clock()
    return [ContactLeft(at=at, email="cleo@mail.test"), ContactImported(at=at, email="cleo@mail.test")]


def unread_parcel(shop: MailchimpShop) -> list[ShopEvent]:
    placed = order(shop.clock(), 502, customer(NOON, 1, "anna@mail.test"))
    return [placed, sent(shop.clock(), placed)]


#: What happens, and what is then found wrong.
SPOILT: Mapping[str, tuple[Callable[[MailchimpShop], list[ShopEvent]], str]] = {
    "erased people are gone": (
        lambda _: [CustomerErased(at=SOON, customer_id=2)],
        "contact too many: bea@mail.test is nobody the shop knows",
    ),
    "imports are reverted": (left_and_imported, "consent: cleo@mail.test has left and is subscribed again"),
    "parcels are told once": (unread_parcel, "parcel 502-1 was not told to anna@mail.test"),
    "stubs carry their SKU": (
        lambda _: [ProductWithdrawn(at=SOON, product_id=8)],
        "order 501: a line without a product costs 100.00",
    ),
    "withdrawn goods are out of stock": (
        lambda _: [ProductWithdrawn(at=SOON, product_id=9)],
        "stock of P9-S is 5, though the shop no longer has it",
    ),
}


@pytest.fixture(scope="module")
def synced(
    centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str
) -> Iterator[MailchimpShop]:
    """A shop that all tests of this module share."""
    centra.reset()
    mailchimp.reset()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retail_sync.quality.docs.publish", lambda *_: None)
        shop = MailchimpShop(centra, mailchimp, server.create_database("oracle_later", template))
        anna, bea = customer(NOON, 1, "anna@mail.test"), customer(NOON, 2, "bea@mail.test")
        shop.tell(*(product(NOON, number) for number in (7, 8, 9)), anna, bea)
        shop.tell(customer(NOON, 3, "cleo@mail.test", newsletter=True))
        shop.sync()
        first, second = order(shop.clock(), 501, anna, [(7, 1), (8, 1)]), order(shop.clock(), 503, bea)
        shop.tell(first, sent(shop.clock(), first), second)
        shop.sync()
        yield shop
        shop.close()
    server.drop_database("oracle_later")


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("name", LATER)
def test_what_is_promised_is_judged(name: str, synced: MailchimpShop) -> None:
    happen, expected = SPOILT[name]
    synced.tell(*happen(synced))
    if name == "stubs carry their SKU":
        synced.say("DELETE", "{store}/products/8")
    plain = synced.differences()
    synced.terms = replace(synced.terms, promised=frozenset({name}))
    promised = synced.differences()
    synced.terms = replace(synced.terms, promised=frozenset())
    assert not any(expected in line for line in plain)
    assert any(expected in line for line in promised)


@pytest.mark.req("REC-1")
def test_a_judgement_that_does_not_exist_can_not_be_promised(synced: MailchimpShop) -> None:
    with pytest.raises(ValueError, match="no such promise"):
        replace(synced.terms, promised=frozenset({"no such promise"}))
