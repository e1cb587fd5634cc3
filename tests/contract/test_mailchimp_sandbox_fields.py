"""The Mailchimp sandbox: merge fields and their values, tags, segments, events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .mailchimp_account import LIST, MEMBERS, Caller, account

ANN = "ann@mail.test"
FIELDS = f"/lists/{LIST}/merge-fields"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account(merge_field_limit=8) as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    """The account as it is at the start."""
    _running.control.reset()
    yield _running
    assert _running.control.log()["crashed"] == []


def field(api: Caller, tag: str, kind: str, **more: Any) -> Any:
    """A new merge field."""
    return api.done("POST", FIELDS, {"name": tag, "tag": tag, "type": kind, **more})


def test_a_list_begins_with_four_fields_and_takes_as_many_as_the_plan_allows(api: Caller) -> None:
    listing = api.done("GET", FIELDS, count=100)
    assert [one["tag"] for one in listing["merge_fields"]] == ["FNAME", "LNAME", "ADDRESS", "PHONE"]
    assert listing["merge_field_limit"] == 8
    for number in range(4):
        field(api, f"F{number}", "text")
    assert api.refused("POST", FIELDS, {"name": "Fifth", "type": "text"})["status"] == 400


@pytest.mark.parametrize("tag", ["lower", "WITH SPACE", "TOOLONGATAG", "EMAIL", ""])
def test_tags_are_short_and_in_capitals(api: Caller, tag: str) -> None:
    assert api.refused("POST", FIELDS, {"name": "X", "tag": tag, "type": "text"})["errors"][0]["field"] == "tag"


def test_fields_are_changed_and_removed_with_their_values(api: Caller) -> None:
    made = field(api, "LTV", "number")
    api.member(ANN, merge_fields={"LTV": "12.50"})
    assert api.refused("POST", FIELDS, {"name": "X", "tag": "LTV", "type": "text"})["title"] == "Bad Request"
    one = f"{FIELDS}/{made['merge_id']}"
    assert api.done("PATCH", one, {"tag": "VALUE"})["tag"] == "VALUE"
    assert api.done("GET", f"{MEMBERS}/{ANN}")["merge_fields"]["VALUE"] == 12.5
    assert api.refused("PATCH", one, {"type": "text"})["errors"][0]["field"] == "type"
    api.done("DELETE", one)
    assert "VALUE" not in api.done("GET", f"{MEMBERS}/{ANN}")["merge_fields"]
    assert api.call("GET", one).status == 404


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("kind", "options", "good", "bad"),
    [
        ("text", {}, "x" * 255, "x" * 256),
        ("number", {}, -12.5, "twelve"),
        ("date", {}, "2026-02-28", "2026-02-30"),
        ("date", {}, "2026-02-28", "28.02.2026"),
        ("birthday", {}, "02/29", "13/01"),
        ("phone", {"phone_format": "US"}, "555-123-4567", "+46 70 1"),
        ("phone", {"phone_format": "none"}, "+46 70 1", "x" * 256),
        ("url", {}, "https://shop.test/a", "shop"),
        ("imageurl", {}, "http://shop.test/a.png", "a.png"),
        ("zip", {}, "12345", "222 22"),
        ("dropdown", {"choices": ["new", "repeat"]}, "repeat", "vip"),
        ("radio", {"choices": ["yes"]}, "yes", "no"),
        ("address", {}, {"addr1": "Road 1", "city": "Lund", "state": "M", "zip": "22222"}, {"addr1": "Road 1"}),
        ("address", {}, {"addr1": "A", "city": "L", "state": "M", "zip": "2"}, {"street": "Road 1"}),
    ],
)
def test_values_must_suit_their_field(api: Caller, kind: str, options: Any, good: Any, bad: Any) -> None:
    field(api, "X", kind, options=options)
    api.member(ANN, merge_fields={"X": good})
    problem = api.refused("PATCH", f"{MEMBERS}/{ANN}", {"merge_fields": {"X": bad, "FNAME": "Ann"}})
    assert problem["detail"] == "Your merge fields were invalid."
    assert [error["field"] for error in problem["errors"]] == ["X"]
    kept = api.done("GET", f"{MEMBERS}/{ANN}")["merge_fields"]
    assert kept["FNAME"] == ""
    assert kept["X"] == ({**good, "addr2": "", "country": "US"} if kind == "address" else good)
    assert api.done("PATCH", f"{MEMBERS}/{ANN}", {"merge_fields": {"X": ""}})["merge_fields"]["X"] == ""


def test_a_tag_that_no_field_has_is_refused(api: Caller) -> None:
    body = {"email_address": ANN, "status": "subscribed", "merge_fields": {"NOSUCH": "x"}}
    assert api.refused("POST", MEMBERS, body)["errors"][0]["field"] == "NOSUCH"


def test_required_fields_can_be_waived(api: Caller) -> None:
    field(api, "NEED", "text", required=True)
    body = {"email_address": ANN, "status": "subscribed"}
    problem = api.refused("POST", MEMBERS, body)
    assert problem["errors"] == [{"field": "NEED", "message": "Please enter a value"}]
    api.done("POST", MEMBERS, body, skip_merge_validation="True")
    assert api.call("PATCH", f"{MEMBERS}/{ANN}", {"language": "sv"}).status == 400
    assert api.call("PATCH", f"{MEMBERS}/{ANN}", {"merge_fields": {"NEED": "x"}}).status == 200


def test_tags_come_and_go_without_touching_the_time_of_change(api: Caller) -> None:
    changed = api.member(ANN, tags=["old"])["last_changed"]
    tags = [{"name": "new", "status": "active"}, {"name": "old", "status": "inactive"}]
    assert api.call("POST", f"{MEMBERS}/{ANN}/tags", {"tags": tags, "is_syncing": True}).status == 204
    assert [tag["name"] for tag in api.done("GET", f"{MEMBERS}/{ANN}/tags")["tags"]] == ["new"]
    member = api.done("GET", f"{MEMBERS}/{ANN}")
    assert (member["tags_count"], member["last_changed"]) == (1, changed)
    assert [tag["name"] for tag in api.done("GET", f"/lists/{LIST}/tag-search", name="ne")["tags"]] == ["new"]
    assert api.call("POST", f"{MEMBERS}/{ANN}/tags", {"tags": ["new"]}).status == 400


def test_segments_are_tags(api: Caller) -> None:
    api.member(ANN)
    made = api.done("POST", f"/lists/{LIST}/segments", {"name": "vip", "static_segment": [ANN, "nobody@mail.test"]})
    assert made["member_count"] == 1
    assert api.done("GET", f"{MEMBERS}/{ANN}")["tags"] == [{"id": made["id"], "name": "vip"}]
    change = {"members_to_remove": [ANN], "members_to_add": ["nobody@mail.test"]}
    answer = api.done("POST", f"/lists/{LIST}/segments/{made['id']}", change)
    assert (answer["total_added"], answer["total_removed"]) == (0, 1)
    assert api.done("GET", f"/lists/{LIST}/segments")["segments"][0]["member_count"] == 0


@pytest.mark.req("EVT-1")
def test_events_need_a_member_and_are_kept(api: Caller) -> None:
    event = {"name": "added_to_basket", "properties": {"sku": "A-1"}, "occurred_at": "2026-01-02T03:04:05Z"}
    assert api.call("POST", f"{MEMBERS}/{ANN}/events", event).status == 404
    api.member(ANN)
    assert api.call("POST", f"{MEMBERS}/{ANN}/events", event).status == 204
    assert api.call("POST", f"{MEMBERS}/{ANN}/events", {**event, "name": "x"}).status == 400
    assert api.call("POST", f"{MEMBERS}/{ANN}/events", {**event, "properties": {"sku": 1}}).status == 400
    assert api.done("GET", f"{MEMBERS}/{ANN}/events")["events"] == [event]
