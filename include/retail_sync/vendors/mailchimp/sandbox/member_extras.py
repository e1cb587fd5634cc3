"""What hangs on members: tags, the tags of a list as static segments, and reported events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.member import MemberEvent
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import Flaw, invalid_resource, not_found
from retail_sync.vendors.mailchimp.sandbox.schema import (
    Json,
    boolean,
    choice,
    many,
    moment,
    require,
    string,
    text,
    thing,
    words,
)

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

TAGS = thing(
    {
        "tags": many(
            thing({"name": string(shortest=1), "status": choice("active", "inactive")}, required=("name", "status"))
        ),
        "is_syncing": boolean,
    },
    required=("tags",),
)
EVENT = thing(
    {"name": text, "properties": words(text), "occurred_at": moment, "is_syncing": boolean}, required=("name",)
)
NEW_SEGMENT = thing({"name": string(shortest=1), "static_segment": many(text)}, required=("name",))
SEGMENT_MEMBERS = thing({"members_to_add": many(text, most=500), "members_to_remove": many(text, most=500)})


def member_tags(account: Account, ask: Ask) -> Answer:
    """GET all tags of a member."""
    member = account.audience(ask.ids[0]).get(ask.ids[1])
    tags = [{"id": tag.id, "name": tag.name, "date_added": at} for tag, at in member.tags.values()]
    return collection(ask, "tags", page_of(ask, tags), len(tags))


def write_tags(account: Account, ask: Ask) -> Answer:
    """POST: active tags are put on, inactive ones taken off. ASSUMED: `last_changed` stays."""
    audience = account.audience(ask.ids[0])
    member = audience.get(ask.ids[1])
    body = require(TAGS, ask.json())
    given = body["tags"]
    active = [tag["name"] for tag in given if tag["status"] == "active"]
    account.automations.after_tags(member, active, account.now_text(), is_syncing=body.get("is_syncing", False))
    audience.tag(member, active, account.now_text())
    audience.untag(member, [tag["name"] for tag in given if tag["status"] == "inactive"])
    return DONE


def tag_search(account: Account, ask: Ask) -> Answer:
    """GET the tags of a list whose name begins like this."""
    audience = account.audience(ask.ids[0])
    start = ask.query.get("name", "").lower()
    tags = [tag for name, tag in audience.tags.items() if name.lower().startswith(start)]
    return viewed(ask, {"tags": tags, "total_items": len(tags), "_links": []})


def _segment(audience: Audience, name: str) -> Json:
    count = sum(name in member.tags for member in audience.members.values())
    return {
        "id": audience.tags[name].id,
        "name": name,
        "member_count": count,
        "type": "static",
        "options": {"match": "all", "conditions": []},
        "list_id": audience.id,
    }


def segments(account: Account, ask: Ask) -> Answer:
    """GET the static segments, which are the tags."""
    audience = account.audience(ask.ids[0])
    names = list(audience.tags)
    shown = [_segment(audience, name) for name in page_of(ask, names)]
    return collection(ask, "segments", shown, len(names), list_id=audience.id)


def create_segment(account: Account, ask: Ask) -> Answer:
    """POST a static segment, with the members named; unknown addresses are passed over."""
    audience = account.audience(ask.ids[0])
    body = require(NEW_SEGMENT, ask.json())
    audience.tag_named(body["name"])
    _tag_all(account, audience, body["name"], body.get("static_segment", []))
    return Answer(_segment(audience, body["name"]))


def segment_members(account: Account, ask: Ask) -> Answer:
    """POST members into or out of a static segment."""
    audience = account.audience(ask.ids[0])
    body = require(SEGMENT_MEMBERS, ask.json())
    name = next((tag.name for tag in audience.tags.values() if str(tag.id) == ask.ids[1]), None)
    if name is None:
        raise not_found()
    added = _tag_all(account, audience, name, body.get("members_to_add", []))
    leaving = [found for email in body.get("members_to_remove", []) if (found := audience.find(email))]
    for member in leaving:
        audience.untag(member, [name])
    removed = [member.profile for member in leaving]
    return Answer(
        {
            "members_added": added,
            "members_removed": removed,
            "errors": [],
            "total_added": len(added),
            "total_removed": len(removed),
            "error_count": 0,
        }
    )


def _tag_all(account: Account, audience: Audience, name: str, emails: list[str]) -> list[object]:
    found = [member for email in emails if (member := audience.find(email))]
    for member in found:
        audience.tag(member, [name], account.now_text())
    return [member.profile for member in found]


def events(account: Account, ask: Ask) -> Answer:
    """GET what was reported of a member."""
    member = account.audience(ask.ids[0]).get(ask.ids[1])
    shown = [event.shown() for event in page_of(ask, member.events)]
    return collection(ask, "events", shown, len(member.events))


def report_event(account: Account, ask: Ask) -> Answer:
    """POST something that a member did; nothing tells a repeated one from a new one."""
    member = account.audience(ask.ids[0]).get(ask.ids[1])
    body = require(EVENT, ask.json())
    if not 2 <= len(body["name"]) <= 30:
        raise invalid_resource(Flaw("name", "Value must have 2 to 30 characters"))
    at = body.get("occurred_at") or account.now_text()
    event = MemberEvent(at, body["name"], body.get("properties", {}), body.get("is_syncing", False))
    member.events += (event,)
    account.automations.after_event(member, event, account.now_text())
    return DONE


MEMBER = "/lists/{list_id}/members/{subscriber_hash}"
ENDPOINTS = (
    Endpoint("GET", f"{MEMBER}/tags", member_tags, PAGE),
    Endpoint("POST", f"{MEMBER}/tags", write_tags),
    Endpoint("GET", f"{MEMBER}/events", events, PAGE),
    Endpoint("POST", f"{MEMBER}/events", report_event),
    Endpoint("GET", "/lists/{list_id}/tag-search", tag_search, VIEW | {"name"}),
    Endpoint("GET", "/lists/{list_id}/segments", segments, PAGE | {"type"}),
    Endpoint("POST", "/lists/{list_id}/segments", create_segment),
    Endpoint("POST", "/lists/{list_id}/segments/{segment_id}", segment_members),
)
