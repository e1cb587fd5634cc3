"""The Centra sandbox: what goes wrong when a fault is switched on, as a client meets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from .centra_shop import ALWAYS, NOON, Client, customer, placed, sandbox

ORDERS = """query Orders($after: String, $where: OrderFilter) {
  orderConnection(where: $where, sort: number_ASC, first: 2, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { number } }
  }
}"""
CUSTOMERS = "query Customers($page: Int!) { customers(sort: id_ASC, limit: 2, page: $page) { id updatedAt } }"
OPT_OUT = "mutation { updateCustomer(id: 1, input: {receiveNewsletters: false}) { userErrors { message path } } }"


@pytest.fixture
def client() -> Iterator[Client]:
    people = [customer(number) for number in range(1, 6)]
    with sandbox([*people, *(placed(number) for number in range(501, 507))]) as one:
        yield one
        assert one.app.log.as_dict()["crashed"] == []


def fault(client: Client, name: str, **fields: Any) -> None:
    client.app.faults.add([{"fault": name, **fields}])


def orders(client: Client, after: str | None = None, **where: Any) -> tuple[list[int], dict[str, Any]]:
    page = client.ask(ORDERS, {"after": after, "where": where or None})["orderConnection"]
    return [edge["node"]["number"] for edge in page["edges"]], page["pageInfo"]


def ids(client: Client, page: int) -> list[int]:
    return [one["id"] for one in client.ask(CUSTOMERS, {"page": page})["customers"]]


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("kind", ["REQUEST_COUNT", "QUERY_COMPLEXITY", "MUTATION_COUNT"])
def test_each_kind_of_limit_may_be_spent_by_somebody_else(client: Client, kind: str) -> None:
    fault(client, "quota_spent", options={"kind": kind})
    asked = OPT_OUT if kind == "MUTATION_COUNT" else "{ customers { id } }"
    refused = client.post(asked)
    assert refused.status_code == 429
    assert abs(int(refused.headers["Retry-After"]) - client.app.clock.now().timestamp()) < 60
    assert client.app.faults.listed()[0].fired == 1


@pytest.mark.req("DAG-6")
def test_a_limit_of_mutations_leaves_queries_alone(client: Client) -> None:
    fault(client, "quota_spent", options={"kind": "MUTATION_COUNT"})
    assert client.post("{ stores { id } }").status_code == 200
    assert client.post(OPT_OUT).status_code == 429


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize(
    ("form", "looks"), [("seconds", "1"), ("http_date", " GMT"), ("past", " GMT"), ("rubbish", "soon")]
)
def test_the_way_back_is_told_in_many_forms(client: Client, form: str, looks: str) -> None:
    fault(client, "quota_spent", options={"retry_after": form})
    assert client.post("{ stores { id } }").headers["Retry-After"].endswith(looks)


@pytest.mark.req("DAG-6")
def test_the_way_back_may_not_be_told_at_all(client: Client) -> None:
    fault(client, "quota_spent", options={"retry_after": "absent"})
    refused = client.post("{ stores { id } }")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, False)


@pytest.mark.req("OPS-3")
def test_a_token_runs_out_in_the_middle(client: Client) -> None:
    fault(client, "token_expired", skip=1)
    assert [client.post("{ stores { id } }").status_code for _ in range(3)] == [200, 401, 200]


@pytest.mark.req("OPS-3")
def test_a_permission_is_taken_away(client: Client) -> None:
    fault(client, "permission_lost", options={"permission": "Order.shippingAddress:read"}, times=None)
    assert orders(client)[0] == [501, 502]
    error = client.error("{ orders { shippingAddress { city } } }")
    assert error["extensions"]["category"] == "authorization"


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(("name", "category"), [("too_complex", "complexity"), ("graphql_error", "graphql")])
def test_a_valid_query_is_refused_with_a_200(client: Client, name: str, category: str) -> None:
    fault(client, name)
    answer = client.post("{ stores { id } }")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["category"] == category
    assert "data" not in answer.json()


@pytest.mark.req("OPS-3")
def test_deprecated_fields_are_told(client: Client) -> None:
    fault(client, "deprecated_fields", options={"fields": ["Return.status"]})
    assert client.post("{ stores { id } }").json()["extensions"]["deprecatedFieldsUsed"] == ["Return.status"]
    assert "deprecatedFieldsUsed" not in client.post("{ stores { id } }").json()["extensions"]


@pytest.mark.req("CON-3")
def test_a_mutation_is_refused_softly_and_changes_nothing(client: Client) -> None:
    fault(client, "user_errors", options={"message": "The customer is locked."})
    refused = client.ask(OPT_OUT)["updateCustomer"]["userErrors"]
    assert refused == [{"message": "The customer is locked.", "path": ["input"]}]
    assert client.ask("{ customers(where: {id: 1}) { newsletter } }")["customers"] == [{"newsletter": True}]


class TestPages:
    @pytest.mark.req("DAG-2")
    def test_rows_move_when_an_object_is_edited_between_two_pages(self, client: Client) -> None:
        window: dict[str, Any] = {"updatedAt": {**ALWAYS, "to": "2024-02-01T00:00:00Z"}}
        client.app.clock.stand(NOON.replace(year=2025))
        query = """query Page($where: OrderFilter, $page: Int) {
          orders(where: $where, sort: number_ASC, limit: 2, page: $page) { number }
        }"""
        fault(client, "edited_while_paging", skip=1)
        seen = [
            [one["number"] for one in client.ask(query, {"where": window, "page": page})["orders"]]
            for page in (1, 2, 3)
        ]
        # The first order left the window, so that the third one moved onto the page that was read already.
        assert seen == [[501, 502], [504, 505], [506]]

    @pytest.mark.req("DAG-2")
    def test_a_cursor_holds_while_an_object_is_edited(self, client: Client) -> None:
        window: dict[str, Any] = {"updatedAt": {**ALWAYS, "to": "2024-02-01T00:00:00Z"}}
        client.app.clock.stand(NOON.replace(year=2025))
        fault(client, "edited_while_paging", skip=1, options={"key": 504})
        first, info = orders(client, **window)
        assert (first, orders(client, info["endCursor"], **window)[0]) == ([501, 502], [503, 505])
        assert client.order(504)["updatedAt"].startswith("2025")

    @pytest.mark.req("DAG-2")
    def test_customers_and_products_are_edited_too(self, client: Client) -> None:
        fault(client, "edited_while_paging", options={"key": 3})
        before = {one["id"]: one["updatedAt"] for one in client.ask(CUSTOMERS, {"page": 2})["customers"]}
        assert before[3] != before[4]

    @pytest.mark.req("QUA-1")
    def test_a_row_stands_on_two_pages(self, client: Client) -> None:
        fault(client, "repeated_rows", skip=1, endpoint="orderConnection")
        first, info = orders(client)
        assert (first, orders(client, info["endCursor"])[0]) == ([501, 502], [502, 503])
        fault(client, "repeated_rows", skip=1, endpoint="customers")
        assert [ids(client, page) for page in (1, 2)] == [[1, 2], [2, 3]]

    @pytest.mark.req("REC-1")
    def test_a_page_comes_empty(self, client: Client) -> None:
        fault(client, "empty_page", skip=1, endpoint="customers")
        assert [ids(client, page) for page in (1, 2, 3)] == [[1, 2], [], [5]]

    @pytest.mark.req("REC-1")
    def test_a_cursor_leads_back_to_its_own_page(self, client: Client) -> None:
        fault(client, "stuck_cursor")
        _, first = orders(client)
        _, second = orders(client, first["endCursor"])
        assert second == {"hasNextPage": True, "endCursor": first["endCursor"]}


@pytest.mark.req("DAG-2")
def test_a_web_page_stands_where_json_should(client: Client) -> None:
    fault(client, "html_200")
    answer = client.post("{ stores { id } }")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
