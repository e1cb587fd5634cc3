"""Customers of a store, and the contact that each of them has in the store's list."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.audience import check_address
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.member import EcommerceData, Stats
from retail_sync.vendors.mailchimp.sandbox.merge_values import LONGEST_TEXT
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import (
    Flaw,
    already_exists,
    bad_request,
    invalid_resource,
    unknown_reference,
)
from retail_sync.vendors.mailchimp.sandbox.schema import (
    Json,
    boolean,
    foreign_id,
    missing,
    money,
    require,
    string,
    text,
    thing,
)
from retail_sync.vendors.mailchimp.sandbox.store import Store, found
from retail_sync.vendors.mailchimp.sandbox.stores import ADDRESS, ADDRESS_PARTS

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

CHANGES = {
    "opt_in_status": boolean,
    "company": text,
    "first_name": text,
    "last_name": text,
    "sms_phone_number": text,
    "address": thing(ADDRESS),
}
#: Computed from orders; integrations send them all the same. ASSUMED: ignored.
READ_ONLY = {"orders_count": money, "total_spent": money}
WHOLE = {**CHANGES, **READ_ONLY, "id": foreign_id, "email_address": string(shortest=1)}
NEEDED = ("id", "email_address", "opt_in_status")
NEW = thing(WHOLE, required=NEEDED)
CHANGED = thing({**CHANGES, **READ_ONLY})
#: The customer inside an order or a cart: the id alone where it is known already.
IN_SALE = thing(WHOLE, required=("id",))
CAUSE = "ecommerce"


def check_customer(account: Account, store: Store, body: Json) -> None:
    """Refuse a customer that could not be written, before anything is.

    Raises:
        Problem: 400, for missing fields, an address that is taken, that changes, or that is not accepted.
    """
    email = body.get("email_address")
    known = store.customers.get(body["id"])
    if known is None and email is None:
        raise unknown_reference("customer")
    if known is None and not body.keys() >= set(NEEDED):
        raise missing(*(name for name in NEEDED if name not in body))
    if email is None:
        return
    if known is not None and known["email_address"].lower() != email.lower():
        raise bad_request("An email address may not be changed once a customer is created")
    if known is None:
        check_address(account.settings, email)
        if store.customer_by_email(email):
            raise bad_request("This customer email already exists")


def write_customer(account: Account, store: Store, body: Json) -> Json:
    """Create or change a customer that was checked, and its contact."""
    now = account.now_text()
    fields = {name: body[name] for name in CHANGES.keys() & body.keys()}
    customer = store.customers.get(body["id"])
    opted_in_before = customer is not None and customer["opt_in_status"]
    if customer is None:
        customer = _blank(body["id"], body["email_address"], now)
        customer.update(fields, address={**customer["address"], **fields.get("address", {})})
        store.add_customer(customer)
    else:
        if "address" in fields:
            fields["address"] = {**customer["address"], **fields["address"]}
        customer.update(fields, updated_at=now)
    _write_contact(account, store, customer, newly_opted_in=customer["opt_in_status"] and not opted_in_before)
    return customer


def _blank(customer_id: str, email: str, now: str) -> Json:
    return {
        "id": customer_id,
        "email_address": email,
        "sms_phone_number": "",
        "opt_in_status": False,
        "company": "",
        "first_name": "",
        "last_name": "",
        "orders_count": 0,
        "total_spent": Decimal(0),
        "address": dict.fromkeys(ADDRESS_PARTS, ""),
        "created_at": now,
        "updated_at": now,
        "_links": [],
    }


def _write_contact(account: Account, store: Store, customer: Json, *, newly_opted_in: bool) -> None:
    """Let a customer be a contact. A store raises `transactional` to `subscribed` and changes no other status.

    ASSUMED: a forgotten address stays unknown to the list, without a word.
    """
    audience = account.audience(store.about["list_id"])
    email, now = customer["email_address"], account.now_text()
    member = audience.find(email)
    if member is None:
        if email.lower() not in audience.forgotten:
            status = "subscribed" if customer["opt_in_status"] else "transactional"
            values = {"FNAME": customer["first_name"], "LNAME": customer["last_name"]}
            known = {tag: value[:LONGEST_TEXT] for tag, value in values.items() if tag in audience.merge_fields}
            audience.create({"email_address": email, "merge_fields": known}, status, now, CAUSE, waive=True)
    elif member.profile.status == "transactional" and newly_opted_in and not member.latched:
        member.become("subscribed", now, CAUSE)
    elif member.profile.status == "archived" and account.settings.store_activity_unarchives:
        member.become(member.status_before_archive, now, CAUSE)


def show_figures(account: Account, store: Store, customer_id: str) -> None:
    """Bring the contact's e-commerce figures in line with its customers in all stores of the list."""
    customer = store.customers.get(customer_id)
    if customer is not None:
        _show_figures_of(account, store, customer["email_address"])


def _show_figures_of(account: Account, store: Store, email: str) -> None:
    list_id = store.about["list_id"]
    member = account.audience(list_id).find(email)
    if member is None:
        return
    stores = [each for each in account.stores.values() if each.about["list_id"] == list_id]
    owned = [one for each in stores if (one := each.customer_by_email(email))]
    bought = EcommerceData(
        sum((each["total_spent"] for each in owned), Decimal(0)),
        sum(each["orders_count"] for each in owned),
        store.about["currency_code"],
    )
    member.profile.stats = Stats(ecommerce_data=bought)


def index(account: Account, ask: Ask) -> Answer:
    """GET customers, all or the one with an address."""
    store = account.store(ask.ids[0])
    customers = list(store.customers.values())
    if email := ask.query.get("email_address"):
        one = store.customer_by_email(email)
        customers = [one] if one else []
    return collection(ask, "customers", page_of(ask, customers), len(customers), store_id=store.id)


def create(account: Account, ask: Ask) -> Answer:
    """POST a customer that must be new."""
    store = account.store(ask.ids[0])
    body = require(NEW, ask.json())
    if body["id"] in store.customers:
        raise already_exists("A customer")
    check_customer(account, store, body)
    return Answer(write_customer(account, store, body))


def show(account: Account, ask: Ask) -> Answer:
    """GET one customer."""
    return viewed(ask, found(account.store(ask.ids[0]).customers, ask.ids[1]))


def put(account: Account, ask: Ask) -> Answer:
    """PUT a customer, new or not."""
    store = account.store(ask.ids[0])
    body = require(NEW, ask.json())
    check_path_id(body, ask.ids[1])
    check_customer(account, store, body)
    return Answer(write_customer(account, store, body))


def check_path_id(body: Json, path_id: str) -> None:
    """Refuse a body whose id is not that of its path.

    Raises:
        Problem: 400.
    """
    if body.get("id", path_id) != path_id:
        raise invalid_resource(Flaw("id", "The id in the body is not that of the path"))


def patch(account: Account, ask: Ask) -> Answer:
    """PATCH a customer; neither id nor address can change."""
    store = account.store(ask.ids[0])
    found(store.customers, ask.ids[1])
    body = require(CHANGED, ask.json())
    return Answer(write_customer(account, store, {**body, "id": ask.ids[1]}))


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a customer; the contact stays, without the figures of its orders."""
    store = account.store(ask.ids[0])
    customer = store.remove_customer(ask.ids[1], with_orders=account.settings.customer_deletion == "orders_deleted")
    _show_figures_of(account, store, customer["email_address"])
    return DONE


ALL = "/ecommerce/stores/{store_id}/customers"
ONE = f"{ALL}/{{customer_id}}"
ENDPOINTS = (
    Endpoint("GET", ALL, index, PAGE | {"email_address"}),
    Endpoint("POST", ALL, create),
    Endpoint("GET", ONE, show, VIEW),
    Endpoint("PUT", ONE, put),
    Endpoint("PATCH", ONE, patch),
    Endpoint("DELETE", ONE, remove),
)
