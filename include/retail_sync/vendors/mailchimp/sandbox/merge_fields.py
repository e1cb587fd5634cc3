"""The merge fields of an audience: their definitions and the requests that change them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import Flaw, bad_request, invalid_resource, not_found
from retail_sync.vendors.mailchimp.sandbox.schema import (
    Json,
    boolean,
    choice,
    integer,
    many,
    require,
    string,
    text,
    thing,
)

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account
    from retail_sync.vendors.mailchimp.sandbox.audience import Audience

TYPES = (
    "text",
    "number",
    "address",
    "phone",
    "date",
    "url",
    "imageurl",
    "radio",
    "dropdown",
    "birthday",
    "zip",
)
WITH_CHOICES = ("radio", "dropdown")
#: ASSUMED: ten characters; upper case, digits and underscore are established.
TAG = re.compile(r"[A-Z0-9_]{1,10}\Z")
RESERVED = frozenset({"EMAIL"})
DEFAULTS = (
    ("FNAME", "First Name", "text"),
    ("LNAME", "Last Name", "text"),
    ("ADDRESS", "Address", "address"),
    ("PHONE", "Phone Number", "phone"),
)

OPTIONS = {
    "default_country": integer,
    "phone_format": choice("none", "US"),
    "date_format": text,
    "choices": many(text),
    "size": integer,
}
CHANGES = {
    "name": string(shortest=1),
    "tag": text,
    "required": boolean,
    "default_value": text,
    "public": boolean,
    "display_order": integer,
    "options": thing(OPTIONS),
    "help_text": text,
}
NEW = thing({**CHANGES, "type": choice(*TYPES)}, required=("name", "type"))
CHANGED = thing(CHANGES)


class MergeField(Struct, kw_only=True):
    """One merge field, as answers show it."""

    merge_id: int
    tag: str
    name: str
    type: str
    required: bool = False
    default_value: str = ""
    public: bool = False
    display_order: int = 0
    options: Json = field(default_factory=dict)
    help_text: str = ""
    list_id: str


def defaults(list_id: str) -> dict[str, MergeField]:
    """The fields that every new audience has, by tag."""
    return {
        tag: MergeField(merge_id=index, tag=tag, name=name, type=kind, display_order=index, list_id=list_id)
        for index, (tag, name, kind) in enumerate(DEFAULTS, start=1)
    }


def _check_tag(audience: Audience, tag: str) -> None:
    if tag in RESERVED or not TAG.match(tag):
        raise invalid_resource(Flaw("tag", "A tag has at most 10 upper case letters, digits or underscores"))
    if tag in audience.merge_fields:
        raise bad_request(f'A Merge Field with the tag "{tag}" already exists for this list.')


def _check_choices(kind: str, options: Json) -> None:
    if kind in WITH_CHOICES and not options.get("choices"):
        raise invalid_resource(Flaw("options.choices", "This field needs at least one choice"))


def index(account: Account, ask: Ask) -> Answer:
    """GET the fields of a list, with what the plan allows."""
    audience = account.audience(ask.ids[0])
    fields = list(audience.merge_fields.values())
    if kind := ask.query.get("type"):
        fields = [each for each in fields if each.type == kind]
    return collection(
        ask,
        "merge_fields",
        page_of(ask, fields),
        len(fields),
        list_id=audience.id,
        merge_field_limit=account.settings.merge_field_limit,
    )


def create(account: Account, ask: Ask) -> Answer:
    """POST a new field; existing members get an empty value for it."""
    audience = account.audience(ask.ids[0])
    body = require(NEW, ask.json())
    if len(audience.merge_fields) >= account.settings.merge_field_limit:
        raise bad_request("This list has reached its limit of merge fields.")
    number = audience.next_merge_id()
    body.setdefault("tag", f"MMERGE{number}")
    _check_tag(audience, body["tag"])
    _check_choices(body["type"], body.get("options", {}))
    body.setdefault("display_order", number)
    made = MergeField(merge_id=number, list_id=audience.id, **body)
    audience.merge_fields[made.tag] = made
    audience.rename_merge_value(None, made.tag)
    return Answer(made)


def _find(audience: Audience, merge_id: str) -> MergeField:
    for each in audience.merge_fields.values():
        if str(each.merge_id) == merge_id:
            return each
    raise not_found()


def show(account: Account, ask: Ask) -> Answer:
    """GET one field."""
    return viewed(ask, _find(account.audience(ask.ids[0]), ask.ids[1]))


def change(account: Account, ask: Ask) -> Answer:
    """PATCH a field; its type stays."""
    audience = account.audience(ask.ids[0])
    found = _find(audience, ask.ids[1])
    body = require(CHANGED, ask.json())
    old, tag = found.tag, body.get("tag", found.tag)
    if tag != old:
        _check_tag(audience, tag)
    _check_choices(found.type, {**found.options, **body.get("options", {})})
    for name, value in body.items():
        setattr(found, name, {**found.options, **value} if name == "options" else value)
    if tag != old:
        audience.merge_fields = {each.tag: each for each in audience.merge_fields.values()}
        audience.rename_merge_value(old, tag)
    return Answer(found)


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a field with its values."""
    audience = account.audience(ask.ids[0])
    found = _find(audience, ask.ids[1])
    del audience.merge_fields[found.tag]
    audience.rename_merge_value(found.tag, None)
    return DONE


ENDPOINTS = (
    Endpoint("GET", "/lists/{list_id}/merge-fields", index, PAGE | {"type", "required"}),
    Endpoint("POST", "/lists/{list_id}/merge-fields", create),
    Endpoint("GET", "/lists/{list_id}/merge-fields/{merge_id}", show, VIEW),
    Endpoint("PATCH", "/lists/{list_id}/merge-fields/{merge_id}", change),
    Endpoint("DELETE", "/lists/{list_id}/merge-fields/{merge_id}", remove),
)
