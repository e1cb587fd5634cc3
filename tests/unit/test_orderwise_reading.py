"""Answers that vouch for themselves: what is not whole is no success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

import pytest

from retail_sync.errors import IncompleteReadError, SchemaDriftError
from retail_sync.vendors.orderwise.client import Answered, OrderWiseClient
from retail_sync.vendors.orderwise.exports import definition
from retail_sync.vendors.orderwise.facts import ExportName
from retail_sync.vendors.orderwise.payloads import StockRow
from retail_sync.vendors.orderwise.reading import Chunk, Export, checked
from tests.unit.orderwise_rows import READ_AT, Installation, Json, order, page, pages, source, stock

ROWS = [stock(pd_id=number, variant_id=number) for number in range(1, 8)]
QUESTION: Json = {"@since": "", "@until": "", "@by": "changed", "@ids": ","}


class Spoilt(Installation):
    """An installation that does something to the answers of one of its calls."""

    def __init__(self, rows: list[Json], spoil: Callable[[list[Json]], Any], at: int) -> None:
        super().__init__({"stock": rows})
        self._spoil, self._at = spoil, at

    def export(self, name: ExportName, parameters: Mapping[str, Any]) -> Answered:
        answer = super().export(name, parameters)
        spoilt = len(self.asked[name]) == self._at
        return Answered(self._spoil(answer.value), READ_AT) if spoilt else answer


def read(installation: Installation, size: int = 3) -> list[Chunk[StockRow]]:
    return list(Export(cast(OrderWiseClient, installation), "stock", StockRow, size).read(QUESTION))


def keys(chunks: list[Chunk[StockRow]]) -> list[int]:
    return [found.key for chunk in chunks for found in chunk.found]


@pytest.mark.req("DAG-2", "DAG-6")
@pytest.mark.parametrize(("size", "calls"), [(3, 3), (7, 1), (100, 1)])
def test_all_is_read_in_as_few_calls_as_there_are_pages(size: int, calls: int) -> None:
    installation = Installation({"stock": ROWS})
    assert keys(read(installation, size)) == list(range(1, 8))
    assert len(installation.asked["stock"]) == calls


@pytest.mark.req("DAG-2")
def test_nothing_is_an_answer_too() -> None:
    (chunk,) = read(Installation({}))
    assert chunk.found == []


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: None,
        lambda _: [],
        lambda rows: rows[:-1],
        lambda rows: [*rows, rows[-1]],
        lambda _: page("stock", ROWS, 0, 3),
        lambda rows: [row | {"keys_left": 9} for row in rows[:2]],
        lambda rows: list(reversed(rows)),
    ],
    ids=["204", "empty", "cut", "doubled", "another page", "short page", "out of order"],
)
def test_an_answer_that_is_not_whole_is_no_success(spoil: Callable[[list[Json]], Any]) -> None:
    with pytest.raises(IncompleteReadError):
        read(Spoilt(ROWS, spoil, at=2))


@pytest.mark.req("DAG-2")
def test_rows_that_leave_while_pages_are_read_are_no_fault() -> None:
    class Leaving(Installation):
        def export(self, name: ExportName, parameters: Mapping[str, Any]) -> Answered:
            self.rows = {"stock": ROWS if parameters["@last_id"] == 0 else ROWS[5:6]}
            return super().export(name, parameters)

    assert keys(read(Leaving({}))) == [1, 2, 3, 6]


@pytest.mark.req("OPS-3")
def test_a_missing_column_is_named_even_where_there_is_nothing_to_read() -> None:
    answer = [{name: value for name, value in row.items() if name != "part_free"} for row in page("stock", [])]
    with pytest.raises(SchemaDriftError, match="part_free") as raised:
        checked(definition("stock"), answer)
    assert "stock" in str(raised.value.record)
    assert "definitions/stock.sql" in raised.value.fix


@pytest.mark.req("QUA-1")
def test_a_row_that_is_not_as_it_should_be_is_named_and_the_others_go_on() -> None:
    found = pages("orders", {"orders": [order(oh_id=16), order(oh_id=17, total_gross="much"), order(oh_id=18)]})
    assert [record.key for page in found for record in page.records] == ["16", "18"]
    ((key, reason),) = [one for page in found for one in page.refused]
    assert key == "17"
    assert "total_gross" in reason
    assert "much" not in reason


@pytest.mark.req("ORD-3")
def test_texts_lose_their_blanks_and_figures_no_digit() -> None:
    ((row,),) = [checked(definition("stock"), page("stock", [stock(free=Decimal("0.1"), kit=" x ")]))]
    assert row["kit"] == "x"
    assert row["free"] == Decimal("0.1")


@pytest.mark.req("DAG-6")
def test_lines_and_despatches_of_a_page_are_asked_for_in_one_call_each() -> None:
    reader, installation = source({"orders": [order(oh_id=number) for number in (3, 17, 25)]}, page_size=2)
    (first, second) = list(reader.extract("orders", None))
    assert len(first.records) == 2
    assert len(second.records) == 1
    belonging: tuple[ExportName, ...] = ("order_lines", "despatches")
    for name in belonging:
        asked = installation.asked[name]
        assert [(one["@ids"], one["@from_id"], one["@to_id"]) for one in asked] == [(",3,17,", 3, 17), (",25,", 25, 25)]
