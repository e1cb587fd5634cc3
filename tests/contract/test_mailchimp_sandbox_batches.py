"""The Mailchimp sandbox: batches, and the vendor's own Python client against the whole of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError  # type: ignore[import-untyped]

from .mailchimp_account import KEY, LIST, MEMBERS, STORE, Caller, account, order, product, put_member, vendor_client

ANN = "ann@mail.test"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account(batch_state_seconds=0.001, batch_operations_per_file=3) as caller:
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


def submit(api: Caller, *operations: dict[str, Any]) -> Any:
    """A new batch."""
    return api.done("POST", "/batches", {"operations": list(operations)})


class TestBatches:
    def test_every_operation_has_its_verdict(self, api: Caller) -> None:
        made = submit(
            api,
            *(put_member(f"p{number}") for number in range(5)),
            {"method": "GET", "path": f"lists/{LIST}", "params": {"fields": "id"}, "operation_id": "get"},
            {"method": "POST", "path": MEMBERS, "body": "{", "operation_id": "broken"},
            {"method": "PUT", "path": "/ping", "operation_id": "method"},
            {"method": "DELETE", "path": f"{MEMBERS}/nobody@mail.test", "operation_id": "gone"},
        )
        assert (made["status"], made["total_operations"], made["response_body_url"]) == ("pending", 0, "")
        batch = api.finished(made["id"])
        assert (batch["total_operations"], batch["finished_operations"], batch["errored_operations"]) == (9, 9, 3)
        verdicts = api.verdicts(batch["response_body_url"])
        assert {name: status for name, (status, _) in verdicts.items()} == {
            **{f"p{number}": 200 for number in range(5)},
            "get": 200,
            "broken": 400,
            "method": 405,
            "gone": 404,
        }
        assert verdicts["p1"][1]["email_address"] == "p1@mail.test"
        assert verdicts["get"][1] == {"id": LIST}

    def test_the_order_inside_a_batch_is_not_that_of_the_request(self, api: Caller) -> None:
        batch = api.finished(submit(api, *(put_member(f"p{number:02}") for number in range(20)))["id"])
        done = [one["email_address"] for one in api.done("GET", MEMBERS, count=100)["members"]]
        assert sorted(done) == [f"p{number:02}@mail.test" for number in range(20)]
        assert done != sorted(done)
        assert batch["errored_operations"] == 0

    @pytest.mark.req("OPS-4")
    def test_operations_count_as_writes_and_the_batch_does_not(self, api: Caller) -> None:
        reading = submit(api, {"method": "GET", "path": f"/lists/{LIST}"})
        api.finished(reading["id"])
        assert api.control.log()["writes"] == 0
        api.finished(submit(api, put_member("ann"), put_member("bo"))["id"])
        assert api.control.log()["writes"] == 2

    @pytest.mark.req("SEC-1")
    def test_the_result_is_for_who_has_its_address_and_sends_no_key(self, api: Caller) -> None:
        batch = api.finished(submit(api, put_member("ann"))["id"])
        url = batch["response_body_url"]
        assert requests.get(url, timeout=5).status_code == 200
        assert requests.get(url, auth=("x", KEY), timeout=5).status_code == 400
        assert requests.get(url[:-1] + "x", timeout=5).status_code == 403
        api.control.shift_clock(601)
        assert requests.get(url, timeout=5).status_code == 403
        fresh = api.done("GET", f"/batches/{batch['id']}")["response_body_url"]
        assert api.verdicts(fresh)["ann"][0] == 200
        api.control.shift_clock(8 * 86400)
        assert api.call("GET", f"/batches/{batch['id']}").status == 404

    def test_a_body_is_text_and_a_batch_not_empty(self, api: Caller) -> None:
        operation = {**put_member("ann"), "body": {"email_address": ANN}}
        problem = api.refused("POST", "/batches", {"operations": [operation]})
        assert problem["errors"] == [
            {"field": "operations.item:0.body", "message": "Schema describes string, object found instead"}
        ]
        assert api.call("POST", "/batches", {"operations": []}).status == 400

    def test_a_batch_can_be_stopped(self) -> None:
        with account(batch_state_seconds=30) as slow:
            batch = submit(slow, put_member("ann"))
            slow.done("DELETE", f"/batches/{batch['id']}")
            assert slow.call("GET", f"/batches/{batch['id']}").status == 404

    @pytest.mark.req("DAG-6")
    def test_only_so_many_may_be_pending(self) -> None:
        with account(batch_state_seconds=30, batch_pending_limit=2) as slow:
            for name in ("ann", "bo"):
                submit(slow, put_member(name))
            answer = slow.call("POST", "/batches", {"operations": [put_member("cy")]})
            assert answer.status == 429
            assert slow.done("GET", "/batches")["total_items"] == 2


class TestVendorsClient:
    def test_lists_members_and_fields(self, client: Any) -> None:
        assert client.ping.get() == {"health_status": "Everything's Chimpy!"}
        assert client.root.get_root()["account_name"] == "Sandbox"
        assert client.lists.get_all_lists()["lists"][0]["id"] == LIST
        client.lists.add_list_merge_field(LIST, {"name": "Value", "tag": "LTV", "type": "number"})
        body = {"email_address": ANN, "status_if_new": "subscribed", "merge_fields": {"LTV": 12.5}}
        made = client.lists.set_list_member(LIST, ANN, body, skip_merge_validation=True)
        assert client.lists.get_list_member(LIST, made["id"])["merge_fields"]["LTV"] == 12.5
        client.lists.update_list_member_tags(LIST, made["id"], {"tags": [{"name": "vip", "status": "active"}]})
        members = [{"email_address": "bo@mail.test", "status": "subscribed"}]
        assert client.lists.batch_list_members(LIST, {"members": members})["total_created"] == 1
        page = client.lists.get_list_members_info(LIST, count=1, offset=1, fields=["members.email_address"])
        assert page == {"members": [{"email_address": "bo@mail.test"}]}
        assert client.lists.tag_search(LIST, name="v")["tags"][0]["name"] == "vip"
        client.lists.delete_list_member(LIST, made["id"])
        assert client.lists.get_list_members_info(LIST)["total_items"] == 1

    def test_a_store_with_products_and_orders(self, client: Any) -> None:
        store = {"id": "shop", "list_id": LIST, "name": "S", "currency_code": "SEK"}
        assert client.ecommerce.add_store(store)["list_id"] == LIST
        client.ecommerce.add_store_product("shop", product())
        buyer = {"id": "c1", "email_address": ANN, "opt_in_status": False}
        client.ecommerce.set_store_customer("shop", "c1", buyer)
        assert client.ecommerce.add_store_order("shop", order("1"))["order_total"] == 20.2
        assert client.ecommerce.update_order("shop", "1", {"order_total": 5})["customer"]["total_spent"] == 5
        assert client.ecommerce.get_store_orders("shop")["total_items"] == 1
        client.ecommerce.add_store_cart("shop", order("k1"))
        client.ecommerce.delete_store_cart("shop", "k1")

    def test_a_batch_and_its_result(self, client: Any, api: Caller) -> None:
        api.store()
        path = f"{STORE}/products"
        operation = {"method": "POST", "path": path, "body": json.dumps(product()), "operation_id": "p1"}
        made = client.batches.start({"operations": [operation]})
        api.finished(made["id"])
        url = client.batches.status(made["id"])["response_body_url"]
        assert api.verdicts(url)["p1"][0] == 200

    def test_an_error_reaches_the_client(self, client: Any) -> None:
        with pytest.raises(ApiClientError) as raised:
            client.lists.get_list_member(LIST, "nobody@mail.test")
        assert raised.value.status_code == 404
