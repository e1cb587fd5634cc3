"""From the rows of a page to canonical records; what can't become one is named and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from msgspec import Struct

from retail_sync.model.reading import Page
from retail_sync.model.records import Record
from retail_sync.vendors.fulfil.client import Rows
from retail_sync.vendors.fulfil.shapes import Shape, UnfitError

R = TypeVar("R", bound=Struct)
W = TypeVar("W")
#: A key, and why what it stands for is refused.
Refused = tuple[str, str]
#: What a row that is not as it should be makes of the code that takes it apart.
_UNFIT = (UnfitError, ValueError, ArithmeticError, TypeError, AttributeError, LookupError)


class Reader(Generic[R]):
    """Reads the rows of one stream.

    Args:
        shape: What is asked of a row.
        make: Turns rows into records, and says which are refused.
        of: What a row is, where it is no record of the stream itself: a refused one is named as that, with its id.
    """

    def __init__(
        self, shape: Shape[R], make: Callable[[Sequence[R]], Iterable[Record | Refused]], *, of: str = ""
    ) -> None:
        self.shape = shape
        self._make = make
        self._of = of

    def page(self, answer: Rows, query: str) -> Page:
        """The canonical page of an answer's rows; `query` names the question, see `model.reading.Page`."""
        fit: list[R] = []
        refused: list[Refused] = []
        for row in answer.rows:
            try:
                fit.append(self.shape.fit(row))
            except UnfitError as error:
                refused.append((str(row["id"]), str(error)))
        records: list[Record] = []
        for made in self._make(fit):
            if isinstance(made, tuple):
                refused.append(made)
            else:
                records.append(made)
        page = Page(records=records, requested_at=answer.requested_at, refused=refused, query=query)
        return self._named(page, answer.ids) if self._of else page

    def _named(self, page: Page, ids: Sequence[int]) -> Page:
        """A page whose refusals bear no name that a record might have, and end when their rows have become readable."""
        reasons = dict(page.refused)
        return replace(
            page,
            refused=[(f"of {self._of} {key}", reason) for key, reason in page.refused],
            readable=[f"of {self._of} {number}" for number in ids if str(number) not in reasons],
        )


def each(
    whole: Iterable[W | Refused], key: Callable[[W], str], records: Callable[[W], Iterable[Record | Refused | None]]
) -> Iterator[Record | Refused]:
    """The records of each of these, or why one has none; None is no record, and no fault.

    Args:
        whole: What records are made of, or why it could not be brought.
        key: What one of these is called.
        records: Turns one into records.
    """
    for one in whole:
        if isinstance(one, tuple):
            yield one
            continue
        try:
            made = list(records(one))
        except _UNFIT as error:
            yield key(one), _reason(error)
        else:
            yield from (record for record in made if record is not None)


def _reason(error: Exception) -> str:
    """Why it was refused. An error that is not our own may quote a value."""
    return str(error) if isinstance(error, UnfitError) else f"{type(error).__name__} while it was read"
