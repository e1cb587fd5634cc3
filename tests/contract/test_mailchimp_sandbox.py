"""The Mailchimp sandbox: access, problems, lists and their members."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from retail_sync.sandbox.world.events import ContactLeft

from .mailchimp_account import KEY, LIST, MEMBERS, Caller, account

ANN = "Ann@mail.test"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    """The account as it is at the start."""
    _running.control.reset()
    yield _running
    assert _running.control.log()["crashed"] == []


def left(api: Caller, email: str) -> None:
    """Let a contact unsubscribe by himself."""
    api.control.apply([ContactLeft(at=datetime.now(UTC), email=email)])


def many(api: Caller, *members: dict[str, Any], query: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Write members at once."""
    return api.done("POST", f"/lists/{LIST}", {"members": list(members), **fields}, **(query or {}))


class TestAccess:
    def test_the_key_is_taken_as_password_and_as_token(self, api: Caller) -> None:
        url = f"{api.url}/3.0/ping"
        assert requests.get(url, auth=("", KEY), timeout=5).json() == {"health_status": "Everything's Chimpy!"}
        assert requests.get(url, headers={"Authorization": f"Bearer {KEY}"}, timeout=5).status_code == 200

    @pytest.mark.parametrize(
        ("headers", "title"),
        [
            ({}, "API Key Missing"),
            ({"Authorization": "Bearer wrong-us1"}, "API Key Invalid"),
            ({"Authorization": "Basic ???"}, "API Key Invalid"),
        ],
    )
    def test_other_keys_are_refused(self, api: Caller, headers: dict[str, str], title: str) -> None:
        answer = requests.get(f"{api.url}/3.0/ping", headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["title"]) == (401, title)

    def test_problems_are_documents(self, api: Caller) -> None:
        problem = api.refused("GET", "/lists/nowhere")
        assert problem.keys() == {"type", "title", "status", "detail", "instance"}
        assert (problem["status"], problem["title"]) == (404, "Resource Not Found")
        assert len(problem["instance"]) == 36

    def test_a_wrong_method_names_the_right_ones(self, api: Caller) -> None:
        answer = api.call("PUT", f"/lists/{LIST}")
        assert (answer.status, answer.headers["Allow"]) == (405, "DELETE, GET, PATCH, POST")

    def test_a_method_can_be_overridden_on_a_post_only(self, api: Caller) -> None:
        api.session.headers["X-HTTP-Method-Override"] = "PATCH"
        try:
            assert api.done("POST", f"/lists/{LIST}", {"name": "New"})["name"] == "New"
            assert api.call("GET", "/ping").status == 422
        finally:
            del api.session.headers["X-HTTP-Method-Override"]

    @pytest.mark.req("DAG-6")
    def test_the_eleventh_request_at_once_is_turned_away(self) -> None:
        with account(latency=0.3) as busy:
            statuses: list[int] = []

            def ask() -> None:
                statuses.append(requests.get(f"{busy.url}/3.0/ping", auth=("", KEY), timeout=5).status_code)

            threads = [threading.Thread(target=ask) for _ in range(14)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert 429 in statuses
            assert 200 in statuses

    def test_what_is_no_json_or_no_known_parameter_is_refused(self, api: Caller) -> None:
        answer = api.session.post(f"{api.url}/3.0{MEMBERS}", data=b"{", timeout=5)
        assert (answer.status_code, answer.json()["title"]) == (400, "JSON Parse Error")
        assert api.refused("GET", MEMBERS, since="2025-01-01")["errors"][0]["field"] == "since"


class TestMembers:
    def test_a_member_is_found_by_hash_address_and_contact_id(self, api: Caller) -> None:
        made = api.member(ANN, merge_fields={"FNAME": "Ann"})
        for key in (made["id"], "ann@MAIL.test", made["contact_id"]):
            assert api.done("GET", f"{MEMBERS}/{key}")["email_address"] == ANN
        assert made["merge_fields"] == {"FNAME": "Ann", "LNAME": "", "ADDRESS": "", "PHONE": ""}

    @pytest.mark.req("CON-1")
    def test_put_gives_the_status_of_a_new_member_only(self, api: Caller) -> None:
        body = {"email_address": ANN, "status_if_new": "subscribed"}
        assert (
            api.done("PUT", f"{MEMBERS}/{ANN}", {**body, "status_if_new": "transactional"})["status"] == "transactional"
        )
        assert api.done("PUT", f"{MEMBERS}/{ANN}", body)["status"] == "transactional"
        assert api.done("PUT", f"{MEMBERS}/{ANN}", {"status": "unsubscribed"})["status"] == "unsubscribed"
        assert api.done("PUT", f"{MEMBERS}/{ANN}", {"status": "subscribed"})["status"] == "subscribed"

    def test_a_second_post_says_that_the_member_exists(self, api: Caller) -> None:
        api.member(ANN)
        problem = api.refused("POST", MEMBERS, {"email_address": ANN.lower(), "status": "subscribed"})
        assert (problem["status"], problem["title"]) == (400, "Member Exists")

    @pytest.mark.req("CON-1")
    def test_who_left_by_himself_can_not_be_subscribed(self, api: Caller) -> None:
        api.member(ANN)
        left(api, ANN)
        problem = api.refused("PATCH", f"{MEMBERS}/{ANN}", {"status": "subscribed", "language": "sv"})
        assert problem["title"] == "Member In Compliance State"
        member = api.done("GET", f"{MEMBERS}/{ANN}")
        assert (member["status"], member["language"]) == ("unsubscribed", "")
        assert member["unsubscribe_reason"]
        assert api.done("PATCH", f"{MEMBERS}/{ANN}", {"status": "pending"})["status"] == "pending"
        assert [mail["kind"] for mail in api.control.state()["mails"]] == ["opt_in_confirmation"]

    @pytest.mark.req("SEC-2")
    def test_who_was_deleted_for_good_never_comes_back(self, api: Caller) -> None:
        api.member(ANN)
        api.done("POST", f"{MEMBERS}/{ANN}/actions/delete-permanent")
        assert api.call("GET", f"{MEMBERS}/{ANN}").status == 404
        for status in ("subscribed", "pending"):
            problem = api.refused("PUT", f"{MEMBERS}/{ANN}", {"email_address": ANN, "status_if_new": status})
            assert problem["title"] == "Forgotten Email Not Subscribed"
        assert ANN.lower() in api.control.state()["lists"][LIST]["forgotten"]

    def test_archived_members_are_hidden_and_stay_archived_without_a_status(self, api: Caller) -> None:
        api.member(ANN)
        api.done("DELETE", f"{MEMBERS}/{ANN}")
        assert api.done("GET", MEMBERS)["total_items"] == 0
        assert api.done("GET", MEMBERS, status="archived")["total_items"] == 1
        assert api.done("PUT", f"{MEMBERS}/{ANN}", {"status_if_new": "subscribed"})["status"] == "archived"
        assert api.done("PATCH", f"{MEMBERS}/{ANN}", {"language": "sv"})["status"] == "archived"
        assert api.done("PUT", f"{MEMBERS}/{ANN}", {"status": "subscribed"})["status"] == "subscribed"

    @pytest.mark.parametrize("email", ["a@example.com", "alex@gmail.com", "b@yopmail.com"])
    def test_invented_addresses_are_refused(self, api: Caller, email: str) -> None:
        problem = api.refused("POST", MEMBERS, {"email_address": email, "status": "subscribed"})
        assert problem["detail"] == f"{email} looks fake or invalid, please enter a real email address."

    @pytest.mark.req("ID-5")
    def test_an_address_changes_on_the_old_hash(self, api: Caller) -> None:
        old = api.member(ANN)
        api.member("bo@mail.test")
        assert api.refused("PUT", f"{MEMBERS}/{ANN}", {"email_address": "BO@mail.test"})["title"] == "Member Exists"
        new = api.done("PATCH", f"{MEMBERS}/{ANN}", {"email_address": "ann@post.test"})
        assert new["contact_id"] == old["contact_id"]
        assert new["id"] != old["id"]
        assert api.call("GET", f"{MEMBERS}/{old['id']}").status == 404

    @pytest.mark.parametrize(
        ("body", "field", "words"),
        [
            ({"status": "subscribed"}, "", "Required fields were not provided: email_address"),
            (
                {"email_address": None, "status": "subscribed"},
                "email_address",
                "Schema describes string, NULL found instead",
            ),
            (
                {"email_address": ANN, "status": "subscribed", "merge_fields": {"FNAME": None}},
                "merge_fields.FNAME",
                "Data did not match any of the schemas described in anyOf.",
            ),
            ({"email_address": ANN, "status": "archived"}, "status", "Value must be one of"),
            ({"email_address": ANN, "status": "subscribed", "name": "A"}, "name", "does not describe"),
        ],
    )
    def test_bodies_are_held_to_the_schema(self, api: Caller, body: Any, field: str, words: str) -> None:
        problem = api.refused("POST", MEMBERS, body)
        assert problem["title"] == "Invalid Resource"
        assert problem["errors"][0]["field"] == field
        assert words in problem["errors"][0]["message"]

    def test_patch_can_not_make_a_member_transactional(self, api: Caller) -> None:
        api.member(ANN)
        assert api.call("PATCH", f"{MEMBERS}/{ANN}", {"status": "transactional"}).status == 400


class TestReading:
    def test_pages_are_ten_long_and_a_thousand_at_most(self, api: Caller) -> None:
        many(api, *({"email_address": f"p{number}@mail.test", "status": "subscribed"} for number in range(25)))
        page = api.done("GET", MEMBERS)
        assert (len(page["members"]), page["total_items"]) == (10, 25)
        rest = api.done("GET", MEMBERS, count=1000, offset=20, fields="members.id,total_items")
        assert [*rest] == ["members", "total_items"]
        assert [[*member] for member in rest["members"]] == [["id"]] * 5
        assert "merge_fields" not in api.done("GET", MEMBERS, exclude_fields="members.merge_fields")["members"][0]
        assert api.call("GET", MEMBERS, count=1001).status == 400

    @pytest.mark.req("CON-3")
    def test_changes_are_found_by_their_time(self, api: Caller) -> None:
        noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
        api.control.stand_at(noon)
        api.member(ANN)
        api.member("bo@mail.test")
        api.control.stand_at(noon + timedelta(hours=1))
        left(api, "bo@mail.test")
        since = noon.isoformat()
        changed = api.done("GET", MEMBERS, since_last_changed=since)["members"]
        assert [(one["email_address"], one["status"]) for one in changed] == [("bo@mail.test", "unsubscribed")]
        before = api.done("GET", MEMBERS, before_last_changed=(noon + timedelta(minutes=1)).isoformat())
        assert [one["email_address"] for one in before["members"]] == [ANN]
        assert api.done("GET", MEMBERS, status="unsubscribed", unsubscribed_since=since)["total_items"] == 1
        assert api.call("GET", MEMBERS, unsubscribed_since=since).status == 400
        newest = api.done("GET", MEMBERS, sort_field="last_changed", sort_dir="DESC")["members"]
        assert newest[0]["email_address"] == "bo@mail.test"

    def test_lists_are_made_read_and_changed(self, api: Caller) -> None:
        contact = {"company": "Shop", "address1": "Road 1", "city": "Lund", "country": "SE"}
        defaults = {"from_name": "S", "from_email": "s@shop.test", "subject": "", "language": "sv"}
        about = {
            "name": "Second",
            "contact": contact,
            "permission_reminder": "You signed up",
            "campaign_defaults": defaults,
            "email_type_option": False,
        }
        made = api.done("POST", "/lists", about)
        assert api.done("GET", "/lists")["total_items"] == 2
        assert api.done("PATCH", f"/lists/{made['id']}", {"double_optin": True})["double_optin"] is True
        assert api.done("GET", f"/lists/{made['id']}")["stats"]["member_count"] == 0
        assert api.refused("POST", "/lists", {"name": "Third"})["title"] == "Invalid Resource"


class TestManyAtOnce:
    def test_each_member_has_its_own_verdict(self, api: Caller) -> None:
        api.member("old@mail.test")
        api.member("left@mail.test")
        left(api, "left@mail.test")
        api.member("gone@mail.test")
        api.done("POST", f"{MEMBERS}/gone@mail.test/actions/delete-permanent")
        answer = many(
            api,
            {"email_address": "new@mail.test", "status": "subscribed"},
            {"email_address": "old@mail.test", "language": "sv"},
            {"email_address": "left@mail.test", "status": "subscribed"},
            {"email_address": "gone@mail.test", "status": "subscribed"},
            {"email_address": "nobody@mail.test", "language": "sv"},
            {"email_address": "x@example.com", "status": "subscribed"},
            {"email_address": "bad@mail.test", "status": "subscribed", "merge_fields": {"FNAME": "x" * 256}},
            update_existing=True,
        )
        assert (answer["total_created"], answer["total_updated"], answer["error_count"]) == (1, 1, 5)
        assert [one["email_address"] for one in answer["new_members"]] == ["new@mail.test"]
        assert answer["updated_members"][0]["language"] == "sv"
        errors = {one["email_address"]: one for one in answer["errors"]}
        assert {one["error_code"] for one in answer["errors"]} == {"ERROR_GENERIC"}
        assert "compliance state" in errors["left@mail.test"]["error"]
        assert "permanently deleted" in errors["gone@mail.test"]["error"]
        assert "looks fake" in errors["x@example.com"]["error"]
        assert errors["bad@mail.test"]["field"] == "FNAME"

    @pytest.mark.req("CON-1")
    def test_existing_members_are_left_alone_unless_asked(self, api: Caller) -> None:
        api.member(ANN, "unsubscribed")
        answer = many(api, {"email_address": ANN, "status": "subscribed"})
        assert answer["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"
        assert api.done("GET", f"{MEMBERS}/{ANN}")["status"] == "unsubscribed"

    def test_an_update_leaves_an_archived_member_archived_unless_it_gives_a_status(self, api: Caller) -> None:
        api.member(ANN)
        api.done("DELETE", f"{MEMBERS}/{ANN}")
        many(api, {"email_address": ANN, "language": "sv"}, update_existing=True)
        assert api.done("GET", f"{MEMBERS}/{ANN}")["status"] == "archived"
        many(api, {"email_address": ANN, "status": "subscribed"}, update_existing=True)
        assert api.done("GET", f"{MEMBERS}/{ANN}")["status"] == "subscribed"

    def test_duplicates_are_errors_or_skipped(self, api: Caller) -> None:
        twice = [{"email_address": ANN, "status": "subscribed"}, {"email_address": ANN.upper(), "status": "cleaned"}]
        assert many(api, *twice, query={"skip_duplicate_check": True})["error_count"] == 0
        assert api.done("GET", f"{MEMBERS}/{ANN}")["status"] == "subscribed"
        assert many(api, *twice, update_existing=True)["error_count"] == 1

    def test_tags_are_added_or_replaced(self, api: Caller) -> None:
        many(api, {"email_address": ANN, "status": "subscribed", "tags": ["a", "b"]})
        many(api, {"email_address": ANN, "tags": ["c"]}, update_existing=True)
        tags = api.done("GET", f"{MEMBERS}/{ANN}/tags", count=50)["tags"]
        assert [tag["name"] for tag in tags] == ["a", "b", "c"]
        many(api, {"email_address": ANN, "tags": ["b", "d"]}, update_existing=True, sync_tags=True)
        assert [tag["name"] for tag in api.done("GET", f"{MEMBERS}/{ANN}")["tags"]] == ["b", "d"]

    def test_more_than_five_hundred_or_a_wrong_type_spoil_the_request(self, api: Caller) -> None:
        members = [{"email_address": f"p{number}@mail.test", "status": "subscribed"} for number in range(501)]
        assert api.refused("POST", f"/lists/{LIST}", {"members": members})["errors"][0]["field"] == "members"
        problem = api.refused("POST", f"/lists/{LIST}", {"members": [members[0], {"email_address": 1}]})
        assert problem["errors"][0]["field"] == "members.item:1.email_address"
        assert api.done("GET", MEMBERS)["total_items"] == 0


@pytest.mark.req("CON-8")
def test_the_books_tell_the_history_of_consent(api: Caller) -> None:
    api.member(ANN, "transactional")
    api.done("PUT", f"{MEMBERS}/{ANN}", {"status": "subscribed"})
    left(api, ANN)
    (member,) = api.control.state()["lists"][LIST]["members"]
    assert [(one["status"], one["cause"]) for one in member["history"]] == [
        ("transactional", "member_post"),
        ("subscribed", "member_put"),
        ("unsubscribed", "contact_left"),
    ]
    assert (member["created_as"], member["left"]) == ("transactional", True)


def test_writes_are_counted_where_they_reach_a_resource(api: Caller) -> None:
    api.member(ANN)
    api.call("POST", MEMBERS, {"email_address": ANN, "status": "subscribed"})
    api.call("POST", "/nowhere", {})
    api.done("GET", MEMBERS)
    log = api.control.log()
    assert (log["requests"], log["writes"], log["crashed"]) == (4, 2, [])
    assert log["by_endpoint"]["POST /lists/{list_id}/members"] == {"requests": 2, "writes": 2}
