"""The Centra sandbox over real HTTP: schema, pages, tokens, permissions and limits, as a client meets them."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
import requests
from graphql import GraphQLObjectType, GraphQLSchema, build_client_schema, get_introspection_query, parse, validate

from retail_sync.sandbox.kit import Faults
from retail_sync.sandbox.world.events import ShopEvent, StockChanged
from retail_sync.sandbox.world.history import history
from retail_sync.vendors.centra.sandbox.dates import Calendar
from retail_sync.vendors.centra.sandbox.documents import Document, Library
from retail_sync.vendors.centra.sandbox.execution import Engine
from retail_sync.vendors.centra.sandbox.nodes import Graph
from retail_sync.vendors.centra.sandbox.quotas import Quotas
from retail_sync.vendors.centra.sandbox.roots import Roots
from retail_sync.vendors.centra.sandbox.schema import build_schema
from retail_sync.vendors.centra.sandbox.settings import Settings, Token
from retail_sync.vendors.centra.sandbox.shelf import Shelf
from retail_sync.vendors.centra.sandbox.shop import Shop
from retail_sync.vendors.centra.sandbox.traps import Traps
from tests.contract.centra_shop import ALWAYS, NOON, OPERATIONS, TOKEN, Client, customer, placed, product, sandbox


def schema_of(client: Client) -> GraphQLSchema:
    introspection: Any = client.ask(get_introspection_query())
    return build_client_schema(introspection)


@pytest.mark.req("DAG-2")
def test_operations_of_a_client_are_valid_against_the_introspected_schema() -> None:
    with sandbox([]) as client:
        schema = schema_of(client)
    assert validate(schema, parse(OPERATIONS)) == []
    person = schema.type_map["Customer"]
    assert isinstance(person, GraphQLObjectType)
    flags = {name for name, field in person.fields.items() if str(field.type) == "Boolean!"}
    assert flags == {"newsletter", "registered", "isAnonymized"}


@pytest.mark.req("OPS-3")
def test_the_names_of_the_customers_flags_are_a_setting() -> None:
    with sandbox([customer(1)], newsletter_field="isSubscriber", registered_field="hasAccount") as client:
        found = client.ask("{ customers { isSubscriber hasAccount } }")["customers"]
        assert "Cannot query field 'newsletter'" in client.error("{ customers { newsletter } }")["message"]
    assert found == [{"isSubscriber": True, "hasAccount": True}]


@pytest.mark.req("OPS-3")
def test_unknown_fields_and_wrong_types_are_refused() -> None:
    with sandbox([]) as client:
        assert "data" not in client.post("{ orders { trackingUrl } }").json()
        assert "Int" in client.error('{ orders(where: {number: "a"}) { id } }')["message"]
        wrong = client.error("query Q($from: DateTimeTz!) { orders(where: {updatedAt: {from: $from}}) { id } }", {})
        assert "$from" in wrong["message"]
        assert client.post("{ orders {").json()["errors"][0]["extensions"] == {"category": "graphql"}
        assert "exactly one key" in client.error('{customers(where:{email:{equals:"a",contains:"b"}}){id}}')["message"]
        assert requests.post(f"{client.url}/graphql", data=b"{", headers=_bearer(), timeout=30).status_code == 400


def _bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.req("DAG-2")
def test_cursors_hold_while_rows_come_and_go_and_page_numbers_do_not() -> None:
    pages = "{ orders(limit: 2, page: %d) { number } }"
    with sandbox([customer(1), *(placed(number) for number in range(1, 5))]) as client:
        variables = {**ALWAYS, "first": 2, "after": None}
        first = client.ask(OPERATIONS, variables, "OrdersDelta")["orderConnection"]
        newest = client.ask(pages % 1)["orders"]
        client.app.apply([placed(9)])
        variables["after"] = first["pageInfo"]["endCursor"]
        second = client.ask(OPERATIONS, variables, "OrdersDelta")["orderConnection"]
        shifted = client.ask(pages % 2)["orders"]
    assert base64.b64decode(first["pageInfo"]["endCursor"]) == b"number:2"
    assert [edge["node"]["number"] for edge in second["edges"]] == [3, 4]
    assert second["pageInfo"]["hasNextPage"] is True
    assert [order["number"] for order in newest] == [4, 3]
    assert [order["number"] for order in shifted] == [3, 2]


@pytest.mark.req("DAG-2")
def test_connections_go_both_ways_and_by_dates() -> None:
    events: list[ShopEvent] = [customer(1), *(placed(number, at=NOON) for number in range(1, 6))]
    query = """
    query Q($first: Int, $after: String, $last: Int, $before: String, $sort: [OrderSort!]) {
      orderConnection(first: $first, after: $after, last: $last, before: $before, sort: $sort) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { number } }
      }
    }"""
    with sandbox(events) as client:

        def page(**variables: Any) -> tuple[list[int], dict[str, Any]]:
            found = client.ask(query, variables)["orderConnection"]
            assert found["totalCount"] == 5
            return [edge["node"]["number"] for edge in found["edges"]], found["pageInfo"]

        numbers, info = page(last=2)
        assert (numbers, info["hasPreviousPage"], info["hasNextPage"]) == ([4, 5], True, False)
        assert page(last=2, before=info["startCursor"])[0] == [2, 3]
        numbers, info = page(first=2, sort="orderDate_ASC")
        assert numbers == [1, 2]
        assert page(first=2, after=info["endCursor"], sort="orderDate_ASC")[0] == [3, 4]
        numbers, info = page(first=3, sort="number_DESC")
        assert numbers == [5, 4, 3]
        assert page(first=3, after=info["endCursor"], sort="number_DESC")[0] == [2, 1]
        assert page(last=1, before=info["endCursor"], sort="number_DESC")[0] == [4]
        assert "cursor" in client.error(query, {"first": 1, "after": "rubbish"})["message"]


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize(
    "selection",
    [
        "orders(limit: 201) { id }",
        "orders(limit: 0) { id }",
        "orders(page: 0) { id }",
        "orderConnection(first: 201) { totalCount }",
        "orderConnection { totalCount }",
        "orderConnection(first: 1, last: 1) { totalCount }",
        "products { displays(limit: 201) { id } }",
        "events(limit: 201) { id }",
    ],
)
def test_pages_out_of_range_are_refused(selection: str) -> None:
    with sandbox([product()]) as client:
        answer = client.post(f"{{ {selection} }}").json()
    assert answer["data"] is None
    assert answer["errors"][0]["path"][0] == selection.split("(", maxsplit=1)[0].split(" ", maxsplit=1)[0]


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_wrong_or_expired_token_is_refused() -> None:
    tokens = [{"value": "fresh"}, {"value": "stale", "expires_at": "2024-02-01T00:00:00Z"}]
    with sandbox([], tokens=tokens) as client:
        statuses = {}
        for value in ("fresh", "stale", "unknown", ""):
            client.token = value
            statuses[value] = client.post("{ stores { id } }").status_code
        cookie = requests.post(
            f"{client.url}/graphql",
            json={"query": "{ stores { name } }"},
            headers={"Cookie": "graphql-access=fresh"},
            timeout=30,
        )
    assert statuses == {"fresh": 200, "stale": 401, "unknown": 401, "": 401}
    assert cookie.json()["data"]["stores"] == [{"name": "Retail"}, {"name": "Wholesale"}]


@pytest.mark.req("OPS-3")
def test_a_missing_permission_is_named_and_there_is_no_data() -> None:
    tokens = [{"value": TOKEN, "permissions": ["Order:read", "Store:read"]}]
    with sandbox([customer(1), placed(1)], tokens=tokens) as client:
        allowed = client.post("{ orders { id store { id } } }").json()
        refused = client.post("{ orders { id\n shippingAddress { city } } }").json()
        free = client.post("{ rateLimits { type } }").json()
        written = client.error("mutation { confirmEvents(input: {eventsIds: 1}) { userErrors { message } } }")
    assert allowed["extensions"]["permissionsUsed"] == ["Order:read", "Store:read"]
    assert allowed["extensions"]["complexity"] == 1 + 20 * 3
    assert allowed["extensions"]["appVersion"]
    assert "data" not in refused
    (error,) = refused["errors"]
    assert "Order.shippingAddress:read" in error["message"]
    assert error["extensions"] == {"category": "authorization"}
    assert error["locations"] == [{"line": 2, "column": 2}]
    assert len(free["data"]["rateLimits"]) == 6
    assert "Event:write" in written["message"]


@pytest.mark.req("OPS-3")
def test_a_token_of_one_store_sees_no_other() -> None:
    events: list[ShopEvent] = [customer(1), placed(1), placed(2, store_type="WHOLESALE")]
    with sandbox(events, tokens=[{"value": TOKEN, "store_id": 2}]) as client:
        assert client.ask("{ orders { number } customers { id } }") == {"orders": [{"number": 2}], "customers": []}


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("form", ["epoch", "http_date", "seconds"])
def test_too_many_requests_are_told_when_to_come_back(form: str) -> None:
    with sandbox([], plan_scale=0.001, retry_after=form) as client:
        # Five an hour: the eighth is too many however slow the machine is.
        answers = [client.post("{ stores { id } }") for _ in range(8)]
    assert (answers[0].status_code, answers[-1].status_code) == (200, 429)
    told = answers[-1].headers["Retry-After"]
    if form == "epoch":
        assert abs(int(told) - client.app.clock.now().timestamp()) < 3_600
    elif form == "seconds":
        assert 1 <= int(told) <= 3_600
    else:
        assert told.endswith("GMT")


@pytest.mark.req("DAG-6")
def test_the_limits_can_be_read_and_a_query_that_costs_too_much_is_refused() -> None:
    quota = "{ rateLimits(where: {intervalSeconds: TEN_SECONDS}) { type quota } }"
    dear = "{ products(limit: 200) { displays(limit: 200) { product { displays(limit: 200) { id } } } } }"
    with sandbox([], plan_scale=1) as client:
        limits = {limit["type"]: limit["quota"] for limit in client.ask(quota)["rateLimits"]}
        refused = client.error(dear)
    assert limits == {"REQUEST_COUNT": 60, "QUERY_COMPLEXITY": 250_000, "MUTATION_COUNT": 20}
    assert refused["extensions"] == {"category": "complexity"}


@pytest.mark.req("DAG-6")
def test_each_mutation_of_a_request_is_charged() -> None:
    both = "a: updateCustomer(id: 1, input: {}) { __typename } b: updateCustomer(id: 2, input: {}) { __typename }"
    with sandbox([], plan_scale=0.001) as client:
        assert client.post(f"mutation {{ {both} }}").status_code == 429


@pytest.mark.req("DAG-6")
def test_buckets_refill_continuously() -> None:
    seconds = [0.0]
    quotas = Quotas(1, clock=lambda: seconds[0])
    assert [quotas.spend("MUTATION_COUNT", 15), quotas.spend("MUTATION_COUNT", 10)] == [0.0, 2.5]
    seconds[0] = 2.5
    assert quotas.spend("MUTATION_COUNT", 10) == 0.0
    left = {(node["type"], node["intervalSeconds"]): node["remainingQuota"] for node in quotas.as_nodes()}
    assert left["MUTATION_COUNT", "TEN_SECONDS"] == 0
    assert left["MUTATION_COUNT", "ONE_HOUR"] == 1_776
    assert left["REQUEST_COUNT", "TEN_SECONDS"] == 60


@pytest.mark.req("DAG-2")
def test_compiled_selections_answer_as_the_reference_executor_does() -> None:
    settings = Settings()
    calendar, shop = Calendar(settings.timezone), Shop(settings)
    for event in history(3, 30, 60, until=NOON, months=3):
        shop.apply(event)
    schema = build_schema(settings, calendar)
    engine, document = Engine(schema, calendar, Shelf(lambda: shop.revision)), Library(schema).read(OPERATIONS)
    assert isinstance(document, Document)
    quotas = Quotas(1)
    root = Roots(shop, Graph(shop), quotas, Traps(Faults(), shop, quotas)).of(Token(TOKEN))
    asked: dict[str, dict[str, Any]] = {
        "OrdersDelta": {**ALWAYS, "first": 200},
        "ReturnsCreated": {**ALWAYS, "limit": 200, "page": 1},
        "CustomersDelta": {**ALWAYS, "limit": 200, "page": 1},
        "ProductsPage": {"status": "ACTIVE", "limit": 50, "page": 1},
        "ShipmentsPage": {"limit": 100, "page": 1},
    }
    for name, given in asked.items():
        operation = document.operation(name)
        fast = engine.run(document, operation, given, engine.variables(operation, given), root)
        slow = engine.by_the_book(document, operation, given, root)
        assert slow.errors is None
        assert msgspec.json.decode(msgspec.json.encode(fast.data)) == slow.data
        assert next(iter((slow.data or {}).values())), f"{name} gave nothing to compare"


@pytest.mark.req("DAG-2")
def test_what_was_answered_before_is_not_answered_again_once_anything_has_changed() -> None:
    query = """{ orders {
      lines { productSize { stockTotals { availableQuantity } } }
      ... on DirectToConsumerOrder { customer { newsletter } }
    } }"""
    with sandbox([product(), customer(1), placed(1)]) as client:
        before = client.ask(query)
        again = client.ask(query)
        client.app.apply([StockChanged(at=NOON, variant_id=71, stock=99)])
        client.ask("mutation { updateCustomer(id: 1, input: {receiveNewsletters: false}) { __typename } }")
        after = client.ask(query)["orders"][0]
    assert again == before
    assert after["customer"] == {"newsletter": False}
    assert after["lines"][0]["productSize"]["stockTotals"]["availableQuantity"] == 99
