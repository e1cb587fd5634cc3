"""The Mailchimp sandbox: stores, customers and their contacts, products, orders, carts, and the mails of orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from .mailchimp_account import LIST, MEMBERS, STORE, Caller, account, order, product

ANN = "ann@mail.test"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account(campaigns=["c0ffee"]) as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    """An account with an empty store."""
    _running.control.reset()
    _running.store()
    yield _running
    assert _running.control.log()["crashed"] == []


@pytest.fixture
def shop(api: Caller) -> Caller:
    """A store with one customer and one product."""
    customer(api)
    api.done("POST", f"{STORE}/products", product())
    return api


def customer(api: Caller, key: str = "c1", email: str = ANN, *, opt_in: bool = False, **more: Any) -> Any:
    """Put a customer."""
    body = {"id": key, "email_address": email, "opt_in_status": opt_in, **more}
    return api.done("PUT", f"{STORE}/customers/{key}", body)


def status(api: Caller, email: str = ANN) -> str:
    """The status of a contact."""
    return str(api.done("GET", f"{MEMBERS}/{email}")["status"])


def mails(api: Caller) -> list[str]:
    """What kinds of mails went out."""
    return [mail["kind"] for mail in api.control.state()["mails"]]


class TestStores:
    def test_ids_and_domains_are_unique(self, api: Caller) -> None:
        assert api.done("PATCH", STORE, {"domain": "shop.test"})["domain"] == "shop.test"
        body = {"id": "shop", "list_id": LIST, "name": "S", "currency_code": "SEK"}
        assert "already exists in the account" in api.refused("POST", "/ecommerce/stores", body)["detail"]
        problem = api.refused("POST", "/ecommerce/stores", {**body, "id": "two", "domain": "shop.test"})
        assert "A store with the domain shop.test already exists" in problem["detail"]
        assert api.call("POST", "/ecommerce/stores", {**body, "id": "two", "list_id": "none"}).status == 400
        assert api.call("PATCH", STORE, {"list_id": LIST}).status == 400

    def test_a_store_goes_with_all_that_is_in_it(self, shop: Caller) -> None:
        shop.done("POST", f"{STORE}/orders", order("1"))
        shop.done("DELETE", STORE)
        assert shop.call("GET", f"{STORE}/orders").status == 404
        assert shop.control.state()["counts"]["orders"] == 0
        assert status(shop) == "transactional"


class TestContacts:
    @pytest.mark.req("CON-2")
    def test_a_new_customer_becomes_a_contact(self, api: Caller) -> None:
        customer(api, first_name="Ann")
        customer(api, "c2", "bo@mail.test", opt_in=True)
        assert (status(api), status(api, "bo@mail.test")) == ("transactional", "subscribed")
        assert api.done("GET", f"{MEMBERS}/{ANN}")["merge_fields"]["FNAME"] == "Ann"

    @pytest.mark.req("CON-1")
    @pytest.mark.parametrize("before", ["subscribed", "unsubscribed", "cleaned", "pending", "archived"])
    @pytest.mark.parametrize("opt_in", [True, False])
    def test_a_customer_changes_no_status_but_transactional(self, api: Caller, before: str, opt_in: bool) -> None:
        api.member(ANN, "subscribed" if before == "archived" else before)
        if before == "archived":
            api.done("DELETE", f"{MEMBERS}/{ANN}")
        customer(api, opt_in=False)
        customer(api, opt_in=opt_in)
        assert status(api) == before

    def test_opting_in_raises_transactional_to_subscribed_and_never_back(self, api: Caller) -> None:
        customer(api)
        assert status(api) == "transactional"
        customer(api, opt_in=True)
        customer(api, opt_in=False)
        assert status(api) == "subscribed"

    @pytest.mark.req("SEC-2")
    def test_a_forgotten_contact_is_not_made_again(self, api: Caller) -> None:
        api.member(ANN)
        api.done("POST", f"{MEMBERS}/{ANN}/actions/delete-permanent")
        customer(api, opt_in=True)
        assert api.call("GET", f"{MEMBERS}/{ANN}").status == 404


class TestCustomers:
    @pytest.mark.req("ID-1")
    def test_an_address_belongs_to_one_customer_for_ever(self, api: Caller) -> None:
        customer(api)
        body = {"id": "c1", "email_address": "new@mail.test", "opt_in_status": False}
        problem = api.refused("PUT", f"{STORE}/customers/c1", body)
        assert problem["detail"] == "An email address may not be changed once a customer is created"
        problem = api.refused("POST", f"{STORE}/customers", {**body, "id": "c2", "email_address": ANN.upper()})
        assert problem["detail"] == "This customer email already exists"
        assert api.refused("POST", f"{STORE}/customers", body)["detail"].endswith("already exists in the account.")
        assert api.call("PATCH", f"{STORE}/customers/c1", {"email_address": ANN}).status == 400
        assert api.done("GET", f"{STORE}/customers", email_address=ANN)["total_items"] == 1

    def test_ids_are_short_and_bodies_whole(self, api: Caller) -> None:
        body = {"id": "x" * 51, "email_address": ANN, "opt_in_status": False}
        assert api.refused("POST", f"{STORE}/customers", body)["errors"][0]["field"] == "id"
        assert api.refused("POST", f"{STORE}/customers", {"id": "c1"})["errors"][0]["message"].endswith(
            "email_address, opt_in_status"
        )
        fake = {"id": "c1", "email_address": "customer@example.com", "opt_in_status": False}
        assert "looks fake" in api.refused("POST", f"{STORE}/customers", fake)["detail"]

    @pytest.mark.req("ORD-3")
    def test_figures_follow_the_orders(self, shop: Caller) -> None:
        def figures() -> tuple[Any, ...]:
            held = shop.done("GET", f"{STORE}/customers/c1")
            data = shop.done("GET", f"{MEMBERS}/{ANN}")["stats"]["ecommerce_data"]
            assert (data["number_of_orders"], data["total_revenue"]) == (held["orders_count"], held["total_spent"])
            return held["orders_count"], held["total_spent"]

        for number in range(10):
            shop.done("POST", f"{STORE}/orders", order(str(number), order_total="0.10"))
        assert figures() == (10, 1)
        shop.done("PATCH", f"{STORE}/orders/0", {"order_total": 0.04})
        assert figures() == (10, 0.94)
        shop.done("PATCH", f"{STORE}/orders/1", {"cancelled_at_foreign": "2026-01-01T00:00:00Z"})
        assert figures() == (9, 0.84)
        shop.done("DELETE", f"{STORE}/orders/2")
        assert figures() == (8, 0.74)
        customer(shop, orders_count=99, total_spent=99)
        assert figures() == (8, 0.74)

    @pytest.mark.req("ID-5")
    def test_an_order_moves_to_another_customer(self, shop: Caller) -> None:
        customer(shop, "c2", "bo@mail.test")
        shop.done("POST", f"{STORE}/orders", order("1"))
        shop.done("PATCH", f"{STORE}/orders/1", {"customer": {"id": "c2"}})
        counts = [shop.done("GET", f"{STORE}/customers/{key}")["orders_count"] for key in ("c1", "c2")]
        assert counts == [0, 1]
        assert shop.done("GET", f"{MEMBERS}/{ANN}")["stats"]["ecommerce_data"]["number_of_orders"] == 0
        assert shop.done("GET", f"{STORE}/orders", customer_id="c2")["total_items"] == 1


class TestProducts:
    def test_variants_are_put_by_id_and_stay_when_not_named(self, api: Caller) -> None:
        made = api.done("POST", f"{STORE}/products", product("p1", "s", "m"))
        assert made["currency_code"] == "SEK"
        assert "already exists" in api.refused("POST", f"{STORE}/products", product())["detail"]
        api.done("PATCH", f"{STORE}/products/p1", {"variants": [{"id": "m", "title": "M", "price": "9.90"}]})
        changed = api.done("PUT", f"{STORE}/products/p1", product("p1", "l"))
        assert [(one["id"], one["price"]) for one in changed["variants"]] == [("s", 0), ("m", "9.90"), ("l", 0)]
        api.done("DELETE", f"{STORE}/products/p1/variants/s")
        assert api.done("GET", f"{STORE}/products/p1/variants")["total_items"] == 2

    def test_a_variant_needs_its_product(self, api: Caller) -> None:
        body = {"id": "v1", "title": "V", "inventory_quantity": 3}
        problem = api.refused("PUT", f"{STORE}/products/p1/variants/v1", body)
        assert problem["title"] == "Parent Product Does Not Exist"
        api.done("POST", f"{STORE}/products", product())
        assert api.done("PUT", f"{STORE}/products/p1/variants/v1", body)["inventory_quantity"] == 3
        assert api.call("DELETE", f"{STORE}/products/p1/variants/v1").status == 400

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"variants": []}, "variants"),
            (
                {"variants": [{"id": "v", "title": "V", "inventory_quantity": "3"}]},
                "variants.item:0.inventory_quantity",
            ),
            ({"price": 3}, "price"),
            ({"title": None}, "title"),
        ],
    )
    def test_bodies_are_held_to_the_schema(self, api: Caller, change: Any, field: str) -> None:
        assert api.refused("POST", f"{STORE}/products", {**product(), **change})["errors"][0]["field"] == field

    def test_images_are_kept_by_id(self, api: Caller) -> None:
        api.done("POST", f"{STORE}/products", {**product(), "images": [{"id": "i1", "url": "https://shop.test/1"}]})
        api.done("POST", f"{STORE}/products/p1/images", {"id": "i2", "url": "https://shop.test/2"})
        api.done("DELETE", f"{STORE}/products/p1/images/i1")
        assert [one["id"] for one in api.done("GET", f"{STORE}/products/p1")["images"]] == ["i2"]


class TestOrders:
    @pytest.mark.req("CAT-2")
    @pytest.mark.parametrize(
        ("change", "detail"),
        [
            ({"product_id": "none"}, "A product with the provided ID does not exist in the account for this list."),
            (
                {"product_variant_id": "none"},
                "A product with the provided variant ID does not exist in the account for this list.",
            ),
        ],
    )
    def test_what_was_bought_must_be_known(self, shop: Caller, change: dict[str, str], detail: str) -> None:
        body = order("1")
        body["lines"][0].update(change)
        assert shop.refused("POST", f"{STORE}/orders", body)["detail"] == detail
        assert shop.done("GET", f"{STORE}/orders")["total_items"] == 0

    def test_a_line_can_bring_its_product(self, shop: Caller) -> None:
        body = order("1")
        body["lines"][0].update(product_id="p2", product_variant_id="v2", product=product("p2", "v2"))
        line = shop.done("POST", f"{STORE}/orders", body)["lines"][0]
        assert (line["product_title"], line["product_variant_title"]) == ("Coat", "v2")
        assert shop.done("GET", f"{STORE}/products/p2")["id"] == "p2"

    def test_a_foreign_campaign_spoils_the_order(self, shop: Caller) -> None:
        problem = shop.refused("POST", f"{STORE}/orders", order("1", campaign_id="beef"))
        assert problem["detail"] == "A campaign with the provided ID does not exist in the account for this list."
        assert shop.done("POST", f"{STORE}/orders", order("1", campaign_id="c0ffee"))["campaign_id"] == "c0ffee"

    def test_a_second_post_says_that_the_order_exists(self, shop: Caller) -> None:
        shop.done("POST", f"{STORE}/orders", order("1"))
        assert shop.refused("POST", f"{STORE}/orders", order("1"))["detail"].endswith(
            "An order with the provided ID already exists in the account."
        )
        assert shop.done("PUT", f"{STORE}/orders/1", order("1", order_total=5))["order_total"] == 5
        assert shop.done("PUT", f"{STORE}/orders/2", order("2"))["id"] == "2"

    def test_a_new_buyer_comes_with_the_order(self, shop: Caller) -> None:
        buyer = {"id": "c9", "email_address": "new@mail.test", "opt_in_status": False}
        made = shop.done("POST", f"{STORE}/orders", order("1", customer=buyer))
        assert (made["customer"]["orders_count"], status(shop, "new@mail.test")) == (1, "transactional")
        assert shop.call("POST", f"{STORE}/orders", order("2", customer={"id": "nobody"})).status == 400
        changed = {"id": "c9", "email_address": "other@mail.test"}
        assert "may not be changed" in shop.refused("POST", f"{STORE}/orders", order("2", customer=changed))["detail"]

    @pytest.mark.req("ORD-5")
    def test_lines_are_put_by_id_and_the_last_one_stays(self, shop: Caller) -> None:
        shop.done("POST", f"{STORE}/orders", order("1"))
        second = {**order("1")["lines"][0], "id": "2", "quantity": 1}
        shop.done("PATCH", f"{STORE}/orders/1", {"lines": [second]})
        changed = shop.done("PUT", f"{STORE}/orders/1", {"lines": [{"id": "1", "quantity": 5}]})
        assert [(line["id"], line["quantity"]) for line in changed["lines"]] == [("1", 5), ("2", 1)]
        lines = f"{STORE}/orders/1/lines"
        assert shop.done("PATCH", f"{lines}/2", {"price": "3.30"})["price"] == 3.3
        shop.done("DELETE", f"{lines}/1")
        assert shop.call("DELETE", f"{lines}/2").status == 400
        assert shop.done("GET", lines)["total_items"] == 1
        assert shop.call("PATCH", f"{STORE}/orders/1", {"lines": [{"id": "3", "quantity": 5}]}).status == 400

    def test_promos_are_replaced_as_a_whole(self, shop: Caller) -> None:
        def promo(code: str) -> dict[str, Any]:
            return {"code": code, "amount_discounted": 1, "type": "fixed"}

        shop.done("POST", f"{STORE}/orders", order("1", promos=[promo("A"), promo("B")]))
        changed = shop.done("PATCH", f"{STORE}/orders/1", {"promos": [promo("C")]})
        assert [one["code"] for one in changed["promos"]] == ["C"]

    @pytest.mark.req("SHP-1")
    def test_tracking_is_kept(self, shop: Caller) -> None:
        tracking = {"tracking_number": "1", "tracking_carrier": "DHL", "tracking_url": "https://dhl.test/1"}
        made = shop.done("POST", f"{STORE}/orders", order("1", fulfillment_status="shipped", **tracking))
        assert made.items() >= tracking.items()
        (mail,) = shop.control.state()["mails"]
        assert mail.items() >= {"kind": "shipping_confirmation", "order_id": "1", "email": ANN, **tracking}.items()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"id": ""}, "id"),
            ({"lines": []}, "lines"),
            ({"order_total": "20 kr"}, "order_total"),
            ({"tracking_code": "x"}, "tracking_code"),
            ({"processed_at_foreign": "yesterday"}, "processed_at_foreign"),
            ({"shipping_address": {"street": "x"}}, "shipping_address.street"),
            ({"refunded": True}, "refunded"),
        ],
    )
    def test_bodies_are_held_to_the_schema(self, shop: Caller, change: Any, field: str) -> None:
        assert shop.refused("POST", f"{STORE}/orders", {**order("1"), **change})["errors"][0]["field"] == field

    def test_amounts_are_what_was_sent(self, shop: Caller) -> None:
        made = shop.done("POST", f"{STORE}/orders", order("1", order_total="19.99", tax_total=4))
        assert (made["order_total"], made["tax_total"]) == (19.99, 4)
        assert shop.control.state()["stores"]["shop"]["orders"]["1"]["order_total"] == "19.99"


@pytest.mark.req("SHP-2")
def test_an_answer_that_never_came_may_have_been_written(shop: Caller) -> None:
    shop.control.fault("after_write_drop", endpoint="POST /ecommerce/*/orders")
    with pytest.raises(requests.ConnectionError):
        shop.call("POST", f"{STORE}/orders", order("1"))
    assert shop.done("GET", f"{STORE}/orders/1")["id"] == "1"


class TestMails:
    @pytest.mark.req("ORD-6")
    def test_each_change_of_status_sends_its_mail_once(self, shop: Caller) -> None:
        one = f"{STORE}/orders/1"
        shop.done("POST", f"{STORE}/orders", order("1", financial_status="pending"))
        for change in (
            {"financial_status": "paid"},
            {"financial_status": "paid", "order_total": 10},
            {"financial_status": "partially_refunded"},
            {"fulfillment_status": "partially_shipped"},
            {"fulfillment_status": "shipped"},
            {"fulfillment_status": "shipped"},
            {"financial_status": "refunded"},
            {"financial_status": "cancelled"},
        ):
            shop.done("PATCH", one, change)
        assert mails(shop) == [
            "order_confirmation",
            "order_invoice",
            "shipping_confirmation",
            "refund_confirmation",
            "cancellation_confirmation",
        ]

    @pytest.mark.req("ORD-8")
    def test_nothing_is_sent_while_the_store_is_syncing(self, shop: Caller) -> None:
        shop.done("PATCH", STORE, {"is_syncing": True})
        shop.done("POST", f"{STORE}/orders", order("1", financial_status="pending"))
        shop.done("PATCH", STORE, {"is_syncing": False})
        shop.done("PATCH", f"{STORE}/orders/1", {"financial_status": "pending"})
        assert mails(shop) == []
        shop.done("PATCH", f"{STORE}/orders/1", {"financial_status": "paid"})
        assert mails(shop) == ["order_invoice"]


@pytest.mark.req("EVT-1")
def test_a_cart_is_kept_until_its_order_names_it(shop: Caller) -> None:
    cart = {**order("k1"), "checkout_url": "https://shop.test/k1"}
    shop.done("POST", f"{STORE}/carts", cart)
    shop.done("POST", f"{STORE}/carts", {**cart, "id": "k2"})
    assert "already exists" in shop.refused("POST", f"{STORE}/carts", cart)["detail"]
    assert shop.call("PUT", f"{STORE}/carts/k1", cart).status == 405
    assert shop.done("PATCH", f"{STORE}/carts/k1", {"order_total": 3})["order_total"] == 3
    shop.done("POST", f"{STORE}/orders", order("1", cart_id="k1"))
    shop.done("DELETE", f"{STORE}/carts/k2")
    assert shop.done("GET", f"{STORE}/carts")["total_items"] == 0


def test_an_account_can_let_stores_bring_archived_contacts_back() -> None:
    with account(store_activity_unarchives=True) as api:
        api.store()
        api.member(ANN, "unsubscribed")
        api.done("DELETE", f"{MEMBERS}/{ANN}")
        customer(api)
        assert status(api) == "unsubscribed"
