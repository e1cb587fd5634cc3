"""What a marketing platform refuses after it has said yes: within a 200, in a batch, or later when nobody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from .shop import Shop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")

#: Mailchimp takes its domain for an invented one; the others are told to refuse it.
REFUSED = "refused@example.com"


class Reject(NamedTuple):
    """How a platform refuses one thing of many, which kind it is of, and what it says."""

    provoke: Callable[[Shop], object]
    kind: str
    words: str


def in_a_batch(shop: Shop) -> None:
    """All contacts go in one batch, whose answer says of each operation how it went."""
    settings = {**shop.road.pair.destination.settings, "direct_up_to": 1}
    shop.change_pair(destination={"settings": settings})


def within_a_200(shop: Shop) -> None:
    """The call succeeds, and its errors name one contact of many."""
    told = {"code": 2007, "text": "Invalid value in field 1"}
    shop.destination.fault("contact_refused", endpoint=REFUSED, times=None, options=told)


def later(shop: Shop) -> None:
    """All orders are accepted, and of one the list of errors tells when it is validated."""
    told = {"message": "Value is not a valid total", "path": "grand_total"}
    shop.destination.fault("late_error", endpoint="503", times=None, options=told)


REJECTS = {
    "mailchimp": Reject(in_a_batch, "member", "looks fake or invalid"),
    "emarsys": Reject(within_a_200, "contact", "Invalid value in field 1"),
    "ometria": Reject(later, "order", "not a valid total"),
}


@pytest.mark.req("QUA-3", "REC-1", "OPS-1", "DAG-6")
def test_what_is_refused_after_a_yes_is_found_held_and_not_called_delivered(anywhere: Shop) -> None:
    shop, reject = anywhere, REJECTS[anywhere.platform]
    shop.spoilt = shop.platform == "ometria"
    shop.tell(product(shop.clock()))
    shop.sync()
    reject.provoke(shop)
    now = shop.clock()
    emails = ["anna@mail.test", "bea@mail.test", REFUSED]
    buyers = [customer(now, number, email) for number, email in enumerate(emails, 1)]
    shop.tell(*buyers, *(order(now, 500 + buyer.customer_id, buyer) for buyer in buyers))
    report = shop.sync()

    ended = report["outbox"][reject.kind]
    assert (ended["delivered"], ended["rejected"]) == (2, 1)
    assert set(shop.account().sales) == {"501", "502"}, "what needs the refused contact waits for it"
    ((words,),) = shop.query("select words from delivery.outbox where state = 'rejected'")
    assert reject.words in words
    ((cause, owner),) = shop.query(
        "select cause, owner from exceptions.entry where subject = 'outbox.rejected' and closed_at is null"
    )
    assert reject.words in cause
    assert owner

    # As long as nobody changes anything it does not go again, and nothing else is held up by it.
    shop.tell(order(shop.clock(), 504, buyers[0]))
    shop.sync()
    assert "504" in shop.account().sales
    assert shop.query("select count(*) from delivery.outbox where state = 'rejected'") == [(1,)]
