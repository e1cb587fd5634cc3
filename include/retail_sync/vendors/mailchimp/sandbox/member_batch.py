"""`POST /lists/{list_id}`: up to 500 members at once, each with its own verdict under one 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.endpoints import Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.member import Profile
from retail_sync.vendors.mailchimp.sandbox.members import PROFILE, WAIVE, WRITABLE
from retail_sync.vendors.mailchimp.sandbox.problems import Problem
from retail_sync.vendors.mailchimp.sandbox.schema import Json, boolean, choice, many, missing, require, string, thing

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

MOST = 500
#: Tags are taken as names; the published schema leaves them out although `sync_tags` needs them.
MEMBER = thing({**PROFILE, "status": choice(*WRITABLE), "tags": many(string(shortest=1))}, required=("email_address",))
BODY = thing(
    {"members": many(MEMBER, most=MOST), "update_existing": boolean, "sync_tags": boolean}, required=("members",)
)
CAUSE = "batch_members"


class ItemError(Struct, kw_only=True):
    """Why one member was not taken."""

    email_address: str
    error: str
    error_code: str = "ERROR_GENERIC"
    field: str = ""
    field_message: str = ""


class Outcome(Struct, kw_only=True):
    """The answer: what was made, what was changed, what was refused."""

    new_members: list[Profile] = field(default_factory=list)
    updated_members: list[Profile] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)
    total_created: int = 0
    total_updated: int = 0
    error_count: int = 0
    _links: list[Json] = field(default_factory=list)


class Terms(NamedTuple):
    """What holds for every member of a request."""

    now: str
    update_existing: bool
    sync_tags: bool
    waive: bool


def write_members(account: Account, ask: Ask) -> Answer:
    """POST members to a list."""
    audience = account.audience(ask.ids[0])
    body = require(BODY, ask.json())
    terms = Terms(account.now_text(), body.get("update_existing", False), body.get("sync_tags", False), ask.flag(WAIVE))
    skip_duplicates = ask.flag("skip_duplicate_check")
    outcome, seen = Outcome(), set[str]()
    for item in body["members"]:
        email = item["email_address"]
        if email.lower() in seen:
            if not skip_duplicates:
                outcome.errors.append(ItemError(email_address=email, error=f"{email} is given more than once."))
            continue
        seen.add(email.lower())
        try:
            _write(account, audience, item, terms, outcome)
        except Problem as problem:
            outcome.errors.append(_item_error(email, problem))
    outcome.total_created = len(outcome.new_members)
    outcome.total_updated = len(outcome.updated_members)
    outcome.error_count = len(outcome.errors)
    return Answer(outcome)


def _write(account: Account, audience: Audience, item: Json, terms: Terms, outcome: Outcome) -> None:
    email, status = item["email_address"], item.get("status")
    member = audience.find(email)
    before = None
    if member is None:
        if status is None:
            raise missing("status")
        member = audience.create(item, status, terms.now, CAUSE, waive=terms.waive)
        outcome.new_members.append(member.profile)
    elif terms.update_existing:
        before = member.profile.status
        audience.change(member, item, status, terms.now, CAUSE, waive=terms.waive)
        outcome.updated_members.append(member.profile)
    else:
        outcome.errors.append(_exists(email))
        return
    account.mails.after_member_write(member, before)
    # ASSUMED: a member without `tags` keeps its tags even under sync_tags.
    if (tags := item.get("tags")) is not None:
        if terms.sync_tags:
            audience.untag(member, [name for name in member.tags if name not in tags])
        audience.tag(member, tags, terms.now)


def _exists(email: str) -> ItemError:
    return ItemError(
        email_address=email,
        error=f"{email} is already a list member, do you want to update? please provide update_existing:true"
        " in the request body",
        error_code="ERROR_CONTACT_EXISTS",
    )


def _item_error(email: str, problem: Problem) -> ItemError:
    if not problem.flaws:
        return ItemError(email_address=email, error=problem.detail)
    flaw = problem.flaws[0]
    return ItemError(email_address=email, error=flaw.message, field=flaw.field, field_message=flaw.message)


ENDPOINTS = (Endpoint("POST", "/lists/{list_id}", write_members, frozenset({WAIVE, "skip_duplicate_check"})),)
