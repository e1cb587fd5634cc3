"""The vendor's own client at the Fulfil sandbox: unchanged, but for the address that it talks to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fulfil_client import (  # type: ignore[import-untyped]
    BearerAuth,
    ClientError,
    ServerError,
    UserError,
)
from fulfil_client import Client as Official
from fulfil_client.exceptions import AuthenticationError, RateLimitError  # type: ignore[import-untyped]

from .fulfil_shop import KEY, NOON, Client, bought, customer, placed, sandbox


@pytest.fixture
def shop() -> Iterator[Client]:
    people = [customer(number) for number in range(2, 8)]
    with sandbox([*bought(), *people, *(placed(number, captured=False) for number in range(502, 510))]) as client:
        yield client


def official(shop: Client, key: str | None = KEY, **options: Any) -> Any:
    client = Official("sandbox", key, **{"context": {}, **options})
    client.host, client.base_url = shop.url.removesuffix("/api/v2"), shop.url
    return client


@pytest.mark.req("OPS-3")
def test_it_searches_reads_and_counts_what_python_calls_decimals_and_dates(shop: Client) -> None:
    sales = official(shop).model("sale.sale")
    assert sales.search_count([["state", "=", "quotation"]]) == 8
    (found,) = sales.search_read(
        [["number", "=", "SO501"]],
        0,
        5,
        [("id", "ASC")],
        ["total_amount", "sale_date", "confirmation_time", "party.name"],
    )
    assert found.pop("id") > 0
    assert found == {
        "total_amount": Decimal("289.00"),
        "sale_date": date(2024, 1, 15),
        "confirmation_time": datetime(2024, 1, 15, 13),  # noqa: DTZ001 - the vendor's are naive
        "party.name": "Åsa Berg",
    }


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("form", ["both", "parts"])
def test_it_decodes_dates_with_and_without_an_iso_string(form: str) -> None:
    with sandbox(bought(), date_form=form) as shop:
        sale = official(shop).model("sale.sale").find(fields=["create_date", "sale_date"])[0]
        assert sale["sale_date"] == date(2024, 1, 15)
        assert sale["create_date"] == (NOON + timedelta(minutes=501)).replace(tzinfo=None)


@pytest.mark.req("OPS-3")
def test_it_reads_everything_in_batches_in_the_order_of_the_ids(shop: Client) -> None:
    sales = official(shop).model("sale.sale")
    rows = sales.search_read_all([], [("number", "DESC")], ["number"], batch_size=4)
    assert [row["number"] for row in rows] == [f"SO{number}" for number in range(509, 500, -1)]
    assert shop.app.log.as_dict()["by_endpoint"]["sale.sale/read"]["requests"] == 3
    with pytest.raises(RateLimitError, match="cannot exceed 500"):
        sales.read(list(range(501)), ["number"])


@pytest.mark.req("OPS-3")
def test_it_finds_pages_and_gets_whole_rows(shop: Client) -> None:
    sales = official(shop).model("sale.sale")
    page = sales.find([["state", "=", "quotation"]], page=2, per_page=3, fields=["number"], order=[("id", "ASC")])
    assert [row["number"] for row in page] == ["SO505", "SO506", "SO507"]
    assert sales.find(per_page=1)[0].keys() == {"id", "rec_name"}
    whole = sales.get(page[0]["id"])
    assert (whole["number"], whole["rec_name"]) == ("SO505", "SO505 (505)")


@pytest.mark.req("OPS-3")
def test_it_asks_for_dates_as_python_has_them(shop: Client) -> None:
    sales = official(shop).model("sale.sale")
    since = (NOON + timedelta(minutes=505)).replace(tzinfo=None)
    assert sales.search_count([["create_date", ">=", since]]) == 5
    assert sales.search_count([["create_date", ">=", NOON + timedelta(minutes=505)]]) == 5
    assert sales.search_count([["sale_date", "=", date(2024, 1, 15)]]) == 9
    assert sales.search_count([["lines.unit_price", ">", Decimal("63.9999")], ["number", "=", "SO501"]]) == 1


@pytest.mark.req("OPS-3")
def test_it_creates_a_party_with_its_contacts_and_edits_it(shop: Client) -> None:
    client = official(shop)
    values = {"name": "Eva Ek", "contact_mechanisms": [("create", [{"type": "email", "value": "eva@mail.test"}])]}
    (party,) = client.model("party.party").create([values])
    (mechanism,) = client.model("party.contact_mechanism").search([["party", "=", party]])
    client.record("party.contact_mechanism", mechanism).update(value="new@mail.test")
    (category,) = client.model("party.category").search([["name", "=", "Newsletter"]])
    client.model("party.party").write([party], {"categories": [("add", [category])]})
    (row,) = client.model("party.party").read([party], ["email", "categories", "write_date"])
    assert (row["email"], row["categories"]) == ("new@mail.test", [category])
    assert isinstance(row["write_date"], datetime)


@pytest.mark.req("OPS-3")
def test_its_exceptions_say_what_the_sandbox_refuses(shop: Client) -> None:
    client = official(shop)
    with pytest.raises(UserError, match="draft") as refused:
        client.model("sale.sale").create([{"party": 1, "currency": 1, "state": "done"}])
    assert (refused.value.code, refused.value.description) == ("E1000", "")
    with pytest.raises(ClientError, match="not found"):
        client.model("sale.order").search([])
    with pytest.raises(AuthenticationError):
        official(shop, "wrong").model("sale.sale").search([])
    for fault, kind in (("quota_spent", RateLimitError), ("permission_lost", ClientError)):
        shop.fault(fault)
        with pytest.raises(kind):
            client.model("sale.sale").search([])
    shop.fault("status", status=502, body="Bad gateway")
    with pytest.raises(ServerError, match="Bad gateway"):
        client.model("sale.sale").search([])


@pytest.mark.req("OPS-3")
def test_it_learns_its_context_and_knows_whether_it_is_let_in(shop: Client) -> None:
    client = official(shop, None, auth=None)
    client.set_auth(BearerAuth(KEY))
    client.base_url = shop.url
    assert client.refresh_context()["language"] == "en_US"
    assert client.today() == (NOON + timedelta(days=30)).date()
    assert client.is_auth_alive()
    assert client.model("party.party").search([["code", "=", "ANON-amazon"]], context={"active_test": False})
    shop.fault("permission_lost")
    with pytest.raises(ClientError):
        client.model("sale.sale").search([])


@pytest.mark.req("OPS-3")
def test_it_waits_for_a_result_that_is_not_ready(shop: Client) -> None:
    shop.fault("async_result", endpoint="sale.sale/search_count")
    client = official(shop)
    task = client.model("sale.sale").search_count([])
    assert task.bind(client).ready()
    assert task.result == 9
