"""Sales data: rows that are added up and never compared with what is there, so that what comes twice counts twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from retail_sync.vendors.emarsys.sandbox.uploads import Line, Rejected, Table

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

REQUIRED = ("item", "price", "order", "timestamp", "quantity")
BUYERS = ("customer", "email")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?\Z")


class Sale(NamedTuple):
    """A row that was taken.

    Attributes:
        received: When.
        upload: In which upload, counted from 1.
        at: Its own time.
        buyer: What it says of the customer, and by which column.
        contact: The vendor's id of the contact it is tied to; None is tied to nobody for good.
        known_item: Whether the catalogue had the item then.
        price: For the whole row, in the account's currency.
    """

    received: datetime
    upload: int
    order: str
    at: datetime
    buyer: tuple[str, str]
    contact: int | None
    item: str
    known_item: bool
    price: Decimal
    quantity: Decimal
    custom: Mapping[str, str]


class Dropped(NamedTuple):
    """A row that vanished without a word to who sent it."""

    upload: int
    cells: Mapping[str, str]
    why: str


class Sales:
    """All sales data of an account.

    Args:
        columns: The header as fixed at onboarding; empty is fixed by the first upload that is taken.

    Attributes:
        rows: As appended.
        dropped: Rows that were not taken although their upload was.
        uploads: How many were taken.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self.rows: list[Sale] = []
        self.dropped: list[Dropped] = []
        self.uploads = 0

    def sums(self) -> dict[str, dict[str, Decimal | int]]:
        """Money, pieces and rows by order."""
        found: dict[str, dict[str, Decimal | int]] = {}
        for row in self.rows:
            one = found.setdefault(row.order, {"price": Decimal(0), "quantity": Decimal(0), "rows": 0})
            one["price"] += row.price
            one["quantity"] += row.quantity
            one["rows"] += 1
        return found


def take(account: Account, table: Table, endpoint: str) -> None:
    """Append the rows of an upload. The header is looked at; of the rows nothing is ever said.

    Raises:
        Rejected: 400: a column is missing, or the order is not the one that was fixed.
    """
    sales = account.sales
    _check(table.header, sales.columns)
    if account.traps.take("sales_rejected", endpoint):
        raise Rejected(400, "Invalid data\n")
    sales.columns = sales.columns or table.header
    sales.uploads += 1
    for line in table.lines:
        found = line.flaw or _read(account, line)
        if isinstance(found, Sale):
            sales.rows.append(found)
        else:
            sales.dropped.append(Dropped(sales.uploads, line.cells, found))


def _check(header: tuple[str, ...], fixed: tuple[str, ...]) -> None:
    if fixed and header != fixed:
        raise Rejected(400, "Columns do not match the configured ones\n")
    if missing := [name for name in REQUIRED if name not in header]:
        # Another spelling, such as `Price`, is a column of the customer's own and does not help.
        raise Rejected(400, f"Missing columns: {', '.join(missing)}\n")
    if sum(name in header for name in BUYERS) != 1:
        raise Rejected(400, "Exactly one of customer and email is needed\n")


def _read(account: Account, line: Line) -> Sale | str:
    """A row, or why it is none."""
    cells = line.cells
    by = "customer" if "customer" in cells else "email"
    if not cells["order"] or not cells["item"] or not cells[by]:
        return "an empty cell"
    at, price, quantity = _time(cells["timestamp"]), _number(cells["price"]), _number(cells["quantity"])
    if at is None or price is None or quantity is None:
        return "a time or a number that is none"
    return Sale(
        received=account.now(),
        upload=account.sales.uploads,
        order=cells["order"],
        at=at,
        buyer=(by, cells[by]),
        contact=_contact(account, by, cells[by]),
        item=cells["item"],
        known_item=cells["item"] in account.catalogue.items,
        price=price,
        quantity=quantity,
        custom={name: cell for name, cell in cells.items() if name not in {*REQUIRED, by}},
    )


def _contact(account: Account, by: str, value: str) -> int | None:
    key = account.contacts.key("email" if by == "email" else account.settings.customer_field)
    found = account.contacts.find(key, value) if key else []
    return found[0].id if found else None


def _time(text: str) -> datetime | None:
    """A time in UTC; other zones are not understood."""
    if not (_DATE.match(text) or _TIME.match(text)):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
