"""Requests for people: profiles, who unsubscribed, and merges of profiles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from retail_sync.vendors.ometria.sandbox.consent import UNSUBSCRIBE_TYPES, Unsubscribe
from retail_sync.vendors.ometria.sandbox.endpoints import PAGE, Answer, Ask, Endpoint, by_order, page_of
from retail_sync.vendors.ometria.sandbox.profile import Profile
from retail_sync.vendors.ometria.sandbox.refusals import invalid, not_found
from retail_sync.vendors.ometria.sandbox.schema import Json, read_moment

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

_SECONDS = "%Y-%m-%dT%H:%M:%S"


def profiles(account: Account, ask: Ask) -> Answer:
    """GET profiles, those that changed since a day or a time, or those of an address."""
    if (email := ask.query.get("email")) is not None:
        return _by_email(account, email)
    since = _since(ask.query.get("updateSince", ""))
    rows = [one for one in account.people.profiles.values() if since is None or one.updated_at >= since]
    rows.sort(key=lambda one: one.number)
    if by_order(ask):
        rows.sort(key=lambda one: one.updated_at)
    _edit_between(account, ask, rows)
    return Answer([one.view() for one in page_of(account, ask, rows)])


def profile(account: Account, ask: Ask) -> Answer:
    """GET one profile."""
    found = account.people.profiles.get(ask.ids[0])
    if found is None:
        raise not_found("Profile")
    return Answer(found.view())


def unsubscribes(account: Account, ask: Ask) -> Answer:
    """GET who left by their own hand; those that the API unsubscribed are not among them."""
    since, before = (_second(ask, name) for name in ("since", "before"))
    kind = ask.query.get("type", "")
    if kind and kind not in UNSUBSCRIBE_TYPES:
        raise invalid("type is unknown.")
    rows = [one for one in account.people.left if one.type in UNSUBSCRIBE_TYPES and one.type == (kind or one.type)]
    rows = [one for one in rows if since is None or one.at >= since]
    return Answer([_unsubscribe(one) for one in rows if before is None or one.at < before])


def _by_email(account: Account, email: str) -> Answer:
    found = sorted(account.people.clusters.with_email(email), key=lambda one: one.number)
    if account.settings.profile_by_email == "array":
        return Answer([one.view() for one in found])
    if not found:
        raise not_found("Profile")
    return Answer(found[0].view())


def _edit_between(account: Account, ask: Ask, rows: list[Profile]) -> None:
    """Let a profile change while it is paged through, if that is switched on."""
    if not ask.number("offset", 0):
        return
    fault = account.traps.take("edited_while_paging", ask.request.endpoint)
    if fault is None:
        return
    email = fault.options.get("email")
    edited = account.people.clusters.with_email(str(email)) if email else list(account.people.profiles.values())[:1]
    for one in edited:
        one.updated_at = account.now()
        if one not in rows:
            rows.append(one)
            rows.sort(key=lambda row: row.number)


def _since(value: str) -> datetime | None:
    if not value:
        return None
    since = read_moment(value)
    if since is None:
        raise invalid("updateSince is not a date.")
    return since


def _second(ask: Ask, name: str) -> datetime | None:
    value = ask.query.get(name, "")
    if not value:
        return None
    try:
        return datetime.strptime(f"{value}+0000", f"{_SECONDS}%z")
    except ValueError:
        raise invalid(f"{name} must be like YYYY-MM-DDTHH:MM:SS.") from None


def _unsubscribe(one: Unsubscribe) -> Json:
    return {
        "profile_id": one.profile_id,
        "email_address": one.email,
        "type": one.type,
        "timestamp": one.at.strftime("%Y-%m-%d %H:%M:%S+00"),
        "reason": one.reason,
    }


ENDPOINTS = (
    Endpoint("GET", "/profiles", profiles, query=PAGE | {"updateSince", "email"}),
    Endpoint("GET", "/profiles/{id}", profile),
    Endpoint("GET", "/unsubscribes", unsubscribes, query=frozenset({"since", "before", "type"})),
)
