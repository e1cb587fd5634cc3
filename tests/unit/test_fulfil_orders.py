"""What Fulfil's sales become."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.model.records import Order
from retail_sync.vendors.carriers import Carriers, read
from retail_sync.vendors.fulfil.orders import Orders, is_order
from retail_sync.vendors.fulfil.payloads import LineRow, TransactionRow
from retail_sync.vendors.fulfil.prices import tax_share
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import UnfitError
from tests.unit.fulfil_rows import HOME, NOON, credit, line, move, parcel, sale, sale_row

CARRIERS = Carriers(read())


def order(lines: list[LineRow], total: str, tax: str, settings: dict[str, Any] | None = None, **parts: Any) -> Order:
    return Orders(Settings(**(settings or {})), CARRIERS).record(sale(lines, total, tax, **parts))


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize(
    ("untaxed", "tax", "share"),
    [
        ("66.07", "13.88", "0.21"),
        ("80.00", "20.00", "0.25"),
        ("100.00", "25.50", "0.255"),
        ("100.00", "8.88", "0.0888"),
        ("1000.00", "88.75", "0.08875"),
        ("0", "0", "0"),
    ],
)
def test_the_roundest_tax_that_makes_the_sum_is_taken(untaxed: str, tax: str, share: str) -> None:
    assert tax_share(Decimal(untaxed), Decimal(tax), Decimal("0.01")) == Decimal(share)


@pytest.mark.req("ORD-3", "ORD-7")
@pytest.mark.parametrize("taxed", [True, False])
def test_prices_with_tax_are_round_again_and_add_up(taxed: bool) -> None:
    """Four decimals without tax hold a price of two with it, however many pieces are sold of it."""
    lines = [line(1, "66.0744", 3), line(2, "8.2562", 7)]
    found = order(lines, "309.78", "53.77", rate="0.21" if taxed else None)
    assert [(one.unit_price, one.total) for one in found.lines] == [
        (Decimal("79.95"), Decimal("239.85")),
        (Decimal("9.99"), Decimal("69.93")),
    ]


@pytest.mark.req("ORD-3")
def test_a_cent_that_rounding_leaves_stands_on_the_greatest_line() -> None:
    found = order([line(1, "33.3300"), line(2, "66.6700")], "125.01", "25.01")
    assert [one.total for one in found.lines] == [Decimal("41.66"), Decimal("83.35")]


@pytest.mark.req("ORD-3")
def test_what_does_not_add_up_is_left_for_the_rules_to_find() -> None:
    found = order([line(1, "80.0000")], "500.00", "100.00")
    assert (found.lines[0].total, found.total) == (Decimal("100.00"), Decimal("500.00"))


@pytest.mark.req("ORD-3", "ORD-7")
def test_shipping_is_a_line_or_stands_apart() -> None:
    goods = line(1, "80.0000")
    charged = line(2, "40.0000", product=None, code=None, shipping=Decimal(40))
    for found in (
        order([goods, charged], "150.00", "30.00"),
        order([goods, replace(charged, shipping=None, code="SHIP")], "150.00", "30.00", {"shipping_codes": ["SHIP"]}),
        order([goods], "150.00", "30.00", shipment_amount=Decimal("40.00")),
    ):
        assert (found.shipping, found.shipping_tax, found.tax) == (Decimal(50), Decimal(10), Decimal(30))
        assert [one.total for one in found.lines] == [Decimal(100)]


@pytest.mark.req("ORD-9", "ORD-7")
def test_a_line_below_zero_takes_off_the_whole_order() -> None:
    found = order([line(1, "80.0000", 2), line(2, "-16.0000", code=None, description="SPRING")], "180.00", "36.00")
    assert [(one.code, one.amount) for one in found.discounts] == [("SPRING", Decimal(20))]
    assert found.total == sum(one.total for one in found.lines) - found.discount == Decimal(180)


@pytest.mark.req("ORD-5", "ORD-3")
def test_the_total_is_of_what_was_ordered_whatever_came_back() -> None:
    lines = [line(1, "80.0000", 2), line(2, "80.0000", -1, origin="sale.line,1")]
    found = order(lines, "100.00", "20.00")
    assert (found.total, found.tax) == (Decimal(200), Decimal(40))
    assert [(one.quantity, one.total) for one in found.lines] == [(2, Decimal(200))]


@pytest.mark.req("ORD-1")
def test_a_line_that_was_cancelled_whole_is_no_line() -> None:
    assert [one.key for one in order([line(1), line(2, quantity=0)], "100.00", "20.00").lines] == ["1"]


@pytest.mark.req("ORD-1")
def test_what_is_sold_by_measure_is_one_piece() -> None:
    (found,) = order([line(1, "80.0000", "2.5")], "250.00", "50.00").lines
    assert (found.quantity, found.unit_price, found.total) == (1, Decimal("250.00"), Decimal("250.00"))


@pytest.mark.req("ORD-3")
def test_gift_cards_are_told_by_flag_or_code() -> None:
    lines = [line(1, gift_card=True), line(2, code="GIFT"), line(3)]
    found = order(lines, "300.00", "60.00", {"gift_card_codes": ["GIFT"]})
    assert [one.kind for one in found.lines] == ["gift_card", "gift_card", "goods"]


@pytest.mark.req("ORD-1")
@pytest.mark.parametrize(
    ("state", "sent", "ours"),
    [
        ("draft", "none", "pending"),
        ("quotation", "none", "pending"),
        ("confirmed", "none", "confirmed"),
        ("processing", "waiting", "processing"),
        ("processing", "sent", "shipped"),
        ("done", "sent", "shipped"),
        ("cancel", "none", "cancelled"),
        ("cancelled", "none", "cancelled"),
        ("brand_new", "sent", "unknown"),
    ],
)
def test_a_state_that_nobody_knows_is_data(state: str, sent: str, ours: str) -> None:
    found = order([line()], "100.00", "20.00", state=state, shipment_state=sent)
    assert (found.status, found.status_source) == (ours, state)


@pytest.mark.req("ORD-1")
@pytest.mark.parametrize(("fields", "counts"), [({}, True), ({"is_cart": True}, False), ({"number": None}, False)])
def test_a_cart_is_no_order(fields: dict[str, Any], counts: bool) -> None:
    assert is_order(sale_row([line()], "100.00", "20.00", **fields)) is counts


@pytest.mark.req("ID-6")
def test_an_order_goes_by_its_own_address_first() -> None:
    guest = replace(HOME, email="guest@post.test")
    lines = [line()]
    own = order(lines, "100.00", "20.00", shipping_address=guest)
    assert (own.email, own.customer_key) == ("guest@post.test", "11")
    shared = order(lines, "100.00", "20.00", is_anonymous=True)
    assert (shared.email, shared.customer_key) == (None, None)
    assert order(lines, "100.00", "20.00").email == "asa@mail.test"


@pytest.mark.req("ORD-3")
def test_a_rate_that_can_t_be_told_is_asked_for() -> None:
    lines = [line(1, quantity=1), line(2, quantity=-1)]
    with pytest.raises(UnfitError, match=r"rates\.NOK"):
        order(lines, "0.00", "0.00", currency="NOK")
    assert order(lines, "0.00", "0.00", {"rates": {"NOK": "0.95"}}, currency="NOK").rate == Decimal("0.95")
    told = [replace(one, company_amount=one.untaxed * Decimal("0.9")) for one in lines]
    assert order(told, "0.00", "0.00", currency="NOK").rate == Decimal("0.9")


@pytest.mark.req("ORD-3", "ORD-6")
def test_money_is_told_by_transactions_or_by_the_sales_own_sums() -> None:
    rows = [
        TransactionRow(id=1, create_date=NOON, type="charge", state="completed", amount=Decimal(100)),
        TransactionRow(id=2, create_date=NOON, type="charge", state="failed", amount=Decimal(100)),
        TransactionRow(id=3, create_date=NOON, type="refund", state="completed", amount=Decimal(30)),
    ]
    note = credit(9, "-30.00", kind="out")
    found = order([line()], "100.00", "20.00", transactions=rows, credits=[note])
    assert [(one.key, one.kind, one.succeeded) for one in found.payments] == [
        ("transaction 1", "captured", True),
        ("transaction 2", "other", False),
        ("credit 9", "refunded", True),
    ]
    gateway = order([line()], "100.00", "20.00", {"refunds": "transactions"}, transactions=rows, credits=[note])
    assert [one.key for one in gateway.payments if one.kind == "refunded"] == ["transaction 3"]
    sums = order([line()], "100.00", "20.00", {"transactions": None}, payment_captured=Decimal(100))
    assert [(one.kind, one.amount) for one in sums.payments] == [("captured", Decimal(100))]


@pytest.mark.req("SHP-1", "SHP-2")
def test_a_parcel_says_what_it_holds_and_where_it_can_be_followed() -> None:
    packed = parcel(4, move(1, 1), move(2, 1, state="cancelled"), move(3, 99), tracking_number=" 123 ")
    own = parcel(5, tracking_number="9", tracking_url="https://track.shop.test/9", effective_date=date(2026, 2, 27))
    gone = parcel(6, state="cancel")
    found = order([line(1)], "100.00", "20.00", shipments=[packed, own, gone]).shipments
    assert [(one.key, one.tracking_number) for one in found] == [("4", "123"), ("5", "9")]
    assert [(one.line_key, one.quantity) for one in found[0].lines] == [("1", 1)]
    assert found[0].tracking_url is not None
    assert found[0].tracking_url.startswith("https://")
    assert found[1].tracking_url == "https://track.shop.test/9"
    assert found[1].shipped_at is not None
    assert NOON - found[1].shipped_at < timedelta(days=2)
