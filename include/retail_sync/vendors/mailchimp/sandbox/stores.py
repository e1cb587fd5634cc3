"""Requests for stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.endpoints import PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import already_exists, bad_request
from retail_sync.vendors.mailchimp.sandbox.schema import Json, boolean, foreign_id, require, string, text, thing
from retail_sync.vendors.mailchimp.sandbox.store import Store

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

ADDRESS_PARTS = (
    "address1",
    "address2",
    "city",
    "province",
    "province_code",
    "postal_code",
    "country",
    "country_code",
)
ADDRESS = dict.fromkeys(ADDRESS_PARTS, text)
CURRENCY = string(longest=3, shortest=3)
CHANGES = {
    "name": string(shortest=1),
    "platform": text,
    "domain": text,
    "is_syncing": boolean,
    "email_address": text,
    "currency_code": CURRENCY,
    "money_format": text,
    "primary_locale": text,
    "timezone": text,
    "phone": text,
    "address": thing({**ADDRESS, "longitude": text, "latitude": text}),
}
NEW = thing({**CHANGES, "id": foreign_id, "list_id": text}, required=("id", "list_id", "name", "currency_code"))
CHANGED = thing(CHANGES)
BLANK = {
    "platform": "",
    "domain": "",
    "is_syncing": False,
    "email_address": "",
    "money_format": "",
    "primary_locale": "",
    "timezone": "",
    "phone": "",
}


def _check_domain(account: Account, domain: str, own_id: str) -> None:
    for store in account.stores.values():
        if domain and store.about["domain"] == domain and store.id != own_id:
            raise bad_request(
                "We were unable to process the request."
                f" A store with the domain {domain} already exists in the account."
            )


def _automation() -> Json:
    return {"is_supported": True}


def index(account: Account, ask: Ask) -> Answer:
    """GET all stores."""
    stores = [store.about for store in account.stores.values()]
    return collection(ask, "stores", page_of(ask, stores), len(stores))


def create(account: Account, ask: Ask) -> Answer:
    """POST a new store on a list."""
    body = require(NEW, ask.json())
    if body["id"] in account.stores:
        raise already_exists("A store")
    if body["list_id"] not in account.audiences:
        raise bad_request("A list with the provided ID does not exist in the account.")
    _check_domain(account, body.get("domain", ""), body["id"])
    now = account.now_text()
    about = {
        **BLANK,
        "address": dict.fromkeys(ADDRESS_PARTS, ""),
        **body,
        "connected_site": {"site_foreign_id": body["id"], "site_script": {"url": "", "fragment": ""}},
        "automations": {"abandoned_cart": _automation(), "abandoned_browse": _automation()},
        "list_is_active": True,
        "created_at": now,
        "updated_at": now,
        "_links": [],
    }
    account.stores[body["id"]] = Store(about, count_cancelled=account.settings.count_cancelled_orders)
    return Answer(about)


def show(account: Account, ask: Ask) -> Answer:
    """GET one store."""
    return viewed(ask, account.store(ask.ids[0]).about)


def change(account: Account, ask: Ask) -> Answer:
    """PATCH a store; its list stays."""
    store = account.store(ask.ids[0])
    body = require(CHANGED, ask.json())
    _check_domain(account, body.get("domain", ""), store.id)
    if "address" in body:
        body["address"] = {**store.about["address"], **body["address"]}
    store.about.update(body, updated_at=account.now_text())
    return Answer(store.about)


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a store with all that is in it; contacts stay in the list."""
    del account.stores[account.store(ask.ids[0]).id]
    return Answer({})


ENDPOINTS = (
    Endpoint("GET", "/ecommerce/stores", index, PAGE),
    Endpoint("POST", "/ecommerce/stores", create),
    Endpoint("GET", "/ecommerce/stores/{store_id}", show, VIEW),
    Endpoint("PATCH", "/ecommerce/stores/{store_id}", change),
    Endpoint("DELETE", "/ecommerce/stores/{store_id}", remove),
)
