"""Carts that are left, and what people do in the shop: told to who may hear of it. Who has bought is not chased."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.records import Browse, Cart, CartLine
from retail_sync.sandbox.world.events import ContactLeft, CustomerKnown
from retail_sync.steps.bring import bring
from tests.oracle.terms import Json

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product, sku

pytestmark = pytest.mark.usefixtures("sql_alone")

WHO = "buyer@mail.test"
WAY_BACK = "https://shop.test/cart/c1"


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    """Somebody who takes the newsletter, and a shop that has long been live."""
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, WHO, newsletter=True)
    shop.tell(product(shop.clock()), product(shop.clock(), 8), buyer)
    shop.sync()
    return buyer


def line(number: int = 7, quantity: int = 1, **changes: Any) -> CartLine:
    """So many of a product, named by its SKU as a web shop's front end knows it."""
    fields: dict[str, Any] = {"key": f"l{number}", "sku": sku(number), "quantity": quantity}
    return CartLine(unit_price=Decimal("100.00"), **(fields | changes))


def leave(shop: MailchimpShop, *, at: datetime | None = None, **changes: Any) -> None:
    """Somebody leaves a cart, and the shop's front end tells of it."""
    fields: dict[str, Any] = {"key": "c1", "email": WHO, "lines": (line(),), "checkout_url": WAY_BACK}
    cart = Cart(updated_at=at or shop.clock(), currency="SEK", total=Decimal("100.00"), **(fields | changes))
    bring(shop.road, "carts", [msgspec.json.encode(cart)])


def an_hour_later(shop: MailchimpShop) -> None:
    shop.sync()
    shop.pass_time(hours=1)
    shop.sync()


def carts(shop: MailchimpShop) -> Json:
    found: Json = shop.store()["carts"]
    return found


class TestLeft:
    @pytest.mark.req("EVT-1")
    def test_a_cart_is_sent_once_it_has_been_left_for_a_while(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        leave(shop, lines=(line(quantity=2), line(8)))
        shop.sync()
        assert carts(shop) == {}
        shop.pass_time(hours=1)
        shop.sync()
        (cart,) = carts(shop).values()
        assert cart["checkout_url"] == WAY_BACK
        assert cart["customer"]["email_address"] == WHO
        assert [(one["product_id"], one["product_variant_id"], one["quantity"]) for one in cart["lines"]] == [
            ("7", "70", 2),
            ("8", "80", 1),
        ]
        shop.run(full_refresh=True)
        assert shop.writes == 0

    @pytest.mark.req("EVT-1")
    def test_a_cart_that_changes_is_left_anew_and_loses_what_was_taken_out(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        leave(shop, lines=(line(), line(8)))
        an_hour_later(shop)
        assert len(carts(shop)["c1"]["lines"]) == 2
        leave(shop, lines=(line(8, quantity=3),))
        an_hour_later(shop)
        ((one,),) = (cart["lines"] for cart in carts(shop).values())
        assert (one["product_id"], one["quantity"]) == ("8", 3)

    @pytest.mark.req("EVT-1", "CON-1")
    @pytest.mark.parametrize("email", ["other@mail.test", "stranger@mail.test"])
    def test_who_may_not_get_marketing_is_not_reminded(
        self, shop: MailchimpShop, buyer: CustomerKnown, email: str
    ) -> None:
        shop.tell(customer(shop.clock(), 2, "other@mail.test"))
        shop.sync()
        leave(shop, email=email)
        an_hour_later(shop)
        assert carts(shop) == {}

    @pytest.mark.req("EVT-1", "CON-1")
    def test_who_leaves_is_not_reminded_any_more(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        leave(shop)
        shop.sync()
        shop.tell(ContactLeft(at=shop.clock(), email=WHO))
        an_hour_later(shop)
        assert carts(shop) == {}

    @pytest.mark.req("EVT-1")
    def test_whoever_was_just_made_a_contact_is_reminded_too(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(customer(shop.clock(), 3, "new@mail.test", newsletter=True))
        leave(shop, email="New@Mail.test")
        an_hour_later(shop)
        shop.pass_time(hours=1)
        shop.sync()
        assert [cart["customer"]["email_address"] for cart in carts(shop).values()] == ["new@mail.test"]

    @pytest.mark.req("EVT-1")
    def test_without_a_way_back_or_a_known_product_there_is_nothing_to_be_reminded_of(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        leave(shop, checkout_url=None)
        leave(shop, key="c2", lines=(line(99),))
        leave(shop, key="c3", lines=(line(99), line(8)))
        an_hour_later(shop)
        assert {key: len(cart["lines"]) for key, cart in carts(shop).items()} == {"c3": 1}


class TestWithdrawn:
    @pytest.mark.req("EVT-1")
    def test_an_order_withdraws_the_cart_before_it_is_told_of(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        leave(shop)
        an_hour_later(shop)
        assert len(carts(shop)) == 1
        shop.tell(order(shop.clock(), 501, buyer))
        shop.sync()
        assert carts(shop) == {}
        sent = shop.query("select kind, operation from delivery.outbox where state = 'delivered' order by closed_at")
        assert sent.index(("cart", "delete")) < sent.index(("order", "create"))
        shop.run(full_refresh=True)
        assert shop.writes == 0

    @pytest.mark.req("EVT-1")
    def test_a_cart_that_comes_to_be_known_after_its_order_is_never_sent(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        left_at = shop.clock()
        shop.pass_time(minutes=10)
        shop.tell(order(shop.clock(), 501, buyer))
        shop.sync()
        leave(shop, at=left_at)
        an_hour_later(shop)
        assert carts(shop) == {}

    @pytest.mark.req("EVT-1")
    def test_a_cart_that_is_filled_after_an_order_is_another_one(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.tell(order(shop.clock(), 501, buyer))
        shop.sync()
        leave(shop)
        an_hour_later(shop)
        assert len(carts(shop)) == 1

    @pytest.mark.req("EVT-1")
    def test_a_cart_that_was_emptied_goes_and_may_be_filled_again(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        leave(shop)
        an_hour_later(shop)
        leave(shop, lines=())
        shop.sync()
        assert carts(shop) == {}
        leave(shop, lines=(line(8),))
        an_hour_later(shop)
        assert [one["product_id"] for one in carts(shop)["c1"]["lines"]] == ["8"]

    @pytest.mark.req("EVT-1")
    def test_after_a_week_nobody_is_reminded_any_more(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        leave(shop)
        an_hour_later(shop)
        shop.pass_time(days=7)
        shop.sync()
        assert carts(shop) == {}
        shop.pass_time(days=3)
        leave(shop, key="c2", at=shop.clock() - timedelta(days=8))
        an_hour_later(shop)
        assert carts(shop) == {}

    @pytest.mark.req("EVT-1", "SHP-2")
    def test_a_cart_is_one_however_often_it_is_told(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        left_at = shop.clock()
        for _ in range(3):
            leave(shop, at=left_at)
        an_hour_later(shop)
        leave(shop, at=left_at)
        shop.sync()
        assert len(carts(shop)) == 1
        assert shop.query("select count(*) from stage.version where stream = 'carts'") == [(1,)]


class TestBrowsing:
    def told(self, shop: MailchimpShop, who: str = WHO) -> list[tuple[str, Json]]:
        return [(event["name"], event["properties"]) for event in shop.member(who)["events"]]

    def browse(self, shop: MailchimpShop, key: str, **fields: Any) -> None:
        did: dict[str, Any] = {"name": "added_to_basket", "email": WHO, "updated_at": shop.clock()}
        bring(shop.road, "browses", [msgspec.json.encode(Browse(key=key, **(did | fields)))])

    @pytest.mark.req("EVT-1")
    def test_what_people_do_in_the_shop_is_told_once(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        self.browse(shop, "b1", sku=sku(7), product="Coat 7")
        self.browse(shop, "b2", name="viewed_collection", collection="Core", sku=sku(8))
        shop.sync()
        self.browse(shop, "b1", sku=sku(7), product="Coat 7", updated_at=shop.clock())
        shop.sync()
        shop.run(full_refresh=True)
        assert shop.writes == 0
        first, second = sorted(self.told(shop))
        assert (first[0], first[1]["sku"], first[1]["product"]) == ("added_to_basket", sku(7), "Coat 7")
        assert (second[0], second[1]["collection"], second[1]["sku"]) == ("viewed_collection", "Core", sku(8))

    @pytest.mark.req("EVT-1", "CON-1", "ORD-8")
    def test_not_to_who_may_not_hear_of_it_and_not_too_late(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(customer(shop.clock(), 2, "other@mail.test"))
        shop.sync()
        self.browse(shop, "b1", email="other@mail.test")
        self.browse(shop, "b2")
        shop.pass_time(hours=5)
        shop.sync()
        assert self.told(shop, "other@mail.test") == self.told(shop) == []
        assert shop.query("select result from delivery.audit where object_id like 'browse:%'") == [("expired",)]


class TestBringing:
    @pytest.mark.req("EVT-1", "QUA-1")
    def test_a_cart_without_an_address_is_set_aside(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        leave(shop, email="nobody")
        an_hour_later(shop)
        assert carts(shop) == {}
        assert shop.query("select rule from quality.quarantine") == [("cart_email",)]

    @pytest.mark.req("EVT-1")
    def test_a_line_that_is_no_cart_is_named_and_says_nothing_of_its_content(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        with pytest.raises(ConfigurationError) as raised:
            bring(shop.road, "carts", [b"", b'{"key": "c1", "email": "secret@mail.test"}'])
        assert raised.value.record == "line 2"
        assert "secret" not in str(raised.value)
        with pytest.raises(ConfigurationError, match="orders are not brought"):
            bring(shop.road, "orders", [])
