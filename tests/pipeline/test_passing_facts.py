"""Facts that pass with time: no campaign sells what was just bought or sent back, and the mark goes by itself."""

from __future__ import annotations

import pytest

from retail_sync.sandbox.world.events import CustomerKnown, OrderCancelled

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import came_back, customer, order, paid_back, product, sku

pytestmark = pytest.mark.usefixtures("sql_alone")

WHO = "buyer@mail.test"


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, WHO)
    shop.tell(product(shop.clock()), product(shop.clock(), 8), buyer)
    shop.sync()
    return buyer


def marks(shop: MailchimpShop) -> set[str]:
    """The tags that pass with time."""
    beginnings = ("Just bought: ", "Recently returned: ", "Awaiting refund")
    return {tag for tag in shop.member(WHO)["tags"] if tag.startswith(beginnings)}


@pytest.mark.req("SUP-1")
def test_what_was_just_bought_is_so_for_a_time_and_no_longer(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.tell(order(shop.clock(), 501, buyer, [(7, 1)]))
    shop.sync()
    shop.pass_time(days=10)
    shop.tell(order(shop.clock(), 502, buyer, [(8, 1)]))
    shop.sync()
    assert marks(shop) == {f"Just bought: {sku(7)}", f"Just bought: {sku(8)}"}
    shop.pass_time(days=5)
    shop.sync()
    assert marks(shop) == {f"Just bought: {sku(8)}"}
    shop.pass_time(days=10)
    shop.sync()
    assert marks(shop) == set()
    shop.sync()
    assert shop.query("select count(*) from road.due where reason = 'passing fact'") == [(0,)]


@pytest.mark.req("SUP-1")
def test_what_came_back_is_marked_and_so_is_money_that_is_owed(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1)])
    shop.tell(placed)
    shop.sync()
    shop.pass_time(days=15)
    made = came_back(shop.clock(), placed, 1)
    shop.tell(made)
    shop.sync()
    assert marks(shop) == {f"Recently returned: {sku(7)}", "Awaiting refund"}
    shop.pass_time(days=1)
    shop.tell(paid_back(shop.clock(), placed, "100.00", made=made))
    shop.sync()
    assert marks(shop) == {f"Recently returned: {sku(7)}"}
    shop.pass_time(days=30)
    shop.sync()
    assert marks(shop) == set()


@pytest.mark.req("SUP-1")
def test_money_that_is_never_seen_to_go_back_is_not_awaited_for_ever(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, came_back(shop.clock(), placed, 1))
    shop.sync()
    assert "Awaiting refund" in marks(shop)
    shop.pass_time(days=61)
    shop.sync()
    assert marks(shop) == set()


@pytest.mark.req("SUP-1")
def test_what_was_called_off_was_not_bought(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.tell(order(shop.clock(), 501, buyer))
    shop.sync()
    shop.tell(OrderCancelled(at=shop.clock(), number=501))
    shop.sync()
    assert marks(shop) == set()


@pytest.mark.req("SUP-1")
def test_a_pair_that_tells_none_of_it_sets_no_timers(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.change_pair(mapping={"tags": ["buyer_state", "awaiting_return"]})
    shop.tell(order(shop.clock(), 501, buyer))
    shop.sync()
    assert shop.query("select count(*) from road.due") == [(0,)]
    shop.wrong = [
        "tag 'Collection: Core' of buyer@mail.test is missing",
        "tag 'Just bought: P7-S' of buyer@mail.test is missing",
    ]
