"""What tests begin with: it is there again as it was, at every marketing platform, and the pair goes on from it."""

from __future__ import annotations

import pytest

from .beginnings import Beginnings
from .shop import Shop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


def sell(shop: Shop) -> str:
    shop.stand_still()
    buyer = customer(shop.clock(), 1, "buyer@mail.test", newsletter=True)
    shop.tell(product(shop.clock()), buyer, order(shop.clock(), 501, buyer))
    shop.sync()
    return buyer.email


def went_on(shop: Shop) -> tuple[object, ...]:
    """A run later: both sides' books, and how many rows were queued."""
    shop.sync()
    return shop.books(), shop.account(), shop.query("select count(*) from delivery.outbox")


@pytest.mark.req("DAG-2")
def test_what_was_brought_about_once_is_there_again(anywhere: Shop, beginnings: Beginnings) -> None:
    beginnings.begin(anywhere, sell)
    kept = anywhere.books(), anywhere.account()
    after = went_on(anywhere)
    anywhere.tell(customer(anywhere.clock(), 2, "later@mail.test"))
    assert went_on(anywhere) != after

    assert beginnings.begin(anywhere, sell) == "buyer@mail.test"
    assert (anywhere.books(), anywhere.account()) == kept
    assert went_on(anywhere) == after
