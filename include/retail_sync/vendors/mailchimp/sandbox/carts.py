"""Carts of a store: what somebody with an address has left in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.customers import IN_SALE
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import already_exists
from retail_sync.vendors.mailchimp.sandbox.sales import GIVEN_LINES, NEW_LINES, check_sale, write_sale
from retail_sync.vendors.mailchimp.sandbox.schema import foreign_id, money, require, text, thing
from retail_sync.vendors.mailchimp.sandbox.store import found
from retail_sync.vendors.mailchimp.sandbox.stores import CURRENCY

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

AMOUNTS = ("order_total", "tax_total")
CHANGES = {
    "customer": IN_SALE,
    "campaign_id": text,
    "checkout_url": text,
    "currency_code": CURRENCY,
    "order_total": money,
    "tax_total": money,
    "lines": GIVEN_LINES,
}
CHANGED = thing(CHANGES)
NEW = thing(
    {**CHANGES, "id": foreign_id, "lines": NEW_LINES},
    required=("id", "customer", "currency_code", "order_total", "lines"),
)


def index(account: Account, ask: Ask) -> Answer:
    """GET carts."""
    store = account.store(ask.ids[0])
    carts = list(store.carts.values())
    shown = [store.show_sale(cart) for cart in page_of(ask, carts)]
    return collection(ask, "carts", shown, len(carts), store_id=store.id)


def create(account: Account, ask: Ask) -> Answer:
    """POST a cart that must be new."""
    store = account.store(ask.ids[0])
    body = require(NEW, ask.json())
    if body["id"] in store.carts:
        raise already_exists("A cart")
    check_sale(account, store, body, {})
    blank = {"campaign_id": "", "checkout_url": "", "tax_total": 0, "lines": {}, "created_at": account.now_text()}
    cart = {"id": body["id"], **blank}
    write_sale(account, store, cart, body, AMOUNTS)
    store.carts[body["id"]] = cart
    return Answer(store.show_sale(cart))


def show(account: Account, ask: Ask) -> Answer:
    """GET one cart."""
    store = account.store(ask.ids[0])
    return viewed(ask, store.show_sale(found(store.carts, ask.ids[1])))


def patch(account: Account, ask: Ask) -> Answer:
    """PATCH a cart."""
    store = account.store(ask.ids[0])
    cart = found(store.carts, ask.ids[1])
    body = require(CHANGED, ask.json())
    check_sale(account, store, body, cart["lines"])
    write_sale(account, store, cart, body, AMOUNTS)
    return Answer(store.show_sale(cart))


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a cart."""
    store = account.store(ask.ids[0])
    found(store.carts, ask.ids[1])
    del store.carts[ask.ids[1]]
    return DONE


ALL = "/ecommerce/stores/{store_id}/carts"
ONE = f"{ALL}/{{cart_id}}"
ENDPOINTS = (
    Endpoint("GET", ALL, index, PAGE),
    Endpoint("POST", ALL, create),
    Endpoint("GET", ONE, show, VIEW),
    Endpoint("PATCH", ONE, patch),
    Endpoint("DELETE", ONE, remove),
)
