"""The OrderWise sandbox runs export definitions that are installed in it: real T-SQL, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.orderwise.sandbox import build
from retail_sync.vendors.orderwise.sandbox.dialect import RefusedDefinitionError

from .centra_shop import NOON, customer, placed, product, shipped
from .orderwise_shop import sandbox

PAGE = """
-- A page of orders, as an installation may have it.
SELECT TOP (@page) h.oh_id AS order_id, RTRIM(h.oh_order_number) AS order_number, t.oht_gross AS total,
       h.[oh_datetime] AS ordered_at, CAST(h.oh_order_complete AS BIT) AS complete, NULL AS nothing
  FROM dbo.order_header AS h WITH (NOLOCK)
  INNER JOIN order_header_total AS t ON t.oht_oh_id = h.oh_id
 WHERE h.oh_id > @last_id AND h.oh_datetime >= @since
 ORDER BY h.oh_id
"""
EVENTS: list[ShopEvent] = [
    customer(1),
    product(),
    placed(501),
    placed(502),
    shipped(502, (5021, 5022), NOON + timedelta(hours=5)),
]


@pytest.mark.req("DAG-2")
def test_rows_come_by_alias_with_numbers_local_times_flags_and_nulls() -> None:
    with sandbox(EVENTS) as client:
        rows = client.rows(PAGE, page=1, last_id=0, since="2024-01-01")
    assert rows == [
        {
            "order_id": 1,
            "order_number": "SO501",
            "total": 289.0,
            "ordered_at": "2024-01-15T20:21:00.000",
            "complete": False,
            "nothing": None,
        }
    ]


@pytest.mark.req("DAG-2")
def test_paging_is_the_definitions_own_affair() -> None:
    with sandbox(EVENTS) as client:
        client.install(PAGE)
        pages = [client.export(page=1, last_id=last, since="2024-01-01") for last in range(3)]
    assert [len(one.json()) if one.content else one.status_code for one in pages] == [1, 1, 204]


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"page": 1, "last_id": 0}, "Must declare the scalar variable '@since'."),
        ({"page": 1, "last_id": 0, "since": "2024-01-01", "until": "x"}, "Parameter '@until' is not defined."),
        ({"page": 1, "last_id": 0, "since": "2024-01-01T00:00:00+00:00"}, "Conversion failed"),
        ({"page": 1, "last_id": 0, "since": "2024-01-01T00:00:00.123456"}, "Conversion failed"),
        ({"page": 1, "last_id": 0, "since": "2024-02-30"}, "Conversion failed"),
    ],
)
def test_parameters_must_be_those_of_the_definition(values: dict[str, Any], message: str) -> None:
    with sandbox(EVENTS) as client:
        client.install(PAGE)
        answer = client.export(**values)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.req("OPS-3")
def test_a_value_is_bound_and_never_read_as_sql() -> None:
    with sandbox(EVENTS) as client:
        asked = "SELECT oh_id AS id FROM order_header WHERE oh_ecommerce_order_number = @wanted"
        assert client.rows(asked, wanted="501' OR '1'='1") == []
        assert client.rows(asked, wanted="501") == [{"id": 1}]


@pytest.mark.req("OPS-3")
def test_a_definition_that_somebody_has_edited_is_another_one() -> None:
    values: dict[str, Any] = {"page": 1, "last_id": 0, "since": "2024-01-01"}
    with sandbox(EVENTS) as client:
        client.install(PAGE)
        client.app.faults.add([{"fault": "renamed_parameter", "options": {"parameter": "@since", "to": "@date_from"}}])
        assert client.export(**values).status_code == 400
        client.app.faults.add([{"fault": "changed_column", "options": {"column": "total", "to": "gross"}}])
        assert client.export(**values).json()[0].keys() >= {"gross", "order_id"}
        client.app.faults.add([{"fault": "changed_column", "options": {"column": "total"}}])
        assert "total" not in client.export(**values).json()[0]
        assert client.export(**values).json()[0]["total"] == 289


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("DELETE FROM order_header", "one SELECT"),
        ("SELECT oh_id FROM order_header; DROP TABLE order_header", "one SELECT"),
        ("EXEC sp_who", "one SELECT"),
        ("SELECT oh_id INTO copied FROM order_header", "SELECT INTO"),
        ("SELECT oh_id FROM customer_return", "no such table"),
        ("SELECT cd_marketing FROM customer_detail", "no such column"),
        ("SELECT [cd_marketing] FROM customer_detail", "no such column"),
        ("SELECT name FROM sqlite_master", "no such table"),
        ("SELECT x.b FROM order_header OUTER APPLY (SELECT 1 AS b) AS x", "APPLY"),
        ("SELECT oh_id FROM order_header FOR XML PATH('')", "FOR XML"),
        ("SELEC oh_id", "one SELECT"),
    ],
)
def test_only_one_select_on_tables_that_exist_is_installed(sql: str, reason: str) -> None:
    with sandbox() as client:
        answer = client.install(sql)
        assert answer.status_code == 400
        assert reason in answer.json()["message"]
        assert client.export().status_code == 404


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'SO' + 'x'", "SOx"),
        ("1 + 2.5", 3.5),
        ("NULL + 'x'", None),
        ("ISNULL(NULL, 'x')", "x"),
        ("LEN('ab  ')", 2),
        ("LEFT('abc', 2) + RIGHT('abc', 1)", "abc"),
        ("CONCAT('a', NULL, 1)", "a1"),
        ("CAST(2.0 AS NVARCHAR(10))", "2"),
        ("CAST('12.345' AS DECIMAL(9, 2))", 12.35),
        ("CONVERT(VARCHAR(10), CAST('2024-01-15T10:00:00' AS DATETIME), 126)", "2024-01-15"),
        ("DATEADD(minute, -30, '2024-01-15T00:10:00')", "2024-01-14T23:40:00.000"),
        ("DATEDIFF(day, '2024-01-15T23:00:00', '2024-01-16T01:00:00')", 1),
        ("GETDATE()", "2024-02-14T12:00:00.000"),
        ("CASE WHEN EXISTS (SELECT 1 FROM order_header) THEN 'some' ELSE 'none' END", "some"),
        ("(SELECT STRING_AGG(os_id, ',') WITHIN GROUP (ORDER BY os_id) FROM order_status)", "1,2,3,4,5,6"),
    ],
)
def test_expressions_mean_what_they_mean_in_t_sql(expression: str, value: object) -> None:
    with sandbox(EVENTS) as client:
        (row,) = client.rows(f"SELECT {expression} AS value")
    assert row["value"] == pytest.approx(value) if isinstance(value, float) else row["value"] == value


@pytest.mark.req("DAG-2")
def test_an_hour_that_comes_twice_is_written_alike_both_times() -> None:
    before, after = datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)
    with sandbox([customer(1), product(), placed(501, at=before), placed(502, at=after)]) as client:
        rows = client.rows("SELECT oh_datetime AS at FROM order_header")
    assert [row["at"] for row in rows] == ["2024-10-27T01:30:00.000"] * 2


@pytest.mark.req("DAG-2")
def test_definitions_are_installed_from_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "orders.sql").write_text("SELECT oh_id AS id FROM order_header", encoding="utf-8")
    (tmp_path / "customers.sql").write_text("SELECT cd_id AS id FROM customer_detail", encoding="utf-8")
    with sandbox(EVENTS, definitions_folder=str(tmp_path), definitions={"7": "SELECT 1 AS one"}) as client:
        listed = requests.get(f"{client.url}/sandbox/definitions", timeout=30).json()
        assert [(one["id"], one["name"]) for one in listed] == [(7, ""), (101, "customers"), (102, "orders")]
        assert len(client.export(102).json()) == 2
        client.app.reset()
        client.log_in()
        assert client.export(101).json() == [{"id": 1}]
        assert client.app.log.as_dict()["by_endpoint"]["export customers"]["requests"] == 1


@pytest.mark.req("OPS-3")
def test_a_sandbox_does_not_start_with_a_definition_that_it_cant_run(tmp_path: Path) -> None:
    (tmp_path / "orders.sql").write_text("SELECT oh_number FROM order_header", encoding="utf-8")
    with pytest.raises(RefusedDefinitionError, match="export definition orders: no such column: oh_number"):
        build({"definitions_folder": str(tmp_path)})
