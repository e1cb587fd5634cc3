"""What comes back of Fulfil's sales, and which credit note pays for it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.model.records import Return
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.fulfil.client import Rows
from retail_sync.vendors.fulfil.orders import Orders
from retail_sync.vendors.fulfil.payloads import LineRow, OwnerRow
from retail_sync.vendors.fulfil.reading import Reader
from retail_sync.vendors.fulfil.returns import Returns
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import UnfitError
from tests.unit.fulfil_rows import came_back, credit, line, move, sale

BOUGHT = [line(1, "80.0000", 3), line(2, "40.0000", 1, product=71)]
#: Two coats and a hat came back: 200 and 50 with tax.
BACK = [line(11, "80.0000", -2, origin="sale.line,1"), line(12, "40.0000", -1, product=71)]


def returned(back: list[LineRow] | None = None, settings: dict[str, Any] | None = None, **parts: Any) -> list[Return]:
    lines = [*BOUGHT, *(BACK if back is None else back)]
    untaxed = sum(one.untaxed for one in lines)
    total = untaxed * Decimal("1.25")
    found = sale(lines, f"{total:.2f}", f"{total - untaxed:.2f}", **parts)
    return Returns(Settings(**(settings or {}))).records(found)


def paid(found: list[Return]) -> dict[str, list[Decimal]]:
    return {one.key: [payment.amount for payment in one.refunds] for one in found}


@pytest.mark.req("ORD-5")
def test_each_return_shipment_is_a_return_of_the_lines_that_it_moves() -> None:
    found = returned(returns=[came_back(5, move(1, 11)), came_back(6, move(2, 11), move(3, 12), state="draft")])
    assert [(one.key, one.status, one.total, one.order_number) for one in found] == [
        ("5", "completed", Decimal(100), "SO900"),
        ("6", "open", Decimal(150), "SO900"),
    ]
    assert [(one.line_key, one.quantity) for one in found[1].lines] == [("1", 1), ("2", 1)]


@pytest.mark.req("ORD-5")
def test_where_moves_can_t_be_read_the_goods_belong_to_the_shipment_that_there_is() -> None:
    (found,) = returned(returns=[came_back(5)])
    assert (found.key, found.total, len(found.lines)) == ("5", Decimal(250), 2)


@pytest.mark.req("ORD-5")
def test_goods_that_came_back_without_a_shipment_count_once_the_sale_is_done() -> None:
    assert returned() == []
    (found,) = returned(state="done")
    assert (found.key, found.status, found.total) == ("line 11", "completed", Decimal(250))


@pytest.mark.req("ORD-5")
@pytest.mark.parametrize("word", ["cancel", "cancelled"])
def test_a_return_that_was_called_off_counts_for_nothing_and_is_awaited_no_more(word: str) -> None:
    (found,) = returned(returns=[came_back(5, move(1, 11), state=word)])
    assert (found.status, found.total, found.lines) == ("completed", Decimal(0), ())
    assert [(one.kind, one.succeeded, one.amount) for one in found.refunds] == [("refunded", True, Decimal(0))]


@pytest.mark.req("ORD-3", "ORD-5")
def test_a_credit_note_pays_for_the_return_whose_lines_it_names() -> None:
    two = [came_back(5, move(1, 11, 2)), came_back(6, move(2, 12))]
    assert paid(returned(returns=two, credits=[credit(9, "45.00", 12)])) == {"5": [], "6": [Decimal(45)]}
    # What it says of no return is money without goods.
    assert paid(returned(returns=two, credits=[credit(9, "45.00", 1)])) == {"5": [], "6": []}


@pytest.mark.req("ORD-3", "ORD-5")
def test_a_credit_note_for_several_returns_is_shared_out_to_the_cent() -> None:
    two = [came_back(5, move(1, 11, 2)), came_back(6, move(2, 12))]
    found = returned(returns=two, credits=[credit(9, "100.01", 11, 12)])
    assert paid(found) == {"5": [Decimal("50.01")], "6": [Decimal("50.00")]}
    assert {payment.key for one in found for payment in one.refunds} == {"credit 9"}


@pytest.mark.req("ORD-3", "ORD-5")
@pytest.mark.parametrize(
    ("amounts", "shares"),
    [
        (["50.00"], {"5": [], "6": [Decimal("50.00")]}),
        (["-190.00"], {"5": [Decimal("190.00")], "6": []}),
        (["50.00", "200.00"], {"5": [Decimal("200.00")], "6": [Decimal("50.00")]}),
        # A fee is kept, or shipping is paid back too.
        (["40.00"], {"5": [], "6": [Decimal("40.00")]}),
        # Too little for either, or too much: money without goods.
        (["10.00"], {"5": [], "6": []}),
        (["900.00"], {"5": [], "6": []}),
    ],
)
def test_a_credit_note_that_names_nothing_pays_for_what_it_fits(
    amounts: list[str], shares: dict[str, list[Decimal]]
) -> None:
    two = [came_back(5, move(1, 11, 2)), came_back(6, move(2, 12))]
    notes = [credit(place, amount, kind="out") for place, amount in enumerate(amounts)]
    assert paid(returned(returns=two, credits=notes)) == shares


@pytest.mark.req("ORD-3")
def test_a_credit_note_that_is_not_booked_is_no_money_yet() -> None:
    (found,) = returned(returns=[came_back(5)], credits=[credit(9, "250.00", 11, state="draft")])
    assert [(one.succeeded, one.amount) for one in found.refunds] == [(False, Decimal(250))]
    (later,) = returned(
        settings={"booked_states": ["draft"]},
        returns=[came_back(5)],
        credits=[credit(9, "250.00", 11, state="draft")],
    )
    assert [one.succeeded for one in later.refunds] == [True]


@pytest.mark.req("ORD-5", "ORD-1")
@pytest.mark.parametrize("bought", [[], [line(1, "40.0000")]])
def test_a_sale_that_takes_back_what_another_one_sold_is_that_ones_return(bought: list[LineRow]) -> None:
    """Alone it is no order; in an exchange the new goods are one, and what came back is taken off the other."""
    lines = [*bought, line(11, "80.0000", -1, origin="sale.line,70")]
    untaxed = sum(one.untaxed for one in lines)
    total = untaxed * Decimal("1.25")
    others = {70: OwnerRow(id=70, sale=800, number="SO800")}
    hanging: dict[str, Any] = {"returns": [came_back(5, move(1, 11))], "credits": [credit(9, "90.00", 11)]}
    given = sale(lines, f"{total:.2f}", f"{total - untaxed:.2f}", others=others, **hanging)
    (found,) = Returns(Settings()).records(given)
    assert (found.order_key, found.order_number, found.total) == ("800", "SO800", Decimal(100))
    assert [one.line_key for one in found.lines] == ["70"]
    assert given.is_return_alone is not bool(bought)
    assert [payment.amount for payment in found.refunds] == [Decimal(90)]
    order = Orders(Settings(), Carriers({})).record(given)
    assert (order.total, order.payments) == (Decimal(50) if bought else Decimal(0), ())


class Telling:
    """A shape that some row is not of."""

    def fit(self, row: Any) -> Any:
        if row["id"] == 900:
            raise UnfitError("sale.line 3: it can't be read")
        return row


@pytest.mark.req("OPS-1")
def test_a_sale_whose_returns_can_t_be_read_is_named_as_no_return_is_and_until_it_can_be() -> None:
    """A return bears its shipment's id, which may be the number of a sale, and many sales have no return to tell of."""
    reader = Reader[Any](Telling(), lambda _: [], of="sale")  # type: ignore[arg-type]
    page = reader.page(Rows([{"id": 899}, {"id": 900}], datetime(2026, 5, 1, tzinfo=UTC)), "window")

    assert page.refused == [("of sale 900", "sale.line 3: it can't be read")]
    assert page.readable == ["of sale 899"]
