"""The Mailchimp sandbox: what goes wrong when a fault is switched on, as the vendor's own client meets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError  # type: ignore[import-untyped]

from .mailchimp_account import LIST, MEMBERS, STORE, Caller, account, put_member, vendor_client

ANN = "ann@mail.test"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account(batch_state_seconds=0.001, batch_operations_per_file=2) as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    """The account as it is at the start."""
    _running.control.reset()
    yield _running
    assert _running.control.log()["crashed"] == []


@pytest.fixture
def client(api: Caller) -> Any:
    """The vendor's client, pointed at the sandbox."""
    return vendor_client(api)


class TestRefusals:
    @pytest.mark.req("DAG-6")
    @pytest.mark.parametrize(("name", "status"), [("empty_429", 429), ("empty_403", 403)])
    def test_a_bare_refusal_looks_like_a_success_to_the_vendors_client(
        self, api: Caller, client: Any, name: str, status: int
    ) -> None:
        api.control.fault(name)
        answer = client.ping.get()
        assert isinstance(answer, requests.Response)
        assert (answer.status_code, answer.content) == (status, b"")

    @pytest.mark.req("DAG-6")
    @pytest.mark.parametrize(("name", "status"), [("html_403", 403), ("html_503", 503)])
    def test_a_firewall_answers_with_a_web_page(self, api: Caller, client: Any, name: str, status: int) -> None:
        api.control.fault(name)
        with pytest.raises(ApiClientError) as caught:
            client.ping.get()
        assert (caught.value.status_code, caught.value.text[:6]) == (status, "<html>")


class TestContacts:
    @pytest.mark.req("QUA-1")
    @pytest.mark.parametrize(
        ("name", "words"), [("signup_throttle", "signed up to a lot of lists"), ("fake_address", "looks fake")]
    )
    def test_an_address_is_refused_however_it_comes(self, api: Caller, client: Any, name: str, words: str) -> None:
        api.control.fault(name, endpoint="ann@*", times=None)
        with pytest.raises(ApiClientError) as caught:
            client.lists.add_list_member(LIST, {"email_address": ANN, "status": "subscribed"})
        assert words in caught.value.text
        many = client.lists.batch_list_members(LIST, {"members": [{"email_address": ANN, "status": "subscribed"}]})
        assert words in many["errors"][0]["error"]
        assert client.lists.add_list_member(LIST, {"email_address": "bo@mail.test", "status": "subscribed"})["id"]

    @pytest.mark.req("QUA-1")
    def test_a_contact_that_is_there_can_be_changed_all_the_same(self, api: Caller, client: Any) -> None:
        api.member(ANN)
        api.control.fault("signup_throttle", times=None)
        assert client.lists.update_list_member(LIST, ANN, {"vip": True})["vip"] is True

    @pytest.mark.req("CON-3")
    def test_pages_move_when_a_contact_is_edited_between_two_of_them(self, api: Caller, client: Any) -> None:
        for number in range(6):
            api.control.stand_at(NOW.replace(minute=number))
            api.member(f"m{number}@mail.test")
        api.control.stand_at(NOW.replace(hour=13))
        api.control.fault("edited_while_paging")
        pages = [
            client.lists.get_list_members_info(LIST, count=2, offset=offset, sort_field="last_changed", sort_dir="ASC")[
                "members"
            ]
            for offset in (0, 2, 4)
        ]
        seen = [[member["email_address"][:2] for member in page] for page in pages]
        # The first contact went to the end, so that the third moved onto the page that was read already.
        assert seen == [["m0", "m1"], ["m3", "m4"], ["m5", "m0"]]

    @pytest.mark.req("CON-3")
    def test_a_contact_stands_on_two_pages(self, api: Caller, client: Any) -> None:
        for number in range(4):
            api.member(f"m{number}@mail.test")
        api.control.fault("repeated_rows")
        pages = [client.lists.get_list_members_info(LIST, count=2, offset=offset)["members"] for offset in (0, 2)]
        assert [[member["email_address"][:2] for member in page] for page in pages] == [["m0", "m1"], ["m1", "m2"]]


class TestBatches:
    @pytest.mark.req("DAG-2")
    def test_an_operation_fails_among_others(self, api: Caller) -> None:
        api.control.fault("operation_fails", endpoint="PUT *", status=500)
        batch = api.finished(api.done("POST", "/batches", {"operations": [put_member(name) for name in "abc"]})["id"])
        assert (batch["errored_operations"], batch["finished_operations"]) == (1, 3)
        statuses = [status for status, _ in api.verdicts(batch["response_body_url"]).values()]
        assert sorted(statuses) == [200, 200, 500]
        assert api.done("GET", MEMBERS)["total_items"] == 2

    @pytest.mark.req("DAG-2")
    def test_a_batch_is_lost_with_its_results_and_what_it_did_stays(self, api: Caller, client: Any) -> None:
        batch = api.finished(api.done("POST", "/batches", {"operations": [put_member("a")]})["id"])
        api.control.fault("batch_lost", endpoint=batch["id"])
        for _ in range(2):
            with pytest.raises(ApiClientError) as caught:
                client.batches.status(batch["id"])
            assert caught.value.status_code == 404
        assert api.done("GET", MEMBERS)["total_items"] == 1

    @pytest.mark.req("DAG-2")
    def test_the_address_of_a_result_runs_out_and_a_new_one_is_given(self, api: Caller) -> None:
        batch = api.finished(api.done("POST", "/batches", {"operations": [put_member("a")]})["id"])
        api.control.fault("results_expired")
        assert requests.get(batch["response_body_url"], timeout=10).status_code == 403
        again = api.done("GET", f"/batches/{batch['id']}")
        assert api.verdicts(again["response_body_url"])["a"][0] == 200

    @pytest.mark.req("DAG-2")
    def test_a_batch_may_take_its_time(self, api: Caller) -> None:
        api.control.fault("batch_slow", seconds=0.2)
        batch = api.done("POST", "/batches", {"operations": [put_member("a")]})
        assert api.done("GET", f"/batches/{batch['id']}")["status"] == "pending"
        assert api.finished(batch["id"])["finished_operations"] == 1

    @pytest.mark.req("DAG-2")
    def test_a_result_comes_in_several_files_with_empty_ones_among_them(self, api: Caller) -> None:
        batch = api.finished(api.done("POST", "/batches", {"operations": [put_member(name) for name in "abcde"]})["id"])
        assert sorted(api.verdicts(batch["response_body_url"])) == list("abcde")


@pytest.mark.req("DAG-2")
def test_a_fault_may_hide_behind_a_write_that_was_done(api: Caller) -> None:
    api.store()
    api.control.fault("after_write_drop", endpoint=f"PUT {STORE.replace('shop', '{store_id}')}/customers/*")
    body = {"id": "c1", "email_address": ANN, "opt_in_status": False}
    with pytest.raises(requests.ConnectionError):
        api.call("PUT", f"{STORE}/customers/c1", body)
    assert api.done("GET", f"{STORE}/customers/c1")["email_address"] == ANN
