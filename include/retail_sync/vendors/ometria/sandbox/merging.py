"""Requests to make one profile of several, in both generations of their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.ometria.sandbox.endpoints import Answer, Ask, Endpoint
from retail_sync.vendors.ometria.sandbox.profile import Profile
from retail_sync.vendors.ometria.sandbox.refusals import invalid, not_found
from retail_sync.vendors.ometria.sandbox.schema import Json, choice, email, key, many, thing

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

MOST_NAMED, MOST_FOUND = 5, 50
TYPES = ("customer_id", "email_address", "phone_number", "profile_hash")
_CUSTOMER = thing({"type": choice(*TYPES), "value": key}, required=("type", "value"))
_BY_SURVIVOR = thing(
    {"survivor": _CUSTOMER, "customers_to_merge": many(_CUSTOMER)}, required=("survivor", "customers_to_merge")
)
_BY_EMAIL = thing({"email": email, "profile_id": key}, required=("email",))


def merge(account: Account, ask: Ask) -> Answer:
    """POST a merge. ASSUMED: it is done at once."""
    body = ask.json()
    newer = account.settings.merge_form == "survivor"
    if flaws := (_BY_SURVIVOR if newer else _BY_EMAIL)(body):
        raise invalid(f"{flaws[0].path}: {flaws[0].message}")
    survivor, others = _by_survivor(account, body) if newer else _by_email(account, body)
    account.people.merge(survivor, others)
    done = {"at": account.now(), "survivor": survivor.id, "merged": [one.id for one in others]}
    account.merges.append(done)
    return Answer({"status": "OK", "request_id": account.queue.request_id()})


def _by_survivor(account: Account, body: Json) -> tuple[Profile, list[Profile]]:
    if not 1 <= len(body["customers_to_merge"]) <= MOST_NAMED:
        raise invalid(f"Between 1 and {MOST_NAMED} customers can be merged.")
    survivors = _found(account, body["survivor"])
    if not survivors:
        raise not_found("Survivor")
    named = {one.id: one for wanted in body["customers_to_merge"] for one in _found(account, wanted)}
    named.pop(survivors[0].id, None)
    if len(named) > MOST_FOUND:
        raise invalid(f"More than {MOST_FOUND} customers were found.")
    return survivors[0], list(named.values())


def _by_email(account: Account, body: Json) -> tuple[Profile, list[Profile]]:
    found = account.people.clusters.with_email(body["email"])
    wanted = body.get("profile_id")
    kept = [one for one in found if wanted in (None, one.id)]
    if not kept:
        raise not_found("Profile")
    survivor = max(kept, key=lambda one: one.taken_in)
    return survivor, [one for one in found if one is not survivor]


def _found(account: Account, named: Json) -> list[Profile]:
    value, people = str(named["value"]), account.people
    if named["type"] == "customer_id":
        return people.clusters.with_customer(value)
    if named["type"] == "email_address":
        return sorted(people.clusters.with_email(value), key=lambda one: one.number)
    if named["type"] == "profile_hash":
        return [people.profiles[value]] if value in people.profiles else []
    return [one for one in people.profiles.values() if one.field("phone_number") == value]


ENDPOINTS = (Endpoint("POST", "/merge-profile", merge, "merge"),)
