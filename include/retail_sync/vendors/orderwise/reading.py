"""Reading an export definition to its end, and knowing that it was the end.

A definition is paged by its key, which rows that move do not disturb. Its answers vouch for themselves: each holds a
row even where there is nothing, which says how many rows the answer has and how many keys were left when it was made.
So an answer that came empty, was cut, or is of another question is found out at once, the last page needs no further
call to be known as the last, and an empty page in the middle can't pass for the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from retail_sync.errors import IncompleteReadError, SchemaDriftError
from retail_sync.vendors.orderwise.client import Answered, OrderWiseClient
from retail_sync.vendors.orderwise.exports import KEYS_LEFT, ROWS_HERE, Definition, definition, is_label
from retail_sync.vendors.orderwise.facts import ExportName

R = TypeVar("R", bound=Struct)
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found(Generic[R]):
    """The rows of one key: typed, or why they can't be.

    Attributes:
        key: The key.
        rows: Its rows; none where one of them is not as it should be.
        first: The first of them as it came.
        unfit: Why they can't be read, or empty.
    """

    key: int
    rows: Sequence[R]
    first: Raw
    unfit: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """What stands in columns that an installation may add."""
        return {name: str(value) for name, value in self.first.items() if is_label(name) and value is not None}


@dataclass(frozen=True, slots=True)
class Chunk(Generic[R]):
    """What one call brought, by key and in its order."""

    found: Sequence[Found[R]]
    requested_at: datetime


class Export(Generic[R]):
    """One export definition.

    Args:
        client: The installation.
        name: The definition.
        row: What its rows are read as.
        size: How many keys a call asks for.
    """

    def __init__(self, client: OrderWiseClient, name: ExportName, row: type[R], size: int) -> None:
        self._client = client
        self._row = row
        self._size = size
        self.definition = definition(name)

    def read(self, question: Mapping[str, Any]) -> Iterator[Chunk[R]]:
        """All that a question selects, a call at a time; one chunk at least, even if nothing is in it.

        Args:
            question: Values by parameter, without those that page.

        Raises:
            IncompleteReadError: An answer is not whole, or is none to what was asked.
            SchemaDriftError: A column or a parameter is missing.
            WaitError: Try again later.
        """
        last_id, goes_on = 0, True
        while goes_on:
            answer = self._ask(question, last_id)
            rows = checked(self.definition, answer.value)
            chunk = Chunk(self._found(rows), answer.requested_at)
            keys = [found.key for found in chunk.found]
            left = rows[0][KEYS_LEFT] or 0
            self._check_keys(keys, last_id, left)
            yield chunk
            goes_on = left > len(keys)
            last_id = keys[-1] if keys else last_id

    def all(self, question: Mapping[str, Any]) -> list[Found[R]]:
        """All that a question selects, at once; see `read`."""
        return [found for chunk in self.read(question) for found in chunk.found]

    def _ask(self, question: Mapping[str, Any], last_id: int) -> Answered:
        given = {**question, "@last_id": last_id, "@page": self._size}
        return self._client.export(self.definition.name, {name: given[name] for name in self.definition.parameters})

    def _check_keys(self, keys: Sequence[int], last_id: int, left: int) -> None:
        if any(after <= before for before, after in pairwise([last_id, *keys])):
            raise _incomplete(self.definition, "keys come twice, out of order or from before the page")
        if len(keys) != min(left, self._size):
            raise _incomplete(self.definition, f"{len(keys)} keys came where {min(left, self._size)} should")

    def _found(self, rows: Sequence[Raw]) -> list[Found[R]]:
        by_key: dict[int, list[Raw]] = {}
        for row in rows:
            if (key := row[self.definition.key]) is not None:
                by_key.setdefault(key, []).append(row)
        return [self._typed(key, group) for key, group in by_key.items()]

    def _typed(self, key: int, group: Sequence[Raw]) -> Found[R]:
        try:
            return Found(key, [msgspec.convert(row, self._row) for row in group], group[0])
        except msgspec.ValidationError as error:
            return Found(key, (), group[0], str(error))


def checked(wanted: Definition, body: Any) -> list[Raw]:
    """The rows of an answer, without the blanks at the ends of their texts; an empty text is none.

    Raises:
        IncompleteReadError: It is empty, or not whole.
        SchemaDriftError: It lacks columns, which are named.
    """
    if not body:
        raise _incomplete(wanted, "an answer came empty, which none of this definition ever is")
    if not isinstance(body, list) or not isinstance(body[0], dict):
        raise SchemaDriftError("the answer is no list of rows", record=_record(wanted), fix=_again(wanted))
    missing = [column for column in wanted.columns if column not in body[0]]
    if missing:
        raise SchemaDriftError(
            f"the installed definition lacks the columns {', '.join(missing)}",
            record=_record(wanted),
            fix=_again(wanted),
        )
    if len(body) != body[0][ROWS_HERE]:
        raise _incomplete(wanted, f"an answer holds {len(body)} rows where it speaks of {body[0][ROWS_HERE]}")
    return [{name: _plain(value) for name, value in row.items()} for row in body]


def _plain(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _incomplete(wanted: Definition, what: str) -> IncompleteReadError:
    return IncompleteReadError(
        f"it was not read whole: {what}",
        record=_record(wanted),
        fix="Run again. If it stays, compare the installed definition with the shipped one.",
    )


def _record(wanted: Definition) -> str:
    return f"export definition {wanted.name}"


def _again(wanted: Definition) -> str:
    return f"Install definitions/{wanted.name}.sql again, with its columns as they stand in its header."
