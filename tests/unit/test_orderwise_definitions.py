"""The export definitions that are shipped: their headers tell what their SQL takes and gives."""

from __future__ import annotations

import re

import msgspec
import pytest
import sqlglot
from sqlglot import exp

from retail_sync.vendors.orderwise import payloads
from retail_sync.vendors.orderwise.exports import KEYS_LEFT, ROWS_HERE, definition, is_label
from retail_sync.vendors.orderwise.facts import EXPORTS, ExportName

_ROWS: dict[ExportName, type[msgspec.Struct]] = {
    "orders": payloads.OrderRow,
    "order_lines": payloads.LineRow,
    "despatches": payloads.DespatchRow,
    "credits": payloads.CreditRow,
    "customers": payloads.CustomerRow,
    "products": payloads.ProductRow,
    "stock": payloads.StockRow,
}
#: Columns that are looked at before a row is read as one.
_ASIDE = {ROWS_HERE, KEYS_LEFT, "server_time"}

every = pytest.mark.parametrize("name", EXPORTS)


def select(name: ExportName) -> exp.Select:
    found = sqlglot.parse_one(definition(name).sql, dialect="tsql")
    assert isinstance(found, exp.Select)
    return found


@every
@pytest.mark.req("OPS-3")
def test_the_columns_of_a_header_are_those_of_its_sql(name: ExportName) -> None:
    assert list(definition(name).columns) == [column.alias_or_name for column in select(name).selects]


@every
@pytest.mark.req("OPS-3")
def test_the_parameters_of_a_header_are_those_of_its_sql(name: ExportName) -> None:
    used = {f"@{one.name}" for one in select(name).find_all(exp.Parameter)}
    assert set(definition(name).parameters) == used
    assert len(definition(name).parameters) == len(used)


@every
@pytest.mark.req("OPS-3")
def test_every_column_is_read(name: ExportName) -> None:
    read = {field.name for field in msgspec.structs.fields(_ROWS[name])}
    assert read == {column for column in definition(name).columns if not is_label(column)} - _ASIDE


@every
@pytest.mark.req("DAG-2")
def test_a_definition_is_paged_by_its_key_and_vouches_for_itself(name: ExportName) -> None:
    """A row comes even where there is nothing, and whatever is joined to the keys of a page drops none of them."""
    tree, wanted = select(name), definition(name)
    joins = tree.args["joins"]
    assert [join.side for join in joins] == ["LEFT"] * len(joins)
    page = joins[0].this
    assert page.alias == "page"
    assert page.this.args["limit"] is not None
    assert [one.this.name for one in page.this.args["order"].expressions] == [wanted.key]
    assert f"{wanted.key} > @last_id" in page.this.args["where"].sql(dialect="tsql")
    assert tree.args["order"].expressions[0].this.sql() == f"page.{wanted.key}"


@every
@pytest.mark.req("OPS-3")
def test_a_header_tells_how_to_install_it(name: ExportName) -> None:
    header = definition(name).sql.partition("\nSELECT")[0]
    assert all(line.startswith("--") for line in header.splitlines())
    assert "-- Install" in header
    assert f"source.settings.definitions.{name}" in re.sub(r"\n--\s+", " ", header)


@every
def test_a_definition_is_one_select_that_begins_as_one(name: ExportName) -> None:
    """Whoever runs it may look whether it only reads."""
    statements = [one for one in sqlglot.parse(definition(name).sql, dialect="tsql") if one is not None]
    assert len(statements) == 1
    assert not list(statements[0].find_all(exp.DML, exp.DDL, exp.Command, exp.Into))
