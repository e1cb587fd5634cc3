"""Requests for single members and for pages of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.member import Member, Profile
from retail_sync.vendors.mailchimp.sandbox.merge_values import merge_values
from retail_sync.vendors.mailchimp.sandbox.paging import collection, offset_of, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import Flaw, invalid_resource, member_exists
from retail_sync.vendors.mailchimp.sandbox.schema import (
    Json,
    boolean,
    choice,
    many,
    missing,
    moment,
    money,
    read_moment,
    require,
    string,
    text,
    thing,
    words,
)

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

CHANGEABLE = ("subscribed", "unsubscribed", "cleaned", "pending")
WRITABLE = (*CHANGEABLE, "transactional")
READABLE = (*WRITABLE, "archived")

PROFILE = {
    "email_address": string(shortest=1),
    "email_type": choice("html", "text"),
    "merge_fields": merge_values,
    "interests": words(boolean),
    "language": text,
    "vip": boolean,
    "location": thing({"latitude": money, "longitude": money}),
    "ip_signup": text,
    "timestamp_signup": moment,
    "ip_opt": text,
    "timestamp_opt": moment,
}
PERMISSIONS = many(thing({"marketing_permission_id": text, "enabled": boolean}))
SINGLE = {**PROFILE, "marketing_permissions": PERMISSIONS}
NEW = thing(
    {**SINGLE, "status": choice(*WRITABLE), "tags": many(string(shortest=1))}, required=("email_address", "status")
)
PUT_BODY = thing({**SINGLE, "status": choice(*WRITABLE), "status_if_new": choice(*WRITABLE)})
PATCH_BODY = thing({**SINGLE, "status": choice(*CHANGEABLE)})

#: Filters that compare a time: the member's field, and whether the member must be later.
TIME_FILTERS: Mapping[str, tuple[str, bool]] = {
    "since_last_changed": ("last_changed", True),
    "before_last_changed": ("last_changed", False),
    "since_timestamp_opt": ("timestamp_opt", True),
    "before_timestamp_opt": ("timestamp_opt", False),
    "unsubscribed_since": ("last_changed", True),
}
SORTS = ("timestamp_opt", "timestamp_signup", "last_changed")
WAIVE = "skip_merge_validation"
Test = Callable[[Profile], bool]


def _one_of(ask: Ask, name: str, allowed: tuple[str, ...]) -> str | None:
    value = ask.query.get(name)
    if value is not None and value not in allowed:
        raise invalid_resource(Flaw(name, f"Value must be one of: {', '.join(allowed)}"))
    return value


def _time_test(name: str, value: str) -> Test:
    """A filter on a time; both ends are open.

    ASSUMED: a change in the very second of `since` is not given, so readers need an overlap.
    """
    moment_ = read_moment(value)
    if moment_ is None:
        raise invalid_resource(Flaw(name, "Value must be a date in ISO 8601"))
    bound = (moment_ if moment_.tzinfo else moment_.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    field, later = TIME_FILTERS[name]
    if later:
        return lambda profile: getattr(profile, field) > bound
    return lambda profile: "" != getattr(profile, field) < bound


def _tests(audience: Audience, ask: Ask) -> list[Test]:
    status = _one_of(ask, "status", READABLE)
    if "unsubscribed_since" in ask.query and status != "unsubscribed":
        raise invalid_resource(Flaw("unsubscribed_since", "This filter needs status=unsubscribed"))
    tests = [_time_test(name, ask.query[name]) for name in TIME_FILTERS if name in ask.query]
    if status is not None:
        tests.append(lambda profile: profile.status == status)
    elif not audience.settings.list_archived_members:
        tests.append(lambda profile: profile.status != "archived")
    if kind := ask.query.get("email_type"):
        tests.append(lambda profile: profile.email_type == kind)
    if ask.flag("vip_only"):
        tests.append(lambda profile: profile.vip)
    return tests


def index(account: Account, ask: Ask) -> Answer:
    """GET members, filtered, sorted, one page."""
    audience = account.audience(ask.ids[0])
    profiles = _listed(audience, ask)
    endpoint, offset = ask.request.endpoint, offset_of(ask)
    if account.traps.touch_a_row(profiles, offset, endpoint, account.now_text()):
        profiles = _listed(audience, ask)
    repeated = account.traps.take("repeated_rows", endpoint) if offset else None
    page = page_of(ask, profiles, early=repeated.options.get("rows", 1) if repeated else 0)
    return collection(ask, "members", page, len(profiles), list_id=audience.id)


def _listed(audience: Audience, ask: Ask) -> list[Profile]:
    profiles = [member.profile for member in audience.members.values()]
    for test in _tests(audience, ask):
        profiles = [profile for profile in profiles if test(profile)]
    direction = _one_of(ask, "sort_dir", ("ASC", "DESC"))
    if field := _one_of(ask, "sort_field", SORTS):
        profiles.sort(key=lambda profile: str(getattr(profile, field)), reverse=direction == "DESC")
    return profiles


def create(account: Account, ask: Ask) -> Answer:
    """POST a member that must be new. ASSUMED: an archived one is not."""
    audience = account.audience(ask.ids[0])
    body = require(NEW, ask.json())
    email = body["email_address"]
    if audience.find(email):
        raise member_exists(email)
    now = account.now_text()
    member = audience.create(body, body["status"], now, "member_post", waive=ask.flag(WAIVE))
    audience.tag(member, body.get("tags", []), now)
    account.mails.after_member_write(member, None)
    return Answer(member.profile)


def show(account: Account, ask: Ask) -> Answer:
    """GET one member, archived ones too."""
    return viewed(ask, account.audience(ask.ids[0]).get(ask.ids[1]).profile)


def put(account: Account, ask: Ask) -> Answer:
    """PUT: create with `status_if_new` or `status`, or change, where only `status` touches the status."""
    audience = account.audience(ask.ids[0])
    body = require(PUT_BODY, ask.json())
    member = audience.find(ask.ids[1])
    if member is not None:
        return _change(account, ask, audience, member, body)
    if "@" in ask.ids[1]:
        body.setdefault("email_address", ask.ids[1])
    if "email_address" not in body:
        raise missing("email_address")
    status = body.get("status_if_new") or body.get("status")
    if status is None:
        raise missing("status_if_new")
    if audience.find(body["email_address"]):
        raise member_exists(body["email_address"])
    made = audience.create(body, status, account.now_text(), "member_put", waive=ask.flag(WAIVE))
    account.mails.after_member_write(made, None)
    return Answer(made.profile)


def patch(account: Account, ask: Ask) -> Answer:
    """PATCH a member that exists."""
    audience = account.audience(ask.ids[0])
    member = audience.get(ask.ids[1])
    return _change(account, ask, audience, member, require(PATCH_BODY, ask.json()))


def _change(account: Account, ask: Ask, audience: Audience, member: Member, body: Json) -> Answer:
    before = member.profile.status
    cause = f"member_{ask.request.method.lower()}"
    audience.change(member, body, body.get("status"), account.now_text(), cause, waive=ask.flag(WAIVE))
    account.mails.after_member_write(member, before)
    return Answer(member.profile)


def archive(account: Account, ask: Ask) -> Answer:
    """DELETE: the member is archived, nothing of it is lost."""
    account.audience(ask.ids[0]).get(ask.ids[1]).become("archived", account.now_text(), "archived")
    return DONE


def forget(account: Account, ask: Ask) -> Answer:
    """Delete a member for good."""
    audience = account.audience(ask.ids[0])
    audience.forget(audience.get(ask.ids[1]), account.now_text())
    return DONE


LIST = "/lists/{list_id}/members"
ONE = f"{LIST}/{{subscriber_hash}}"
FILTERS = frozenset({*TIME_FILTERS, "status", "email_type", "vip_only", "sort_field", "sort_dir"})
WAIVABLE = frozenset({WAIVE})
ENDPOINTS = (
    Endpoint("GET", LIST, index, PAGE | FILTERS),
    Endpoint("POST", LIST, create, WAIVABLE),
    Endpoint("GET", ONE, show, VIEW),
    Endpoint("PUT", ONE, put, WAIVABLE),
    Endpoint("PATCH", ONE, patch, WAIVABLE),
    Endpoint("DELETE", ONE, archive),
    Endpoint("POST", f"{ONE}/actions/delete-permanent", forget),
)
