"""The Fulfil sandbox: what goes wrong when a fault is switched on, as a client meets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from .fulfil_shop import NOON, Client, customer, moment, placed, product, sandbox

SALE = "sale.sale"
SEARCH = f"{SALE}/search_read"


@pytest.fixture
def client() -> Iterator[Client]:
    with sandbox([product(), customer(1), *(placed(number) for number in range(501, 507))]) as one:
        yield one


def page(client: Client, after: int = 0, *, changed: Any = None) -> list[str]:
    domain: list[Any] = [["id", ">", after], *([] if changed is None else [["write_date", "=", changed]])]
    found = client.call(SALE, "search_read", domain, 0, 2, [["id", "ASC"]], ["number"])
    return [row["number"] for row in found]


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("wait", [None, "3"])
def test_the_limit_may_be_spent_by_somebody_else(client: Client, wait: str | None) -> None:
    client.fault("quota_spent", options={"retry_after": wait} if wait else {})
    refused = client.put(SALE, "search_count", [[]])
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, wait)
    assert refused.headers["X-RateLimit-Remaining"] == "0"


@pytest.mark.req("DAG-5")
def test_a_429_may_mean_that_the_request_itself_is_wrong(client: Client) -> None:
    client.fault("validation_429", options={"message": "Number of records cannot exceed 100"})
    refused = client.put(SALE, "search_count", [[]])
    assert (refused.status_code, refused.json()["message"]) == (429, "Number of records cannot exceed 100")
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0


@pytest.mark.req("DAG-5")
@pytest.mark.parametrize(("name", "status"), [("token_expired", 401), ("permission_lost", 403)])
def test_a_token_is_refused_once_and_works_again(client: Client, name: str, status: int) -> None:
    client.fault(name, endpoint="sale.sale/*")
    assert client.put("party.party", "search_count", [[]]).status_code == 200
    refused = client.put(SALE, "search_count", [[]])
    assert (refused.status_code, refused.json()["code"]) == (status, status)
    assert client.put(SALE, "search_count", [[]]).status_code == 200


@pytest.mark.req("REC-1")
def test_a_page_begins_with_rows_of_the_page_before(client: Client) -> None:
    client.fault("repeated_rows", endpoint=SEARCH, skip=0)
    first = client.call(SALE, "search", [], 0, None, [["id", "ASC"]])
    assert page(client) == ["SO501", "SO502"]
    assert page(client, first[1]) == ["SO502", "SO503"]
    assert page(client, first[2]) == ["SO504", "SO505"]


@pytest.mark.req("REC-1")
def test_a_page_is_empty_though_more_would_come(client: Client) -> None:
    client.fault("empty_page", endpoint=SEARCH, skip=1)
    assert [page(client), page(client), page(client)] == [["SO501", "SO502"], [], ["SO501", "SO502"]]
    assert client.call(SALE, "search_count", []) == 6


@pytest.mark.req("REC-1")
def test_a_row_is_edited_between_two_pages_and_leaves_what_is_asked_for(client: Client) -> None:
    client.fault("edited_while_paging", endpoint=SEARCH, skip=1, options={"key": "SO503"})
    ids = client.call(SALE, "search", [], 0, None, [["id", "ASC"]])
    never = ["OR", [["write_date", "=", None]]]
    first = client.call(SALE, "search_read", never, 0, 2, [["id", "ASC"]], ["number"])
    second = client.call(SALE, "search_read", ["AND", never, ["id", ">", ids[1]]], 0, 2, [["id", "ASC"]], ["number"])
    assert [row["number"] for row in first + second] == ["SO501", "SO502", "SO504", "SO505"]
    row = client.row(SALE, [["number", "=", "SO503"]], ["write_date"])
    assert moment(row["write_date"]) == (NOON + timedelta(days=30)).replace(tzinfo=None)


@pytest.mark.req("ORD-9")
def test_a_sale_has_a_state_that_nobody_has_heard_of(client: Client) -> None:
    client.fault("unknown_state", endpoint=SEARCH, options={"key": "SO502"})
    states = {row["number"]: row["state"] for row in client.rows(SALE, [], ["number", "state"])}
    assert states["SO502"] == "awaiting_augury"
    assert states["SO501"] == "quotation"


@pytest.mark.req("DAG-5")
def test_a_write_may_happen_without_an_answer(client: Client) -> None:
    (party,) = client.call("party.party", "search", [["code", "=", "1"]])
    client.fault("after_write_drop", endpoint="party.party/write")
    with pytest.raises(Exception, match="Connection"):
        client.put("party.party", "write", [[party], {"name": "Eva"}])
    assert client.row("party.party", [["id", "=", party]], ["name"])["name"] == "Eva"


@pytest.mark.req("OPS-3")
def test_every_fault_of_its_own_can_be_switched_on_and_is_told_in_a_line(client: Client) -> None:
    own = {"quota_spent", "validation_429", "token_expired", "permission_lost", "repeated_rows", "empty_page"}
    assert own <= client.app.faults.known.keys()
    with pytest.raises(ValueError, match="no fault"):
        client.fault("stuck_cursor")
