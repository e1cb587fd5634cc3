"""The OrderWise sandbox as a caller meets it: who is let in, what REST shows, what goes wrong on a bad day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from retail_sync.sandbox.world.events import ShopEvent

from .centra_shop import NOON, customer, placed, product, shipped
from .orderwise_shop import Client, sandbox

ORDERS = "SELECT oh_id AS id FROM order_header ORDER BY oh_id"


@pytest.mark.req("OPS-3")
def test_a_token_is_a_bare_string_and_opens_the_door() -> None:
    with sandbox([customer(1)]) as client:
        answer = requests.get(f"{client.url}/token/gettoken", auth=client.login, timeout=30)
        token = answer.json()
        assert answer.text == f'"{token}"'
        assert token.startswith("eyJ")
        assert client.send("GET", "customers").status_code == 200


@pytest.mark.req("OPS-3", "SEC-1")
@pytest.mark.parametrize("login", [("api", "wrong"), ("nobody", "x"), ("till", "till")])
def test_whoever_is_no_api_user_gets_401_and_nothing(login: tuple[str, str]) -> None:
    with sandbox() as client:
        answer = requests.get(f"{client.url}/token/gettoken", auth=login, timeout=30)
        nobody = requests.get(f"{client.url}/customers", headers={"Authorization": "Bearer eyJ"}, timeout=30)
    assert (answer.status_code, answer.content) == (nobody.status_code, nobody.content) == (401, b"")


@pytest.mark.req("OPS-3")
def test_a_token_dies_and_a_new_one_opens_the_door_again() -> None:
    with sandbox([customer(1)], token_minutes=60) as client:
        client.get("customers")
        client.app.clock.stand(NOON + timedelta(days=30, minutes=61))
        assert client.send("GET", "customers").status_code == 401
        client.log_in()
        assert client.send("GET", "customers").status_code == 200


@pytest.mark.req("OPS-3")
def test_a_token_may_run_out_before_its_time() -> None:
    with sandbox([customer(1)]) as client:
        client.get("customers")
        client.app.faults.add([{"fault": "token_expired", "endpoint": "customers"}])
        assert [client.send("GET", "customers").status_code for _ in range(2)] == [401, 401]
        client.log_in()
        assert client.send("GET", "customers").status_code == 200


@pytest.mark.req("OPS-3")
def test_permissions_hang_on_the_users_group() -> None:
    user = {"name": "api", "password": "orderwise-sandbox-access", "permissions": ["system/export-definition"]}
    with sandbox([customer(1), product(), placed(501)], users=[user]) as client:
        assert client.send("GET", "customers").status_code == 403
        assert client.send("GET", "system/stock-locations").status_code == 403
        assert [row["id"] for row in client.rows(ORDERS)] == [1]
        client.app.faults.add([{"fault": "permission_lost", "endpoint": "export*"}])
        assert client.export().status_code == 403


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("path", ["/OWAPISB/CUSTOMERS", "/owapisb/customers", "/OwApiSb/Customers"])
def test_an_installation_has_a_base_path_of_its_own_and_capitals_dont_matter(path: str) -> None:
    with sandbox([customer(1)], base="/OWAPISB") as client:
        host, token = client.url.removesuffix("/OWAPISB"), client.log_in()
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{host}{path}", headers=headers, timeout=30).status_code == 200
        assert requests.get(f"{host}/owapi/customers", headers=headers, timeout=30).status_code in {401, 404}


@pytest.mark.req("DAG-2")
def test_customers_come_by_their_numbers_until_a_page_is_empty() -> None:
    with sandbox([customer(number) for number in range(1, 6)]) as client:
        pages, last = [], 0
        while page := client.get("customers", limit=2, last_id=last):
            pages.append([one["accountNumber"] for one in page])
            last = page[-1]["id"]
        assert client.send("GET", "customers", params={"last_id": last}).status_code == 204
    assert pages == [["WEB", "C1"], ["C2", "C3"], ["C4", "C5"]]


@pytest.mark.req("DAG-2")
def test_a_customer_shows_neither_consent_nor_when_it_changed() -> None:
    with sandbox([customer(1)]) as client:
        shown = client.get("customers/2")
        missing = client.send("GET", "customers/77")
    assert shown["statementEmail"] == "person1@mail.test"
    assert shown["accountCustomer"] is False
    assert shown["invoiceName"] is None
    assert not [name for name in shown if "amend" in name.lower() or "analysis" in name.lower()]
    assert missing.status_code == 404


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("listed", [True, False])
def test_one_of_something_comes_in_a_list_or_not(listed: bool) -> None:
    with sandbox([customer(1), product()], lists_contacts=listed, lists_variants=listed) as client:
        (contact,) = client.get("customers/2/customer-contacts")
        one = client.get("customers/2/customer-contacts", contact_id=contact["id"])
        variant = client.get("variants/1", include_sales_info="true")
    assert one == ([contact] if listed else contact)
    assert (variant[0] if listed else variant)["variantInfo"]["code"] == "P7-R-S"


@pytest.mark.req("CON-3")
def test_analysis_is_written_only_where_the_installation_takes_it() -> None:
    path, body = "customers/2/customer-contacts/1", {"analysis": {"l_1": False}}
    with sandbox([customer(1)]) as client:
        assert client.send("PUT", path, json=body).status_code == 405
    with sandbox([customer(1)], takes_analysis=True) as client:
        assert client.send("PUT", path, json=body).status_code == 200
        (shown,) = client.get("customers/2/customer-contacts", include_analysis="true")
        assert shown["analysis"]["l_1"] is False
        assert client.send("PUT", path, json={"analysis": {"l_11": False}}).status_code == 400
        assert client.send("PUT", path, json={"optOut": {}}).status_code == 400
        assert client.send("PUT", "customers/3/customer-contacts/1", json=body).status_code == 404


@pytest.mark.req("ORD-1", "CAT-1")
def test_rest_shows_status_stock_and_lists() -> None:
    events: list[ShopEvent] = [customer(1), product(), placed(501), shipped(501, (5011,), NOON, last=False)]
    with sandbox(events) as client:
        status = client.get("sales/order/1/status", include_lines="true", include_delivery="true")
        assert (status["orderStatus"], status["eCommerceOrderNumber"]) == ("Partially despatched", "501")
        assert [(one["quantity"], one["quantityToBeSent"]) for one in status["lines"]] == [(2, 1), (1, 1)]
        assert [one["consignmentNumber"] for one in status["deliveries"]] == ["TN5011"]
        assert client.get("stock/1/free-stock") == {"freeStockQty": 3.0}
        assert [one["variantCode"] for one in client.get("stock/variants", limit=2)] == ["P7-R-S", "P7-R-M"]
        assert client.get("system/stock-locations") == [{"id": 1, "name": "Main warehouse"}]
        assert {"id": 4, "description": "Credit"} in client.get("value-lists/15")


def _exported(client: Client, **fault: Any) -> list[int]:
    """What two runs of an export give, the second with a fault."""
    client.install(ORDERS)
    first = [row["id"] for row in client.export().json()]
    assert first == [1, 2, 3]
    client.app.faults.add([{"endpoint": "export 900", **fault}])
    answer = client.export()
    return [row["id"] for row in answer.json()] if answer.content else []


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ({"fault": "repeated_rows", "options": {"rows": 2}}, [2, 3, 1, 2, 3]),
        ({"fault": "empty_page"}, []),
    ],
)
def test_rows_may_be_repeated_or_missing(fault: dict[str, Any], found: list[int]) -> None:
    with sandbox([customer(1), product(), placed(501), placed(502), placed(503)]) as client:
        assert _exported(client, **fault) == found
        assert [row["id"] for row in client.export().json()] == [1, 2, 3]


@pytest.mark.req("DAG-2")
def test_a_row_may_be_amended_between_two_pages() -> None:
    amended = "SELECT ohd_oh_id AS id FROM order_header_detail WHERE ohd_last_amended_datetime > @since"
    with sandbox([customer(1), product(), placed(501), placed(502)]) as client:
        assert client.rows(amended, since="2024-02-01") == []
        client.app.faults.add([{"fault": "edited_while_paging", "endpoint": "export*", "options": {"key": "502"}}])
        assert client.rows(amended, since="2024-02-01") == [{"id": 2}]


@pytest.mark.req("DAG-6")
def test_a_server_may_be_too_busy_for_a_while() -> None:
    with sandbox([customer(1)]) as client:
        client.app.faults.add(
            [
                {"fault": "server_busy", "endpoint": "customers", "times": 2},
                {"fault": "server_busy", "options": {"status": 500}},
            ]
        )
        assert [client.send("GET", "customers").status_code for _ in range(4)] == [503, 503, 500, 200]


@pytest.mark.req("OPS-3")
def test_the_connection_that_is_told_opens_the_door() -> None:
    with sandbox([customer(1)]) as client:
        health = requests.get(f"{client.url.removesuffix('/owapi')}/_sandbox/health", timeout=30).json()
        told = health["connection"]
        answer = requests.get(f"{told['host']}/token/gettoken", auth=(told["login"], told["password"]), timeout=30)
    assert (told["conn_type"], answer.status_code) == ("orderwise", 200)
