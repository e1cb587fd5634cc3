"""Orders of a store, and the mails that their statuses set off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.mailchimp.sandbox.customers import IN_SALE, check_path_id, show_figures
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.mails import Statuses, statuses
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import Flaw, already_exists, bad_request
from retail_sync.vendors.mailchimp.sandbox.sales import GIVEN_LINES, NEW_LINES, check_sale, write_sale
from retail_sync.vendors.mailchimp.sandbox.schema import (
    NO_FLAW,
    Json,
    choice,
    foreign_id,
    many,
    moment,
    money,
    require,
    text,
    thing,
)
from retail_sync.vendors.mailchimp.sandbox.store import Store, found
from retail_sync.vendors.mailchimp.sandbox.stores import ADDRESS, CURRENCY

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

PLACE = thing({**ADDRESS, "name": text, "company": text, "phone": text, "longitude": money, "latitude": money})
PROMO = thing(
    {"code": text, "amount_discounted": money, "type": choice("fixed", "percentage")},
    required=("code", "amount_discounted", "type"),
)
AMOUNTS = ("order_total", "discount_total", "tax_total", "shipping_total")
TEXTS = (
    "campaign_id",
    "landing_site",
    "financial_status",
    "fulfillment_status",
    "order_url",
    "tracking_number",
    "tracking_carrier",
    "tracking_url",
)
TIMES = ("processed_at_foreign", "cancelled_at_foreign", "updated_at_foreign")


def cart_reference(value: Any) -> Sequence[Flaw]:
    """The cart that an order comes from: text or a whole number."""
    return NO_FLAW if type(value) is int else foreign_id(value)


CHANGES = {
    **dict.fromkeys(TEXTS, text),
    **dict.fromkeys(AMOUNTS, money),
    **dict.fromkeys(TIMES, moment),
    "customer": IN_SALE,
    "currency_code": CURRENCY,
    "tracking_code": choice("prec"),
    "shipping_address": PLACE,
    "billing_address": PLACE,
    "promos": many(PROMO),
    "outreach": thing({"id": text}),
    "cart_id": cart_reference,
    "lines": GIVEN_LINES,
}
NEEDED = ("id", "customer", "currency_code", "order_total", "lines")
NEW = thing({**CHANGES, "id": foreign_id, "lines": NEW_LINES}, required=NEEDED)
PUT_BODY = thing({**CHANGES, "id": foreign_id})
CHANGED = thing(CHANGES)
NO_STATUSES: Statuses = ("", "")


def _blank(order_id: str, now: str) -> Json:
    return {
        "id": order_id,
        **dict.fromkeys(TEXTS, ""),
        **dict.fromkeys(AMOUNTS, 0),
        "processed_at_foreign": now,
        "cancelled_at_foreign": "",
        "updated_at_foreign": "",
        "shipping_address": {},
        "billing_address": {},
        "promos": [],
        "lines": {},
    }


def _enter(account: Account, store: Store, body: Json) -> Answer:
    check_sale(account, store, body, {})
    now = account.now_text()
    order = _blank(body["id"], now)
    write_sale(account, store, order, body, AMOUNTS)
    store.orders[order["id"]] = order
    store.carts.pop(str(body.get("cart_id", "")), None)
    return _settle(account, store, order, NO_STATUSES, body)


def _settle(account: Account, store: Store, order: Json, before: Statuses, given: Json) -> Answer:
    """What follows once an order stands: figures, mails, the answer."""
    store.count_order(order)
    show_figures(account, store, order["customer_id"])
    customer = store.customers.get(order["customer_id"], {})
    email, now = customer.get("email_address", ""), account.now_text()
    account.mails.after_order_write(store.about, order, email, before, now, given=given)
    return Answer(store.show_sale(order))


def change_order(account: Account, store: Store, order: Json, body: Json, *, replace_lines: bool = False) -> Answer:
    """Change what is given: lines by their ids, promos as a whole.

    Raises:
        Problem: 400, and then nothing has changed.
    """
    _keep_customer(account, order, body)
    check_sale(account, store, body, order["lines"])
    before, old_customer = statuses(order), order["customer_id"]
    store.uncount_order(order)
    if replace_lines and body.get("lines"):
        order["lines"] = {}
    write_sale(account, store, order, body, AMOUNTS)
    answer = _settle(account, store, order, before, body)
    if order["customer_id"] != old_customer:
        show_figures(account, store, old_customer)
    return answer


def _keep_customer(account: Account, order: Json, body: Json) -> None:
    """Whether an order goes over to another customer; not every account may let it.

    Raises:
        Problem: 400.
    """
    allowed = account.settings.orders_move
    if allowed == "moved" or body.get("customer", {}).get("id", order["customer_id"]) == order["customer_id"]:
        return
    if allowed == "refused":
        raise bad_request("The customer of an order may not be changed.")
    del body["customer"]


def index(account: Account, ask: Ask) -> Answer:
    """GET the orders of a store."""
    store = account.store(ask.ids[0])
    orders = list(store.orders.values())
    for name in ("customer_id", "campaign_id"):
        if wanted := ask.query.get(name):
            orders = [order for order in orders if order[name] == wanted]
    shown = [store.show_sale(order) for order in page_of(ask, orders)]
    return collection(ask, "orders", shown, len(orders), store_id=store.id)


def index_of_account(account: Account, ask: Ask) -> Answer:
    """GET the orders of all stores."""
    pairs = [(store, order) for store in account.stores.values() for order in store.orders.values()]
    shown = [store.show_sale(order) for store, order in page_of(ask, pairs)]
    return collection(ask, "orders", shown, len(pairs))


def create(account: Account, ask: Ask) -> Answer:
    """POST an order that must be new."""
    store = account.store(ask.ids[0])
    body = require(NEW, ask.json())
    if body["id"] in store.orders:
        raise already_exists("An order")
    return _enter(account, store, body)


def show(account: Account, ask: Ask) -> Answer:
    """GET one order."""
    store = account.store(ask.ids[0])
    return viewed(ask, store.show_sale(found(store.orders, ask.ids[1])))


def put(account: Account, ask: Ask) -> Answer:
    """PUT an order, new or not. ASSUMED: a new one needs what POST needs."""
    store = account.store(ask.ids[0])
    body = require(PUT_BODY, ask.json())
    check_path_id(body, ask.ids[1])
    body["id"] = ask.ids[1]
    order = store.orders.get(ask.ids[1])
    if order is not None:
        return change_order(account, store, order, body, replace_lines=account.settings.put_order_replaces_lines)
    return _enter(account, store, require(NEW, body))


def patch(account: Account, ask: Ask) -> Answer:
    """PATCH an order."""
    store = account.store(ask.ids[0])
    order = found(store.orders, ask.ids[1])
    return change_order(account, store, order, require(CHANGED, ask.json()))


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE an order."""
    store = account.store(ask.ids[0])
    delete_order(account, store, found(store.orders, ask.ids[1])["id"])
    return DONE


def delete_order(account: Account, store: Store, order_id: str) -> None:
    """Take an order out; its customer's figures fall."""
    order = store.orders.pop(order_id)
    store.uncount_order(order)
    show_figures(account, store, order["customer_id"])


ALL = "/ecommerce/stores/{store_id}/orders"
ONE = f"{ALL}/{{order_id}}"
FILTERS = frozenset({"customer_id", "campaign_id"})
ENDPOINTS = (
    Endpoint("GET", "/ecommerce/orders", index_of_account, PAGE),
    Endpoint("GET", ALL, index, PAGE | FILTERS),
    Endpoint("POST", ALL, create),
    Endpoint("GET", ONE, show, VIEW),
    Endpoint("PUT", ONE, put),
    Endpoint("PATCH", ONE, patch),
    Endpoint("DELETE", ONE, remove),
)
