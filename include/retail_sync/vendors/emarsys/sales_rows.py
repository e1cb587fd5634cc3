"""What is still to be appended so that an order's rows add up to what is wanted, and the table that holds it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any, NamedTuple

from retail_sync.model.delivery import Delivery
from retail_sync.vendors.emarsys.facts import ORIGIN_COLUMNS

_NONE: Mapping[str, Any] = {}


class Appended(NamedTuple):
    """One row of sales data.

    Attributes:
        timestamp: In UTC.
        price: The whole row's.
        takes_off: Whether it takes something off.
        origin: By column, what the order came by.
    """

    order: str
    timestamp: str
    customer: str
    email: str
    item: str
    price: Decimal
    quantity: int
    takes_off: bool
    origin: Mapping[str, str]


def appended(delivery: Delivery) -> list[Appended]:
    """What is to be appended for an order, given what the ledger says was sent before.

    An order that belongs to somebody else now is taken off the one and added for the other; one that is taken away is
    taken off.
    """
    before, now = delivery.previous or _NONE, delivery.payload
    if delivery.operation == "delete":
        return list(_taken_off(delivery, before))
    if before and before["customer"] != now.get("customer"):
        return [*_between(delivery, before, before["rows"], _NONE), *_between(delivery, now, _NONE, now["rows"])]
    return list(_between(delivery, now, _rows(before), now["rows"]))


def whole(delivery: Delivery) -> list[Appended]:
    """All rows of an order, for a file that replaces what was there of it, by what adds and by what takes off.

    Where nothing adds or nothing takes off any more, a row of nothing does, so that what did is replaced.
    """
    now, before = delivery.payload, delivery.previous or _NONE
    rows = list(_between(delivery, now, _NONE, _rows(now)))
    sent = list(_between(delivery, before, _NONE, _rows(before)))
    for takes_off in (False, True):
        if _holds(sent, takes_off=takes_off) and not _holds(rows, takes_off=takes_off):
            rows.append((rows or sent)[0]._replace(price=Decimal(0), quantity=0, takes_off=takes_off))
    return rows


def table(rows: Sequence[Appended], columns: Sequence[str], types: tuple[str, str]) -> bytes:
    """Rows as CSV with a header, in these columns.

    Args:
        rows: They.
        columns: Names of the columns, in their order.
        types: What the column `type` calls a row that adds, and one that takes off.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        values = {**dict.fromkeys(ORIGIN_COLUMNS, ""), **row._asdict(), **row.origin}
        values |= {"price": f"{row.price:.2f}", "type": types[row.takes_off]}
        writer.writerow([values[column] for column in columns])
    return text.getvalue().encode()


def _between(
    delivery: Delivery, whose: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[Appended]:
    """The differences of named rows. A row under another item is taken off whole and added anew."""
    for name in sorted({*before, *now}, key=_order):
        old, new = before.get(name), now.get(name)
        if old and new and old["item"] != new["item"]:
            yield _row(delivery, whose, old, -old["quantity"], -Decimal(old["price"]))
            yield _row(delivery, whose, new, new["quantity"], Decimal(new["price"]))
            continue
        quantity = (new["quantity"] if new else 0) - (old["quantity"] if old else 0)
        price = Decimal(new["price"] if new else 0) - Decimal(old["price"] if old else 0)
        if quantity or price:
            # What changes a row that was sent happened when the order changed, not when the row did.
            yield _row(delivery, whose, {**(new or old or _NONE), **({"at": ""} if old else {})}, quantity, price)


def _taken_off(delivery: Delivery, before: Mapping[str, Any]) -> Iterator[Appended]:
    """The opposite of every row that was sent; nothing says when that happened but the rows themselves."""
    rows = _rows(before)
    last = max((row["at"] for row in rows.values() if "at" in row), default="")
    for name in sorted(rows, key=_order):
        row = rows[name]
        yield _row(delivery, before, {**row, "at": last}, -row["quantity"], -Decimal(row["price"]))


def _row(
    delivery: Delivery, whose: Mapping[str, Any], row: Mapping[str, Any], quantity: int, price: Decimal
) -> Appended:
    return Appended(
        order=whose["order"],
        timestamp=row.get("at") or delivery.birth.get("changed_at", ""),
        customer=whose["customer"],
        email=whose["email"],
        item=row["item"],
        price=price,
        quantity=quantity,
        takes_off=_takes_off(quantity, price),
        origin=whose.get("origin", _NONE),
    )


def _takes_off(quantity: int, price: Decimal) -> bool:
    return price < 0 or quantity < 0


def _holds(rows: Sequence[Appended], *, takes_off: bool) -> bool:
    return any(row.takes_off is takes_off for row in rows)


def _rows(payload: Mapping[str, Any] | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (payload or _NONE).get("rows", _NONE)
    return found


def _order(name: str) -> tuple[int, str]:
    """What was ordered goes before what was taken off it."""
    sorts = ("ordered", "charges", "cancelled", "returned", "refunded")
    return sorts.index(name.partition(":")[0]), name
