"""Rows that hang on others, brought by their ids; and whose they are when one of them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec import Struct

from retail_sync.model.reading import Window
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.client import ALL_ROWS, FulfilClient, Question, Row, Rows
from retail_sync.vendors.fulfil.domains import EVERYTHING, among, before, within
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import Shape, UnfitError

R = TypeVar("R", bound=Struct)


class Brought(Generic[R]):
    """Rows of one model by id; those that are not as they should be with the reason.

    Args:
        model: The model.
        rows: Rows, or why one is unfit.
    """

    def __init__(self, model: str, rows: Mapping[int, R | str]) -> None:
        self._model = model
        self._rows = rows

    @property
    def fit(self) -> list[R]:
        """The rows that are as they should be."""
        return [row for row in self._rows.values() if not isinstance(row, str)]

    def known_of(self, ids: Iterable[int]) -> list[R]:
        """Those of the rows of these ids that are as they should be."""
        return [row for number in ids if not isinstance(row := self._rows.get(number, ""), str)]

    def of(self, ids: Iterable[int]) -> list[R]:
        """The rows of these ids, in their order.

        Raises:
            UnfitError: One is unfit, or did not come: it can't be seen, or was deleted just now.
        """
        return [self._one(number) for number in ids]

    def known(self, number: int | None) -> R | None:
        """The row of an id; none where nothing is named, or it can't be seen.

        Raises:
            UnfitError: It is unfit.
        """
        return self._one(number) if number is not None and number in self._rows else None

    def _one(self, number: int) -> R:
        found = self._rows.get(number, "it can't be read: the token's user may not see it, or it was deleted just now")
        if isinstance(found, str):
            raise UnfitError(f"{self._model} {number}: {found}")
        return found


@dataclass(frozen=True, slots=True)
class Child:
    """A model whose rows hang on others.

    Attributes:
        model: The model.
        link: Its field that leads to the parent: an id, ids, or a text `model,id`.
        listed_by: Where it has none: the parent's field that lists its rows.
        fields: What else `wanted` looks at.
        wanted: Whether a row matters to its parent.
    """

    model: str
    link: str | None = None
    listed_by: str = ""
    fields: tuple[str, ...] = ()
    wanted: Callable[[Mapping[str, Any]], bool] = bool


class Children:
    """Brings rows that hang on others.

    Args:
        client: The account.
        settings: The pair file's settings.
    """

    def __init__(self, client: FulfilClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def bring(self, shape: Shape[R], ids: Iterable[int], context: Mapping[str, Any] = ALL_ROWS) -> Brought[R]:
        """The rows of these ids."""
        found: dict[int, R | str] = {}
        question = Question(shape.model, shape.fields, EVERYTHING, context)
        for page in self._by_ids(question, sorted(set(ids))):
            found.update({row["id"]: _fitted(shape, row) for row in page.rows})
        return Brought(shape.model, found)

    def parents(self, model: str, children: Sequence[Child], window: Window | None) -> list[int]:
        """The ids of rows of a model of which a child changed in a window.

        A window by creation asks for parents alone. Where no parent is older than the window none is looked for, since
        the window's own rows are all there are.
        """
        if window is None or window.by == "created":
            return []
        if not self._client.read(Question(model, ("id",), before(window.since)), 1).rows:
            return []
        return sorted({parent for child in children for parent in self._of(model, child, window)})

    def _of(self, model: str, child: Child, window: Window) -> set[int]:
        fields = tuple(filter(None, (child.link, *child.fields))) or ("id",)
        pages = paging.pages(self._client, Question(child.model, fields, within(window)), self._settings.page_size)
        changed = [row for page in pages for row in page.rows if child.wanted(row)]
        if child.link is not None:
            return {parent for row in changed for parent in linked(row.get(child.link), model)}
        return self._listing(model, child.listed_by, [row["id"] for row in changed])

    def _listing(self, model: str, field: str, ids: Sequence[int]) -> set[int]:
        """The rows of a model that list any of these ids."""
        found: set[int] = set()
        for start in range(0, len(ids), self._settings.ids_at_once):
            domain = among(field, ids[start : start + self._settings.ids_at_once])
            for page in paging.pages(self._client, Question(model, ("id",), domain), self._settings.page_size):
                found.update(page.ids)
        return found

    def _by_ids(self, question: Question, ids: Sequence[int]) -> Iterator[Rows]:
        return paging.by_ids(self._client, question, ids, self._settings.ids_at_once, self._settings.page_size)


def linked(value: Any, model: str) -> list[int]:
    """The ids of a model that a field leads to; a text that names another model leads to none of it.

    >>> linked("sale.line,7", "sale.line"), linked("sale.line,7", "sale.sale"), linked([7, 8], "sale.sale")
    ([7], [], [7, 8])
    """
    if isinstance(value, str):
        named, _, number = value.partition(",")
        return [int(number)] if named == model and number.isdecimal() else []
    if isinstance(value, list):
        return [one for one in value if isinstance(one, int)]
    return [value] if isinstance(value, int) else []


def _fitted(shape: Shape[R], row: Row) -> R | str:
    try:
        return shape.fit(row)
    except UnfitError as error:
        return str(error)
