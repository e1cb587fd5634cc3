"""The Emarsys sandbox: sales data that only ever adds up, files that replace, a catalogue that is always whole."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from .emarsys_account import SALES_HEADER, Caller, account, fresh, person

SALE = "1001,2026-03-02T12:00:00Z,ann,SKU1,998.00,2"
RETURN = "1001,2026-03-09T08:30:00Z,ann,SKU1,-499.00,-1"
ACCEPTED = (200, "Upload accepted\n")
CATALOGUE = "item,title,link,price,available,group_id,c_season,price_EUR"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    yield fresh(_running)
    assert _running.control.log()["crashed"] == []


def sales(api: Caller) -> Any:
    return api.control.state()["sales"]


def products(*rows: str, header: str = CATALOGUE) -> str:
    return "\n".join((header, *rows)) + "\n"


class TestSales:
    @pytest.mark.req("ORD-5")
    def test_rows_are_appended_and_add_up_by_order(self, api: Caller) -> None:
        api.put(person("ann"))
        assert api.sell(SALE, "1002,2026-03-03,ann,SKU2,10.10,1") == ACCEPTED
        assert api.sell(RETURN) == ACCEPTED
        assert sales(api)["orders"] == {
            "1001": {"price": "499.00", "quantity": "1", "rows": 2},
            "1002": {"price": "10.10", "quantity": "1", "rows": 1},
        }
        assert [row["at"] for row in sales(api)["rows"]] == [
            "2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z", "2026-03-09T08:30:00Z",
        ]  # fmt: skip

    @pytest.mark.req("ORD-5")
    def test_what_comes_twice_counts_twice(self, api: Caller) -> None:
        api.control.fault("after_write_drop", endpoint="POST sales-data")
        with pytest.raises(requests.ConnectionError):
            api.sell(SALE)
        api.sell(SALE)
        assert sales(api)["orders"]["1001"] == {"price": "1996.00", "quantity": "4", "rows": 2}

    @pytest.mark.req("ORD-5")
    def test_accepted_rows_may_vanish_without_a_word(self, api: Caller) -> None:
        bad = (
            "1001,yesterday,ann,SKU1,1.00,1",
            "1001,2026-03-02T12:00:00+01:00,ann,SKU1,1.00,1",
            "1001,2026-03-02,ann,SKU1,1 kr,1",
            "1001,2026-03-02,,SKU1,1.00,1",
            "1001,2026-03-02,ann,SKU1,1.00",
            "1001,2026-03-02,ann,SKU\U0001f600,1.00,1",
        )
        assert api.sell(SALE, *bad) == ACCEPTED
        assert (len(sales(api)["rows"]), len(sales(api)["dropped"])) == (1, len(bad))

    @pytest.mark.req("CUS-1")
    def test_an_unknown_customer_stays_unlinked_when_the_contact_comes_later(self, api: Caller) -> None:
        api.sell(SALE)
        api.put(person("ann"))
        api.sell(RETURN)
        assert [(row["customer"], row["contact"]) for row in sales(api)["rows"]] == [
            ("ann", None),
            ("ann", 100_000_001),
        ]

    @pytest.mark.req("OPS-1")
    @pytest.mark.parametrize(
        "header",
        [
            "order,timestamp,customer,item,Price,quantity",
            "order,timestamp,customer,item,price",
            "order,timestamp,item,price,quantity,s_note",
            "order,timestamp,customer,email,item,price,quantity",
            "order,order,customer,item,price,quantity",
            "",
        ],
    )
    def test_a_header_that_is_wrong(self, api: Caller, header: str) -> None:
        assert api.sell(header=header)[0] == 400
        assert sales(api)["uploads"] == 0

    @pytest.mark.req("OPS-1")
    def test_the_order_of_columns_is_fixed_by_what_came_first(self, api: Caller) -> None:
        header = "item,price,order,timestamp,email,quantity,s_way"
        assert api.sell("SKU1,1.00,1001,2026-03-02,ann@mail.test,1,web", header=header) == ACCEPTED
        assert api.sell(SALE)[0] == 400
        assert sales(api)["rows"][0]["custom"] == {"s_way": "web"}
        with account(sales_columns=tuple(SALES_HEADER.split(","))) as other:
            assert other.sell(SALE) == ACCEPTED
            assert other.sell("1", header="order")[0] == 400

    @pytest.mark.req("OPS-3")
    def test_strangers_and_other_formats_are_refused(self, api: Caller) -> None:
        content = f"{SALES_HEADER}\n{SALE}\n"
        assert api.upload("sales-data", content, token="guessed")[0] == 401
        assert api.upload("sales-data", content, merchant="another")[0] == 404
        assert api.upload("sales-data", content, **{"Content-Type": "application/json"})[0] == 415
        assert api.upload("sales-data", content, **{"Content-Encoding": "gzip"})[0] == 400
        api.control.fault("sales_rejected")
        assert api.upload("sales-data", content)[0] == 400
        assert sales(api)["rows"] == []

    @pytest.mark.req("DAG-6")
    def test_an_upload_may_be_packed(self, api: Caller) -> None:
        packed = gzip.compress(f"{SALES_HEADER}\n{SALE}\n".encode())
        assert api.upload("sales-data", packed, **{"Content-Encoding": "gzip"}) == ACCEPTED
        assert len(sales(api)["rows"]) == 1


class TestBatchLoads:
    @pytest.mark.req("ORD-5")
    def test_a_newer_file_replaces_by_order_and_type(self, tmp_path: Path) -> None:
        header = f"{SALES_HEADER},type"
        (tmp_path / "z.csv").write_text(f"{header}\n{SALE},purchase\n{RETURN},return\n", encoding="utf-8")
        os.utime(tmp_path / "z.csv", (0, 0))
        (tmp_path / "2.csv").write_text(f"{header}\n{SALE.replace('998', '900')},purchase\n", encoding="utf-8")
        (tmp_path / "3.csv").write_text(f"{header}\n1001,2026-03-02,ann,SKU1,1.00,1,purchase\n", encoding="utf-8")
        with account(sales_folder=str(tmp_path)) as api:
            found = api.control.state()["batch_loads"]
        assert found["orders"] == {"1001": {"price": "401.00", "quantity": "1", "rows": 2}}
        assert (found["files"]["z.csv"], found["files"]["2.csv"]) == (2, 1)
        assert found["files"]["3.csv"].startswith("refused")


class TestCatalogue:
    @pytest.mark.req("CAT-1")
    def test_an_upload_is_the_whole_catalogue(self, api: Caller) -> None:
        first = products("A,Shirt,https://shop.test/a,499,true,G,autumn,45", "B,Coat,https://shop.test/b,999,false,,,")
        assert api.upload("catalog", first) == ACCEPTED
        assert api.upload("catalog", products("B,Coat,https://shop.test/b,899,true,,,")) == ACCEPTED
        found = api.control.state()["catalogue"]
        assert {item: row["price"] for item, row in found["items"].items()} == {"B": "899"}
        assert [(one["rows"], one["gone"]) for one in found["uploads"]] == [(2, []), (1, ["A"])]

    @pytest.mark.req("CAT-1")
    def test_rows_that_are_wrong_or_come_twice_vanish(self, api: Caller) -> None:
        rows = ("A,Shirt,https://shop.test/a,499,yes,,,", "B,Coat,https://shop.test/b,cheap,true,,,", "C,,x,1,true,,,")
        api.upload(
            "catalog", products(*rows, "D,Hat,https://shop.test/d,1,true,,,", "D,Hat,https://shop.test/d,2,true,,,")
        )
        found = api.control.state()["catalogue"]
        assert ([*found["items"]], found["items"]["D"]["price"], found["uploads"][0]["dropped"]) == (["D"], "2", 4)

    @pytest.mark.req("CAT-1")
    @pytest.mark.parametrize("header", ["item,title", "item,title,link,colour"])
    def test_a_header_that_is_wrong(self, api: Caller, header: str) -> None:
        assert api.upload("catalog", products(header=header))[0] == 400

    @pytest.mark.req("CAT-2")
    def test_a_sale_of_an_unknown_item_is_taken(self, api: Caller) -> None:
        api.upload("catalog", products("SKU1,Shirt,https://shop.test/a,499,true,,,"))
        api.sell(SALE, SALE.replace("SKU1", "SKU9"))
        assert [row["known_item"] for row in sales(api)["rows"]] == [True, False]
