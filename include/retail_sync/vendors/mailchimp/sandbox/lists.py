"""Requests for lists themselves, and for the account's root."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.schema import Json, boolean, require, string, text, thing

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

CONTACT = dict.fromkeys(("company", "address1", "address2", "city", "state", "zip", "country", "phone"), text)
DEFAULTS = dict.fromkeys(("from_name", "from_email", "subject", "language"), text)
ABOUT = {
    "name": string(shortest=1),
    "contact": thing(CONTACT, required=("company", "address1", "city", "country")),
    "permission_reminder": text,
    "use_archive_bar": boolean,
    "campaign_defaults": thing(DEFAULTS, required=tuple(DEFAULTS)),
    "notify_on_subscribe": text,
    "notify_on_unsubscribe": text,
    "email_type_option": boolean,
    "double_optin": boolean,
    "marketing_permissions": boolean,
}
NEEDED = ("name", "contact", "permission_reminder", "campaign_defaults", "email_type_option")
NEW = thing(ABOUT, required=NEEDED)
CHANGED = thing(ABOUT)


def blank_about(name: str, now: str) -> Json:
    """What a list says of itself before anybody says more."""
    return {
        "name": name,
        "contact": dict.fromkeys(CONTACT, ""),
        "permission_reminder": "",
        "use_archive_bar": False,
        "campaign_defaults": dict.fromkeys(DEFAULTS, ""),
        "notify_on_subscribe": "",
        "notify_on_unsubscribe": "",
        "date_created": now,
        "list_rating": 0,
        "email_type_option": False,
        "visibility": "prv",
        "double_optin": False,
        "has_welcome": False,
        "marketing_permissions": False,
    }


def _view(audience: Audience) -> Json:
    statuses = Counter(member.profile.status for member in audience.members.values())
    return {
        "id": audience.id,
        **audience.about,
        "stats": {
            "member_count": statuses["subscribed"],
            "total_contacts": statuses.total() - statuses["archived"],
            "unsubscribe_count": statuses["unsubscribed"],
            "cleaned_count": statuses["cleaned"],
            "merge_field_count": len(audience.merge_fields),
        },
        "_links": [],
    }


def ping(_account: Account, _ask: Ask) -> Answer:
    """GET a sign of life."""
    return Answer({"health_status": "Everything's Chimpy!"})


def root(account: Account, ask: Ask) -> Answer:
    """GET who this account is."""
    subscribed = sum(_view(audience)["stats"]["member_count"] for audience in account.audiences.values())
    about = {
        "account_id": "8d3a3db4d97663a9074efcc16",
        "login_id": "1",
        "account_name": "Sandbox",
        "email": "owner@shop.test",
        "role": "owner",
        "pricing_plan_type": "monthly",
        "account_timezone": "Etc/UTC",
        "contact": {},
        "total_subscribers": subscribed,
        "_links": [],
    }
    return viewed(ask, about)


def index(account: Account, ask: Ask) -> Answer:
    """GET all lists."""
    audiences = list(account.audiences.values())
    return collection(ask, "lists", [_view(each) for each in page_of(ask, audiences)], len(audiences))


def create(account: Account, ask: Ask) -> Answer:
    """POST a new list."""
    body = require(NEW, ask.json())
    return Answer(_view(account.add_audience(body)))


def show(account: Account, ask: Ask) -> Answer:
    """GET one list with its figures."""
    return viewed(ask, _view(account.audience(ask.ids[0])))


def change(account: Account, ask: Ask) -> Answer:
    """PATCH what a list says of itself."""
    audience = account.audience(ask.ids[0])
    audience.about.update(require(CHANGED, ask.json()))
    return Answer(_view(audience))


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a list with its members."""
    del account.audiences[account.audience(ask.ids[0]).id]
    return DONE


ENDPOINTS = (
    Endpoint("GET", "/ping", ping, VIEW),
    Endpoint("GET", "/", root, VIEW),
    Endpoint("GET", "/lists", index, PAGE),
    Endpoint("POST", "/lists", create),
    Endpoint("GET", "/lists/{list_id}", show, VIEW | {"include_total_contacts"}),
    Endpoint("PATCH", "/lists/{list_id}", change),
    Endpoint("DELETE", "/lists/{list_id}", remove),
)
