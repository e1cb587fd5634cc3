"""The Fulfil sandbox: calls, searches and writes as the vendor's API answers or refuses them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from .fulfil_shop import KEY, LATER, NOON, Client, bought, customer, moment, money, placed, product, sandbox

SALE = "sale.sale"
PARTY = "party.party"
MECHANISM = "party.contact_mechanism"


@pytest.fixture
def client() -> Iterator[Client]:
    people = [customer(number) for number in range(1, 6)]
    with sandbox([product(), *people, *(placed(number) for number in range(501, 507))]) as one:
        yield one


def basic(user: str, password: str = "") -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def refusal(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["message"], body
    return answer.status_code, body.get("type", "")


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "headers",
    [{"x-api-key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": basic(KEY)}],
    ids=["key", "bearer", "basic"],
)
def test_a_token_is_let_in_as_key_as_bearer_and_as_the_user_of_basic(client: Client, headers: dict[str, str]) -> None:
    answer = client.send("GET", "test", headers=headers)
    assert (answer.status_code, answer.json()["success"]) == (200, True)


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": "other"}, {"Authorization": basic(KEY, "password")}, {"Authorization": "Basic ***"}],
    ids=["none", "another", "with a password", "rubbish"],
)
def test_who_brings_no_token_is_told_so_in_json(client: Client, headers: dict[str, str]) -> None:
    assert refusal(client.send("GET", "test", headers=headers)) == (401, "")


@pytest.mark.req("SEC-1")
def test_a_token_runs_out_and_holds_only_the_rights_of_its_user() -> None:
    tokens = [
        {"value": "old", "expires_at": NOON.isoformat()},
        {"value": "sales", "models": [SALE, MECHANISM], "writes": False},
    ]
    with sandbox([customer(1)], tokens=tokens) as client:
        assert client.send("GET", "test", headers={"x-api-key": "old"}).status_code == 401
        client.key = "sales"
        assert client.call(SALE, "search", []) == []
        assert refusal(client.put(PARTY, "search", [[]])) == (403, "")
        (mechanism,) = client.call(MECHANISM, "search", [["type", "=", "email"]])
        assert refusal(client.put(MECHANISM, "write", [[mechanism], {"value": "x@mail.test"}])) == (403, "")


@pytest.mark.req("DAG-6")
def test_every_answer_tells_what_is_left_of_this_second(client: Client) -> None:
    for path in ("test", "model/sale.sale", "model/nothing.here", "nowhere"):
        headers = client.send("GET", path).headers
        assert 0 <= int(headers["X-RateLimit-Remaining"]) < int(headers["X-RateLimit-Limit"]) == 1000
        assert int(headers["X-RateLimit-Reset"]) > 0


@pytest.mark.req("DAG-6")
def test_more_requests_than_a_second_allows_are_refused() -> None:
    with sandbox(limit_scale=0.1, retry_after=True) as client:
        answers = [client.send("GET", "test") for _ in range(20)]
        late = next(answer for answer in answers if answer.status_code == 429)
        assert late.json()["message"] == "Too many requests"
        assert (late.headers["Retry-After"], late.headers["X-RateLimit-Remaining"]) == ("1", "0")


@pytest.mark.req("DAG-2")
def test_a_search_may_be_sent_as_a_list_and_as_an_object(client: Client) -> None:
    as_list = client.put(SALE, "search_read", [[["id", ">", 0]], 1, 2, [["id", "desc"]], ["number"]]).json()
    asked = {"filters": [["id", ">", 0]], "offset": 1, "limit": 2, "order": [["id", "DESC"]], "fields": ["number"]}
    assert client.put(SALE, "search_read", asked).json() == as_list
    assert [row["number"] for row in as_list] == ["SO505", "SO504"]
    assert refusal(client.put(SALE, "search_read", {"filter": []})) == (400, "UserError")


@pytest.mark.req("DAG-2")
def test_the_body_is_read_whatever_its_content_type_says(client: Client) -> None:
    headers = {"x-api-key": KEY, "content-type": "text/plain"}
    answer = client.send("PUT", f"model/{SALE}/search_count", data="[[]]", headers=headers)
    assert answer.json() == 6
    assert refusal(client.send("PUT", f"model/{SALE}/search_count", data="[[}")) == (400, "UserError")


@pytest.mark.req("DAG-5")
def test_a_page_over_the_cap_is_answered_as_if_requests_came_too_often(client: Client) -> None:
    refused = client.put(SALE, "search_read", [[], 0, 501, None, ["number"]])
    assert (refused.status_code, refused.json()["message"]) == (429, "Page size cannot exceed 500")
    assert client.put(SALE, "read", [list(range(501)), ["number"]]).status_code == 429
    assert client.send("GET", f"model/{SALE}", params={"per_page": 501}).status_code == 429
    assert len(client.call(SALE, "search", [], 0, 10_000)) == 6


@pytest.mark.req("DAG-5")
def test_too_many_ids_in_the_address_are_refused_by_the_web_server(client: Client) -> None:
    ids = client.call(SALE, "search", [], 0, None, [["id", "ASC"]])
    many = ",".join(str(ids[0]) for _ in range(121))
    assert client.send("GET", f"model/{SALE}", params={"ids": many}).status_code == 414
    few = client.send("GET", f"model/{SALE}", params={"ids": f"{ids[1]},{ids[0]}", "fields": "number,state"}).json()
    assert few == [
        {"id": ids[1], "number": "SO502", "state": "quotation"},
        {"id": ids[0], "number": "SO501", "state": "quotation"},
    ]


@pytest.mark.req("ORD-1")
def test_one_row_comes_whole_and_a_list_with_names_alone(client: Client) -> None:
    (first, *_) = client.call(SALE, "search", [], 0, None, [["id", "ASC"]])
    whole = client.send("GET", f"model/{SALE}/{first}").json()
    assert {"total_amount_cpny_ccy_cache", "shipment_returns", "has_return", "confirmation_time"} <= whole.keys()
    page = {"page": 2, "per_page": 4, "order": json.dumps([["id", "ASC"]])}
    listed = client.send("GET", f"model/{SALE}", params=page).json()
    assert [row["rec_name"] for row in listed] == ["SO505 (505)", "SO506 (506)"]
    assert listed[0].keys() == {"id", "rec_name"}
    narrow = client.send("GET", f"model/{SALE}/{first}?field=number&field=party.name").json()
    assert narrow == {"id": first, "number": "SO501", "party.name": "Åsa Berg"}
    assert refusal(client.send("GET", f"model/{SALE}/1")) == (404, "")


@pytest.mark.req("DAG-3")
def test_a_row_has_no_time_of_change_until_it_is_edited(client: Client) -> None:
    assert client.row(PARTY, [["code", "=", "1"]], ["write_date", "write_uid"])["write_date"] is None
    (party,) = client.call(PARTY, "search", [["code", "=", "1"]])
    client.call(PARTY, "write", [party], {"name": "Åsa Ek"})
    edited = client.row(PARTY, [["id", "=", party]], ["write_date", "create_date", "name"])
    assert edited["name"] == "Åsa Ek"
    assert moment(edited["write_date"]) == (NOON + timedelta(days=30)).replace(tzinfo=None)


@pytest.mark.req("DAG-3")
def test_changes_are_found_beside_rows_that_were_never_edited(client: Client) -> None:
    changed, new = LATER.replace(tzinfo=None), (LATER + timedelta(days=1)).replace(tzinfo=None)
    client.app.apply([customer(1, at=LATER, first_name="Eva"), customer(9, at=LATER + timedelta(days=1))])
    since = ["OR", [["write_date", ">=", changed]], [["write_date", "=", None], ["create_date", ">=", new]]]
    names = [row["code"] for row in client.rows(PARTY, ["AND", since, ["id", ">", 0]], ["code"])]
    assert names == ["1", "9"]
    assert client.rows(PARTY, [["write_date", "<", "2000-01-01T00:00:00"]]) == []


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    ("clause", "codes"),
    [
        (["code", "in", ["1", "2"]], "12"),
        (["code", "not in", ["1", "2", "3"]], "45"),
        (["code", "!=", "1"], "2345"),
        (["email", "ilike", "PERSON_@%"], "12345"),
        (["email", "like", "PERSON%"], ""),
        (["email", "not ilike", "person1%"], "2345"),
        (["account_manager", "=", None], "12345"),
        (["account_manager", "!=", None], ""),
        (["contact_mechanisms.value", "=", "person3@mail.test"], "3"),
        (["categories.name", "=", "Newsletter"], "12345"),
        (["addresses.country.code", "=", "NO"], ""),
        ([["OR", ["code", "=", "1"], ["AND", ["code", ">", "1"], ["code", "<=", "2"]]]], "12"),
    ],
    ids=str,
)
def test_domains_mean_what_they_say(client: Client, clause: Any, codes: str) -> None:
    domain = clause if isinstance(clause[0], list) else [clause]
    found = client.rows(PARTY, ["AND", domain, ["is_customer", "=", True], ["code", "not like", "ANON%"]], ["code"])
    assert "".join(row["code"] for row in found) == codes


@pytest.mark.req("DAG-2")
def test_rows_come_in_the_order_that_was_asked_for_empty_values_last(client: Client) -> None:
    (third,) = client.call(PARTY, "search", [["code", "=", "3"]])
    client.call(PARTY, "write", [third], {"lang": None})
    people, order = [["code", "in", list("12345")]], [["lang", "ASC"], ["code", "desc"]]
    found = client.call(PARTY, "search_read", people, 0, 10, order, ["code"])
    assert [row["code"] for row in found] == list("54213")
    assert client.call(PARTY, "search", people, 0, 1, [["lang", "DESC"], ["code", "ASC"]]) == [third]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        (SALE, [[["nothing", "=", 1]]]),
        (SALE, [[["number", "=~", "x"]]]),
        (SALE, [[["sale_date", ">", "soon"]]]),
        (SALE, ["everything"]),
        (SALE, [[], 0, 10, None, ["party.nothing"]]),
        (SALE, [[], 0, 10, None, ["lines.quantity"]]),
        (SALE, [[], 0, 10, [["number", "UP"]], ["id"]]),
        ("product.product", [[["quantity_available", ">", 0]]]),
    ],
)
def test_what_does_not_exist_is_refused(client: Client, model: str, arguments: list[Any]) -> None:
    assert refusal(client.put(model, "search_read", arguments)) == (400, "UserError")


@pytest.mark.req("DAG-2")
def test_unknown_models_methods_and_rows_are_refused(client: Client) -> None:
    assert refusal(client.put("sale.order", "search", [[]])) == (404, "")
    assert refusal(client.put(SALE, "explode", [[]])) == (404, "")
    assert refusal(client.put(SALE, "read", [[1], ["number"]])) == (400, "UserError")
    assert client.send("PATCH", f"model/{SALE}/1").status_code == 405
    answer = client.put("sale.order", "search", [[]])
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.req("ID-3")
def test_archived_rows_show_only_to_who_asks_for_them(client: Client) -> None:
    (party,) = client.call(PARTY, "search", [["code", "=", "1"]])
    client.call(PARTY, "write", [party], {"active": False})
    assert client.rows(PARTY, [["id", "=", party]]) == []
    assert len(client.rows(PARTY, [["id", "=", party]], active_test=False)) == 1
    assert len(client.rows(PARTY, [["id", "=", party], ["active", "=", False]])) == 1
    assert client.call(PARTY, "read", [party], ["code"]) == [{"id": party, "code": "1"}]


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("form", "day", "at"),
    [
        ("both", {"iso_string": "2024-01-15", "year": 2024}, {"iso_string": "2024-01-15T20:21:00", "minute": 21}),
        ("parts", {"iso_string": None, "day": 15}, {"iso_string": None, "hour": 20}),
        ("bare_days", "2024-01-15", {"iso_string": "2024-01-15T20:21:00", "microsecond": 0}),
    ],
)
def test_dates_come_in_the_three_forms_that_were_met(form: str, day: Any, at: dict[str, Any]) -> None:
    with sandbox(bought(), date_form=form) as client:
        row = client.row(SALE, [], ["sale_date", "create_date"])
        if isinstance(day, dict):
            assert {name: row["sale_date"].get(name) for name in day} == day
        else:
            assert row["sale_date"] == day
        assert {name: row["create_date"].get(name) for name in at} == at


@pytest.mark.req("CON-3")
def test_rows_are_made_with_201_and_edited_in_both_forms(client: Client) -> None:
    made = client.send("POST", "model/party.party", json=[{"name": "Eva Ek"}])
    assert made.status_code == 201
    (party,) = (row["id"] for row in made.json())
    assert made.json() == [{"id": party, "rec_name": "Eva Ek"}]
    (mechanism,) = client.call(MECHANISM, "create", [{"party": party, "type": "email", "value": "eva@mail.test"}])
    assert client.row(PARTY, [["id", "=", party]], ["email"])["email"] == "eva@mail.test"
    assert client.send("PUT", f"model/{PARTY}/{party}", json={"name": "Eva"}).status_code == 200
    assert client.call(PARTY, "write", [party], {"contact_mechanisms": [["delete", [mechanism]]]}) is None
    edited = client.row(PARTY, [["id", "=", party]], ["name", "email", "contact_mechanisms", "write_uid"])
    assert edited == {"id": party, "name": "Eva", "email": None, "contact_mechanisms": [], "write_uid": 60}


@pytest.mark.req("CON-3")
def test_a_membership_ends_by_a_command_and_not_by_a_list(client: Client) -> None:
    (category,) = client.call("party.category", "search", [["name", "=", "Newsletter"]])
    parties = client.call(PARTY, "search", [["categories", "in", [category]]])
    assert len(parties) == 5
    assert refusal(client.put(PARTY, "write", [parties, {"categories": [category]}])) == (400, "UserError")
    client.call(PARTY, "write", parties[:2], {"categories": [["remove", [category]]]})
    assert client.call(PARTY, "search", [["categories", "in", [category]]]) == parties[2:]
    client.call(PARTY, "write", parties[:1], {"categories": [["add", [category]]]})
    assert client.call(PARTY, "search_count", [["categories.name", "=", "Newsletter"]]) == 4
    assert client.app.log.as_dict()["by_endpoint"][f"{PARTY}/write"]["writes"] == 3


@pytest.mark.req("CON-3")
@pytest.mark.parametrize(
    "values",
    [
        {"nothing": 1},
        {"email": "x@mail.test"},
        {"name": None},
        {"name": 7},
        {"active": "yes"},
        {"sale_price_list": 999},
        {"categories": [["add", [999]]]},
        {"categories": [["set", []]]},
        {"contact_mechanisms": [["create", [{"type": "pigeon", "value": "coo"}]]]},
    ],
    ids=str,
)
def test_a_write_that_does_not_fit_changes_nothing(client: Client, values: dict[str, Any]) -> None:
    (party,) = client.call(PARTY, "search", [["code", "=", "1"]])
    assert refusal(client.put(PARTY, "write", [[party], values])) == (400, "UserError")
    assert client.row(PARTY, [["id", "=", party]], ["write_date"])["write_date"] is None


@pytest.mark.req("ORD-1")
def test_a_sale_can_only_be_made_as_a_draft(client: Client) -> None:
    wanted = client.row(SALE, [["number", "=", "SO501"]], ["party", "currency"])
    values = {"party": wanted["party"], "currency": wanted["currency"]}
    refused = client.put(SALE, "create", [[{**values, "state": "done"}]])
    assert refused.json() == {
        "type": "UserError",
        "code": "E1000",
        "message": "Only draft sales can be created",
        "description": "",
    }
    line = {"description": "Gift wrap", "quantity": 2, "unit_price": Decimal("5.50")}
    (made,) = client.call(SALE, "create", [{**values, "lines": [["create", [line]]]}])
    assert money(client.row(SALE, [["id", "=", made]], ["untaxed_amount"])["untaxed_amount"]) == Decimal("11.00")
    assert refusal(client.put("stock.shipment.out", "create", [[{}]])) == (403, "")
