"""Reads a file of invoice lines, parquet or CSV, as they stand in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from retail_sync.errors import ConfigurationError

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of the file; `row` counts from 0, `price` is exactly what is printed there, in GBP."""

    row: int
    invoice: str
    code: str
    description: str
    quantity: int
    at: datetime
    price: Decimal
    customer: int | None
    country: str


def read_lines(path: Path) -> Iterator[InvoiceLine]:
    """All lines of a file, in its order.

    Raises:
        ConfigurationError: A column is missing, or a value is none of its kind; the row is named.
    """
    records = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    for row, record in enumerate(records):
        try:
            yield _line(row, record)
        except (KeyError, ValueError, InvalidOperation) as error:
            raise ConfigurationError(
                f"row {row} can't be read: {error!r}", fix=f"The columns are {', '.join(COLUMNS)}.", record=path.name
            ) from error


def _line(row: int, record: dict[str, Any]) -> InvoiceLine:
    customer = record["CustomerID"]
    return InvoiceLine(
        row=row,
        invoice=str(record["InvoiceNo"]).strip(),
        code=str(record["StockCode"]).strip(),
        description=(record["Description"] or "").strip(),
        quantity=int(record["Quantity"]),
        at=_time(record["InvoiceDate"]),
        price=Decimal(str(record["UnitPrice"])),
        customer=None if customer is None or customer == "" else int(float(customer)),
        country=record["Country"],
    )


@lru_cache(maxsize=50_000)
def _time(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%y %H:%M").replace(tzinfo=UTC)


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    from pyarrow import parquet  # type: ignore[import-untyped]

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH):
            yield from batch.to_pylist()


def _csv(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)
