"""Rows of an invented Fulfil account, to be taken apart without a server."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from retail_sync.vendors.fulfil.payloads import (
    AddressRow,
    ChannelRow,
    InvoiceLineRow,
    InvoiceRow,
    LineRow,
    MoveRow,
    ReturnRow,
    SaleRow,
    ShipmentRow,
)
from retail_sync.vendors.fulfil.prices import Priced
from retail_sync.vendors.fulfil.sale import Sale, With

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = ChannelRow(id=1, name="Web shop", code="web", source="shopify", currency="SEK")
HOME = AddressRow(id=5, name="Åsa Berg", street="Götgatan 1\n2 tr", city="Stockholm", zip="116 46", country="SE")


def line(number: int = 1, price: str = "80.0000", quantity: int | str = 1, **fields: Any) -> LineRow:
    pieces = Decimal(quantity)
    said: dict[str, Any] = {
        "id": number,
        "quantity": pieces,
        "unit_price": Decimal(price),
        "amount": round(Decimal(price) * pieces, 2),
        "description": "Coat",
        "product": 70,
        "template": 7,
        "code": "P7",
    }
    return LineRow(**(said | fields))


def sale_row(lines: list[LineRow], total: str, tax: str, **fields: Any) -> SaleRow:
    said: dict[str, Any] = {
        "id": 900,
        "create_date": NOON,
        "number": "SO900",
        "state": "processing",
        "party": 11,
        "email": "asa@mail.test",
        "currency": "SEK",
        "sale_date": NOON.date(),
        "total_amount": Decimal(total),
        "tax_amount": Decimal(tax),
        "untaxed_amount": Decimal(total) - Decimal(tax),
        "company_total": Decimal(total),
        "lines": [one.id for one in lines],
    }
    return SaleRow(**(said | fields))


def sale(lines: list[LineRow], total: str, tax: str, *, rate: str | None = "0.25", **parts: Any) -> Sale:
    """A sale of these lines; `rate` is their tax, where they tell; `parts` are fields of its row, or hang on it."""
    hanging = {name: parts.pop(name) for name in list(parts) if name in Sale.__dataclass_fields__}
    row = sale_row(lines, total, tax, **parts)
    said: dict[str, Any] = {
        "row": row,
        "channel": SHOP,
        "is_anonymous": False,
        "company_currency": "SEK",
        "lines": lines,
        "priced": Priced(row, lines, {one.id: Decimal(rate) for one in lines} if rate else None),
        "shipments": [],
        "returns": [],
        "credits": [],
        "transactions": [],
        "shipping_address": HOME,
        "billing_address": HOME,
        "replaced": None,
        "others": {},
    }
    return Sale(**(said | hanging))


def parcel(number: int = 1, *moves: MoveRow, **fields: Any) -> With[ShipmentRow, MoveRow]:
    said: dict[str, Any] = {"id": number, "create_date": NOON, "state": "done", "carrier": "PostNord", "number": "CS1"}
    return With(ShipmentRow(**(said | fields)), moves)


def came_back(number: int, *moves: MoveRow, state: str = "done") -> With[ReturnRow, MoveRow]:
    return With(ReturnRow(id=number, create_date=NOON, state=state), moves)


def move(number: int, of: int, quantity: int = 1, state: str = "done") -> MoveRow:
    return MoveRow(id=number, quantity=Decimal(quantity), state=state, origin=f"sale.line,{of}")


def credit(
    number: int, amount: str, *origins: int, kind: str = "out_credit_note", state: str = "posted"
) -> With[InvoiceRow, InvoiceLineRow]:
    row = InvoiceRow(
        id=number,
        create_date=NOON,
        type=kind,
        state=state,
        total_amount=Decimal(amount),
        invoice_date=date(2026, 3, 1),
    )
    lines = [
        InvoiceLineRow(id=place, amount=Decimal(1), origin=f"sale.line,{one}") for place, one in enumerate(origins)
    ]
    return With(row, lines or [InvoiceLineRow(id=1, amount=Decimal(amount))])
