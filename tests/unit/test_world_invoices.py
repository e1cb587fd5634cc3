"""Real invoice lines become a shop's past by fixed rules; whatever is left out is counted under its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.sandbox.world.events import CustomerKnown, OrderPlaced, ProductListed, Refunded, ReturnMade, Shipped
from retail_sync.sandbox.world.invoice_lines import COLUMNS
from retail_sync.sandbox.world.invoice_orders import customer_email, guest_email
from retail_sync.sandbox.world.invoices import Invoices, read_invoices

Row = tuple[str, str, str, int, str, str, str, str]
UK = "United Kingdom"


def sale(
    invoice: str,
    code: str,
    quantity: int,
    *,
    price: str = "2.55",
    customer: str = "17850",
    at: str = "12/1/10 8:26",
    name: str = "LANTERN",
    country: str = UK,
) -> Row:
    return (invoice, code, name, quantity, at, price, customer, country)


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "invoices.csv")


class Reader:
    """Writes rows as a CSV file and reads that."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *rows: Row) -> Invoices:
        lines = [",".join(COLUMNS), *(",".join(str(value) for value in row) for row in rows)]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_invoices(self.path)


def orders(invoices: Invoices) -> list[OrderPlaced]:
    return [event for event in invoices.events if isinstance(event, OrderPlaced)]


def returned(invoices: Invoices) -> list[tuple[int, list[tuple[int, int]]]]:
    """Each return as its order and its (line, quantity) pairs."""
    made = [event for event in invoices.events if isinstance(event, ReturnMade)]
    return [(event.number, [(line.line_id, line.quantity) for line in event.lines]) for event in made]


def test_an_invoice_is_an_order_of_a_registered_customer(read: Reader) -> None:
    invoices = read(sale("536365", "85123A", 6), sale("536365", "71053", 2, price="3.39"))
    (order,) = orders(invoices)
    assert (order.number, order.email, order.at) == (
        536365,
        customer_email(17850),
        datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
    )
    assert (order.currency, order.rate, order.market, order.ship_to.country) == ("GBP", Decimal(1), UK, "GB")
    assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [
        ("85123A", 6, Decimal("2.55")),
        ("71053", 2, Decimal("3.39")),
    ]
    (customer,) = [event for event in invoices.events if isinstance(event, CustomerKnown)]
    assert (customer.registered, customer.email) == (True, order.email)
    assert invoices.left_out == Counter()


def test_an_invoice_without_a_customer_is_a_guests_with_an_address_of_its_own(read: Reader) -> None:
    first, second = orders(read(sale("1", "85123A", 1, customer=""), sale("2", "85123A", 1, customer="")))
    assert (first.email, second.email) == (guest_email(1), guest_email(2))
    assert first.customer_id != second.customer_id


def test_a_repeated_line_is_a_second_line(read: Reader) -> None:
    (order,) = orders(read(sale("1", "85123A", 1), sale("1", "85123A", 1)))
    assert len({line.line_id for line in order.lines}) == 2


@pytest.mark.parametrize("code", ["POST", "DOT", "C2"])
def test_postage_is_the_orders_shipping_and_makes_an_order_alone(read: Reader, code: str) -> None:
    (order,) = orders(read(sale("1", code, 2, price="18.00")))
    assert (order.shipping, order.lines) == (Decimal("36.00"), ())


def test_gift_cards_are_lines_that_do_not_count_and_make_no_order_alone(read: Reader) -> None:
    invoices = read(sale("1", "85123A", 1), sale("1", "gift_0001_20", 1), sale("2", "gift_0001_20", 1))
    (order,) = orders(invoices)
    assert [line.gift_card for line in order.lines] == [False, True]
    assert invoices.left_out == {"gift card without anything else": 1}


def test_a_price_is_exactly_what_the_file_says(read: Reader) -> None:
    (order,) = orders(read(sale("1", "85123A", 1, price="0.001"), sale("1", "85123B", 1, price="0.0")))
    assert [line.unit_price for line in order.lines] == [Decimal("0.001"), Decimal(0)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (sale("2", "M", 1), "neither product, gift card nor shipping"),
        (sale("2", "BANK CHARGES", 1), "neither product, gift card nor shipping"),
        (sale("2", "85123A", -5), "stock correction: nothing was sold"),
        (sale("2", "POST", 0), "stock correction: nothing was sold"),
        (sale("2", "85123A", 1, price="-1.0"), "negative price"),
        (sale("C2", "85123A", -1, customer=""), "cancellation without a customer"),
        (sale("C2", "POST", -1), "cancellation of something that is no product"),
        (sale("C2", "gift_0001_20", -1), "cancellation of something that is no product"),
        (sale("C2", "85123A", 1), "cancellation without a quantity"),
    ],
)
def test_what_is_left_out_is_counted_by_reason(read: Reader, row: Row, reason: str) -> None:
    invoices = read(sale("1", "85123A", 10), row)
    assert [order.number for order in orders(invoices)] == [1]
    assert returned(invoices) == []
    assert invoices.left_out == {reason: 1}


def test_a_return_takes_from_the_latest_sale_first_and_over_several(read: Reader) -> None:
    invoices = read(
        sale("1", "85123A", 3, at="12/1/10 8:00"),
        sale("2", "85123A", 2, at="12/3/10 8:00"),
        sale("3", "85123A", 9, at="12/9/10 8:00"),
        sale("C4", "85123A", -4, at="12/5/10 8:00"),
    )
    assert returned(invoices) == [(2, [(2, 2)]), (1, [(1, 2)])]
    assert [event.amount for event in invoices.events if isinstance(event, Refunded)] == [
        Decimal("5.10"),
        Decimal("5.10"),
    ]


def test_sales_of_the_same_time_are_taken_back_by_invoice_then_row_last_first(read: Reader) -> None:
    invoices = read(sale("2", "85123A", 1), sale("1", "85123A", 1), sale("2", "85123A", 1), sale("C9", "85123A", -2))
    assert returned(invoices) == [(2, [(3, 1), (1, 1)])]


def test_a_sale_of_the_same_minute_can_be_returned_and_comes_first(read: Reader) -> None:
    invoices = read(sale("C2", "85123A", -1), sale("1", "85123A", 1))
    kinds = [type(event) for event in invoices.events]
    assert kinds.index(OrderPlaced) < kinds.index(Shipped) < kinds.index(ReturnMade) < kinds.index(Refunded)


def test_cancellations_take_in_the_order_of_their_time_not_of_the_file(read: Reader) -> None:
    invoices = read(
        sale("1", "85123A", 1, at="12/1/10 8:00"),
        sale("C3", "85123A", -1, at="12/9/10 8:00"),
        sale("C2", "85123A", -1, at="12/5/10 8:00"),
    )
    (back,) = [event for event in invoices.events if isinstance(event, ReturnMade)]
    assert back.at == datetime(2010, 12, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    [
        {"customer": "99"},
        {"price": "2.54"},
        {"at": "12/1/10 8:25"},
    ],
)
def test_only_the_customers_own_earlier_sales_at_that_price_match(read: Reader, other: dict[str, str]) -> None:
    invoices = read(sale("1", "85123A", 5), sale("C2", "85123A", -2, **other))
    assert returned(invoices) == []
    assert invoices.left_out == {
        "cancellation that finds no earlier sale for all of it": 1,
        "units of such cancellations": 2,
    }


def test_units_that_find_no_sale_are_left_out_and_the_rest_come_back(read: Reader) -> None:
    invoices = read(sale("1", "85123A", 5), sale("C2", "85123A", -7, at="12/2/10 8:00"))
    assert returned(invoices) == [(1, [(1, 5)])]
    assert invoices.left_out["units of such cancellations"] == 2


def test_two_cancelled_lines_of_one_sale_are_one_line_of_the_return(read: Reader) -> None:
    invoices = read(sale("1", "85123A", 5), sale("C2", "85123A", -1), sale("C2", "85123A", -2))
    assert returned(invoices) == [(1, [(1, 3)])]


def test_a_product_is_named_by_its_first_description_and_listed_before_it_is_sold(read: Reader) -> None:
    invoices = read(
        sale("2", "85123A", 1, name="", at="12/2/10 8:00"),
        sale("3", "85123A", 1, name="WHITE HEART", at="12/3/10 8:00"),
        sale("1", "85123A", 1, name="damaged", at="12/1/10 8:00"),
    )
    assert isinstance(invoices.events[0], ProductListed)
    assert (invoices.events[0].name, invoices.events[0].number) == ("WHITE HEART", "85123A")


def test_every_order_is_captured_confirmed_and_on_its_way_with_a_number(read: Reader) -> None:
    invoices = read(sale("1", "85123A", 5))
    (order,) = orders(invoices)
    (parcel,) = [event for event in invoices.events if isinstance(event, Shipped)]
    assert order.captured
    assert (parcel.carrier, parcel.last, bool(parcel.tracking_number)) == ("Royal Mail", True, True)


def test_a_file_of_another_kind_is_refused_with_its_row(read: Reader) -> None:
    read.path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="row 0") as refused:
        read_invoices(read.path)
    assert "InvoiceNo" in refused.value.fix


def test_parquet_and_csv_say_the_same(read: Reader) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [sale("1", "85123A", 5, price="2.1"), sale("2", "71053", 1, customer=""), sale("C3", "85123A", -1)]
    from_csv = read(*rows)
    columns: dict[str, Sequence[object]] = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    columns["UnitPrice"] = [float(row[5]) for row in rows]
    columns["CustomerID"] = [int(row[6]) if row[6] else None for row in rows]
    path = read.path.with_suffix(".parquet")
    parquet.write_table(pyarrow.table(columns), path)
    assert read_invoices(path) == from_csv
