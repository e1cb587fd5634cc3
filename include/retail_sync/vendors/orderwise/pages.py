"""From the rows of export definitions to pages of canonical records; what can't become one is named, the rest goes on.

What belongs to the records of a page (lines, despatches, stock) is asked for in one call for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from msgspec import Struct

from retail_sync.model.reading import Page, Window
from retail_sync.model.records import Record
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.orderwise.canonical import UnfitError
from retail_sync.vendors.orderwise.client import OrderWiseClient
from retail_sync.vendors.orderwise.credits import Credits
from retail_sync.vendors.orderwise.customers import Customers
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.orders import Orders
from retail_sync.vendors.orderwise.payloads import (
    CreditRow,
    CustomerRow,
    DespatchRow,
    LineRow,
    OrderRow,
    ProductRow,
    StockRow,
)
from retail_sync.vendors.orderwise.products import Products
from retail_sync.vendors.orderwise.questions import Question, Questions
from retail_sync.vendors.orderwise.reading import Chunk, Export, Found

R = TypeVar("R", bound=Struct)
#: What rows that are not as they should be make of the code that takes them apart.
_UNFIT = (ValueError, ArithmeticError, TypeError, AttributeError, LookupError)


@dataclass(slots=True)
class _Parts(Generic[R]):
    """What belongs to some records: by the record's key, the rows of each part; and what of it can't be read."""

    rows: dict[int, list[Sequence[R]]] = field(default_factory=dict)
    unfit: dict[int, str] = field(default_factory=dict)

    def of(self, key: int) -> list[Sequence[R]]:
        """The parts of a record.

        Raises:
            UnfitError: One of them can't be read.
        """
        if key in self.unfit:
            raise UnfitError(self.unfit[key])
        return self.rows.get(key, [])


class _Belonging(Generic[R]):
    """An export definition of what belongs to records of another: `owner` is the column that names these."""

    def __init__(self, export: Export[R], questions: Questions, owner: str) -> None:
        self._export, self._questions, self._owner = export, questions, owner

    def of(self, keys: Sequence[int]) -> _Parts[R]:
        """What belongs to these records."""
        parts: _Parts[R] = _Parts()
        for found in self._export.all(self._questions.listed(keys)) if keys else ():
            owner = found.first[self._owner]
            if found.unfit:
                parts.unfit[owner] = f"{self._export.definition.name} {found.key}: {found.unfit}"
            else:
                parts.rows.setdefault(owner, []).append(found.rows)
        return parts


class OrderPages:
    """Pages of orders, with their lines and despatches."""

    def __init__(self, client: OrderWiseClient, settings: Settings, carriers: Carriers, clock: LocalTime) -> None:
        self._types = settings.order_types
        self._orders = Export(client, "orders", OrderRow, settings.page_size)
        questions = Questions(settings, clock)
        self._lines = _Belonging(Export(client, "order_lines", LineRow, settings.child_size), questions, "oh_id")
        self._despatches = _Belonging(
            Export(client, "despatches", DespatchRow, settings.child_size), questions, "oh_id"
        )
        self._maker = Orders(settings, carriers, clock)

    def read(self, question: Question, name: str) -> Iterator[Page]:
        """The orders that a question selects, as pages of that name. What is no order by the settings is left out."""
        for chunk in self._orders.read(question):
            wanted = [found for found in chunk.found if found.unfit or not self._is_ignored(found.rows[0])]
            keys = [found.key for found in wanted if not found.unfit and self._is_order(found.rows[0])]
            record = partial(self._record, self._lines.of(keys), self._despatches.of(keys))
            yield _page(Chunk(wanted, chunk.requested_at), record, name)

    def _record(self, lines: _Parts[LineRow], despatches: _Parts[DespatchRow], found: Found[OrderRow]) -> list[Record]:
        row = found.rows[0]
        if not self._is_order(row):
            raise UnfitError(f"its order type {row.order_type} is none of source.settings.order_types")
        own = [part[0] for part in lines.of(found.key)]
        return [self._maker.record(row, found.labels, own, despatches.of(found.key))]

    def _is_order(self, row: OrderRow) -> bool:
        return self._types.get(row.order_type) == "order"

    def _is_ignored(self, row: OrderRow) -> bool:
        return self._types.get(row.order_type) == "ignored"


class CreditPages:
    """Pages of credits, with their lines."""

    def __init__(self, client: OrderWiseClient, settings: Settings, clock: LocalTime) -> None:
        self._credits = Export(client, "credits", CreditRow, settings.page_size)
        export = Export(client, "order_lines", LineRow, settings.child_size)
        self._lines = _Belonging(export, Questions(settings, clock), "oh_id")
        self._maker = Credits(settings, clock)

    def read(self, question: Question, name: str) -> Iterator[Page]:
        """The credits that a question selects, as pages of that name."""
        for chunk in self._credits.read(question):
            lines = self._lines.of([found.key for found in chunk.found if not found.unfit])
            yield _page(chunk, partial(self._record, lines), name)

    def _record(self, lines: _Parts[LineRow], found: Found[CreditRow]) -> list[Record]:
        return [self._maker.record(found.rows[0], [part[0] for part in lines.of(found.key)])]


class CustomerPages:
    """Pages of customers, with their contacts."""

    def __init__(self, client: OrderWiseClient, settings: Settings, clock: LocalTime) -> None:
        self._customers = Export(client, "customers", CustomerRow, settings.page_size)
        self._maker = Customers(settings, clock)

    def read(self, question: Question, name: str) -> Iterator[Page]:
        """The customers that a question selects, as pages of that name."""
        for chunk in self._customers.read(question):
            yield _page(chunk, self._records, name)

    def _records(self, found: Found[CustomerRow]) -> list[Record]:
        return [*self._maker.records(found.rows, found.labels)]


class ProductPages:
    """Pages of products, with the stock of their variants."""

    def __init__(self, client: OrderWiseClient, settings: Settings, clock: LocalTime) -> None:
        self._size = settings.product_size
        self._questions = Questions(settings, clock)
        self._products = Export(client, "products", ProductRow, settings.product_size)
        self._stock = Export(client, "stock", StockRow, settings.product_size)
        self._stock_of = _Belonging(self._stock, self._questions, "pd_id")
        self._maker = Products(clock)

    def read(self, window: Window | None) -> Iterator[Page]:
        """The products of a window, then those of which only the stock has moved in it."""
        question = self._questions.within(window)
        seen: set[int] = set()
        for chunk in self._products.read(question):
            seen.update(found.key for found in chunk.found)
            yield self._made(chunk, "window")
        if question["@by"] == "changed":
            moved = [found.key for found in self._stock.all(question) if found.key not in seen]
            yield from self.listed(moved, "stock")

    def listed(self, keys: Iterable[int], name: str) -> Iterator[Page]:
        """Certain products."""
        ordered = sorted(keys)
        for start in range(0, len(ordered), self._size):
            question = self._questions.listed(ordered[start : start + self._size])
            for chunk in self._products.read(question):
                yield self._made(chunk, f"{name} {start}")

    def _made(self, chunk: Chunk[ProductRow], name: str) -> Page:
        stock = self._stock_of.of([found.key for found in chunk.found])
        return _page(chunk, partial(self._record, stock), name)

    def _record(self, stock: _Parts[StockRow], found: Found[ProductRow]) -> list[Record]:
        return [self._maker.record(found.rows, [row for rows in stock.of(found.key) for row in rows])]


def _page(chunk: Chunk[R], records: Callable[[Found[R]], list[Record]], name: str) -> Page:
    """A page of what a call brought; `name` names the question, see `model.reading.Page`."""
    made: list[Record] = []
    refused: list[tuple[str, str]] = []
    for found in chunk.found:
        try:
            if found.unfit:
                raise UnfitError(found.unfit)  # noqa: TRY301 - both kinds of unfit end alike
            made += records(found)
        except UnfitError as error:
            refused.append((str(found.key), str(error)))
        except _UNFIT as error:
            refused.append((str(found.key), f"{type(error).__name__} while it was read"))
    return Page(records=made, requested_at=chunk.requested_at, refused=refused, query=name)
