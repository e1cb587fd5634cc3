"""What an order needs was taken away by hand: it is put back at once where that may be, and the order follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from retail_sync.exceptions.entries import Entry, entries

from .beginnings import Beginnings
from .breaks import delete, member
from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def small(shop: MailchimpShop, beginnings: Beginnings) -> MailchimpShop:
    """A small shop that has been synced, history and all, with one order of each product."""
    beginnings.begin(shop, with_two_orders)
    return shop


def with_two_orders(shop: MailchimpShop) -> None:
    at = shop.clock()
    anna, bea = customer(at, 1, "anna@mail.test", newsletter=True), customer(at, 2, "bea@mail.test")
    shop.tell(product(at), product(at, 8), anna, bea)
    shop.sync()
    shop.tell(order(at, 501, anna), order(at, 502, bea, [(8, 1)]))
    shop.sync()


def buy(shop: MailchimpShop, number: int, what: int = 8, buyer: int = 2, email: str = "bea@mail.test") -> None:
    """Somebody buys, a moment ago."""
    at = shop.clock()
    shop.tell(order(at, number, customer(at, buyer, email), [(what, 1)]))


def open_entries(shop: MailchimpShop) -> list[Entry]:
    with shop.road.database.connection() as connection:
        return entries(connection)


def delete_customer(shop: MailchimpShop) -> None:
    shop.say("DELETE", f"{{store}}/customers/{shop.order(502)['customer']['id']}")


@pytest.mark.req("CAT-2", "REC-1")
@pytest.mark.parametrize(
    ("take_away", "kind"),
    [
        (delete("{store}/products/8"), "product"),
        (delete("{store}/products/8/variants/80"), "product"),
        (delete_customer, "customer"),
    ],
    ids=["product", "variant", "customer"],
)
def test_what_an_order_lacks_is_put_back_in_the_same_run(
    take_away: Callable[[MailchimpShop], object], kind: str, small: MailchimpShop
) -> None:
    take_away(small)
    buy(small, 503)
    small.sync()
    assert small.order(503)["order_total"] == "149.00"
    assert open_entries(small) == []
    assert small.query("select kind, healing is not null from reconcile.finding") == [(kind, True)]
    small.run()
    assert small.writes == 0


@pytest.mark.req("CAT-2")
def test_one_product_is_put_back_once_for_all_that_lack_it(small: MailchimpShop) -> None:
    delete("{store}/products/8")(small)
    for number in (503, 504, 505):
        buy(small, number)
    small.sync()
    created = "select count(*) from delivery.audit where kind = 'product' and operation = 'create' and vendor_key = '8'"
    assert small.query(created) == [(2,)]
    assert {503, 504, 505} <= {int(number) for number in small.store()["orders"]}


@pytest.mark.req("ORD-6", "CAT-2")
def test_a_mail_that_waited_for_a_product_goes_out_once(small: MailchimpShop) -> None:
    delete("{store}/products/8")(small)
    buy(small, 503)
    small.run(run_id="cleared")
    small.go_on("cleared")
    small.sync()
    assert Counter(small.mails(503)) == {"order_confirmation": 1, "order_invoice": 1}


@pytest.mark.req("REC-1", "OPS-1")
def test_where_nothing_may_be_put_right_the_order_is_named_and_goes_once_somebody_has_done_it(
    small: MailchimpShop,
) -> None:
    small.change_pair(reconcile={"heal": False})
    delete("{store}/products/8")(small)
    buy(small, 503)
    small.sync()
    assert "503" not in small.store()["orders"]
    (named,) = [entry for entry in open_entries(small) if entry.subject == "outbox.held"]
    assert (named.record, named.owner) == ("order 503", "ecommerce")
    small.sync()
    assert small.query("select attempt from delivery.outbox where state = 'held'") == [(1,)]

    variants = [{"id": "80", "title": "S"}, {"id": "81", "title": "M"}]
    small.say("POST", "{store}/products", {"id": "8", "title": "Coat 8", "variants": variants})
    small.sync()
    assert "503" in small.store()["orders"]
    assert not [entry for entry in open_entries(small) if entry.subject == "outbox.held"]
    # It was entered by hand, and nobody may put it right.
    for number in (502, 503):
        small.wrong += [
            f"order {number}: a line without a product costs 100.00",
            f"order {number}: lines are none, not 1 x P8-S at 100.00",
        ]
    small.wrong += ["variant missing: P8-S", "variant missing: P8-M"]


@pytest.mark.req("SEC-2", "CON-1")
def test_whoever_was_deleted_for_good_is_not_put_back_for_an_order(small: MailchimpShop) -> None:
    delete_customer(small)
    small.say("POST", f"{member(small, 'bea')}/actions/delete-permanent")
    buy(small, 503)
    small.sync()
    small.sync()
    assert "bea@mail.test" not in small.emails()
    assert "503" not in small.store()["orders"]
    assert [(entry.subject, entry.owner) for entry in open_entries(small)] == [("outbox.held", "marketing")]
    small.run()
    assert small.writes == 0
