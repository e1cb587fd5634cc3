"""Several pairs of one shop: what one has read, the others need not ask for again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.sandbox.client import SandboxControl
from tests.oracle.terms import Json

from .mailchimp_shop import MailchimpShop
from .shop import Shop
from .tales import came_back, customer, order, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def three(
    centra: SandboxControl, mailchimp: SandboxControl, emarsys: SandboxControl, ometria: SandboxControl, dsn: str
) -> Iterator[list[Shop]]:
    """One shop and one database, with a pair to each marketing platform."""
    for control in (centra, mailchimp, emarsys, ometria):
        control.reset()
    shops = [MailchimpShop(centra, mailchimp, dsn), *(Shop(centra, platform, dsn) for platform in (emarsys, ometria))]
    yield shops
    for shop in shops:
        shop.close()


def asked(shop: Shop) -> Json:
    """How often the shop's system was asked for what."""
    found: Json = shop.source.log()["by_endpoint"]
    return found


@pytest.mark.req("DAG-6", "DAG-2", "ORD-1")
def test_three_pairs_of_one_shop_ask_for_each_page_once(three: list[Shop]) -> None:
    first, now = three[0], three[0].clock()
    buyers = [customer(now, number, f"buyer{number}@mail.test", newsletter=True) for number in range(1, 6)]
    placed = [order(now, 500 + buyer.customer_id, buyer, [(7, 2)]) for buyer in buyers]
    first.tell(product(now), *buyers, *placed, *(sent(now, one) for one in placed[:3]))
    all_run_once(three, "first")

    first.tell(came_back(first.clock(), placed[0], 1), order(first.clock(), 511, buyers[0]))
    all_run_once(three, "second")
    for shop in three:
        assert len(shop.account().sales) == 6
        assert shop.differences() == []


def all_run_once(three: list[Shop], run_id: str) -> None:
    """The live runs of the three, one after the other: all requests are those of the first."""
    for shop in three:
        shop.pass_time(minutes=10)
    three[0].source.reset_log()
    three[0].go_on(f"{run_id} 0")
    once = asked(three[0])
    assert once
    for place, shop in enumerate(three[1:], 1):
        report = shop.go_on(f"{run_id} {place}")
        assert report["state"] == "closed"
        assert asked(shop) == once
