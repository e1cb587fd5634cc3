"""Fulfil's tables by id, and its ways to write a time and a reference."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.terms import Json


class Tables:
    """The tables of a merchant.

    Args:
        state: What the sandbox says of itself.
    """

    def __init__(self, state: Json) -> None:
        self.state = state
        self.settings: Json = state["settings"]
        self._tables: dict[str, dict[int, Json]] = {
            name: {row["id"]: row for row in rows} for name, rows in state.items() if name != "settings"
        }

    def row(self, model: str, number: int | None) -> Json:
        """A row; an empty one where there is none."""
        return self._tables[model].get(number, {}) if number is not None else {}

    def rows(self, model: str, numbers: Iterable[int]) -> list[Json]:
        """The rows of ids."""
        return [self._tables[model][number] for number in numbers]


def utc(text: str | None) -> str | None:
    """A naive time of the books, which means UTC, as one that says so."""
    return None if text is None else f"{text}+00:00"


def changed(row: Json) -> str:
    """When a row was last edited, or made where it never was."""
    return f"{row['write_date'] or row['create_date']}+00:00"


def referred(text: str) -> int:
    """The id of `model,id`."""
    return int(text.partition(",")[2])
