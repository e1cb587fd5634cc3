"""API export definitions: SELECTs that are installed under a number and run by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retail_sync.vendors.orderwise.sandbox import dates
from retail_sync.vendors.orderwise.sandbox.database import Database, Row
from retail_sync.vendors.orderwise.sandbox.dialect import RefusedDefinitionError
from retail_sync.vendors.orderwise.sandbox.translation import Translated, translate

#: The first number of definitions that come from a folder.
FIRST_ID = 101


class BadParametersError(ValueError):
    """A call that does not fit its definition; the text is what the caller reads."""


@dataclass(frozen=True, slots=True)
class Definition:
    """An installed definition. `name` is its file's, empty where it came from elsewhere."""

    id: int
    name: str
    text: str
    translated: Translated


class Definitions:
    """What is installed.

    Args:
        database: Where they are run.
        folder: Files to install, numbered from `FIRST_ID` in the order of their names; empty for none.
        more: Definitions by number.

    Raises:
        RefusedDefinitionError: One of them can't be installed.
    """

    def __init__(self, database: Database, folder: str, more: Mapping[int, str]) -> None:
        self._database, self._folder, self._more = database, folder, more
        self.reset()

    def reset(self) -> None:
        """What was installed at the start, and nothing else."""
        self._installed: dict[int, Definition] = {}
        files = sorted(Path(self._folder).glob("*.sql")) if self._folder else []
        for number, file in enumerate(files, start=FIRST_ID):
            self.install(number, file.read_text(encoding="utf-8"), file.stem)
        for number, text in self._more.items():
            self.install(number, text)

    def install(self, number: int, text: str, name: str = "") -> None:
        """Install a definition, in place of the one that has its number.

        Raises:
            RefusedDefinitionError: It is not one SELECT on tables that exist, or the sandbox can't run it.
        """
        try:
            translated = translate(text)
            self._database.compile(translated.sql, translated.parameters)
        except (RefusedDefinitionError, sqlite3.Error) as error:
            raise RefusedDefinitionError(f"export definition {name or number}: {error}") from None
        self._installed[number] = Definition(number, name, text, translated)

    def remove(self, number: int) -> None:
        """Forget a definition."""
        self._installed.pop(number, None)

    def find(self, number: int) -> Definition | None:
        """An installed definition, or None."""
        return self._installed.get(number)

    def listed(self) -> list[Definition]:
        """All that are installed, by number."""
        return [self._installed[number] for number in sorted(self._installed)]

    def run(self, definition: Definition, given: Mapping[str, Any], renamed: Mapping[str, str]) -> list[Row]:
        """The rows of a definition.

        Args:
            definition: What to run.
            given: Values by the parameter's name without its sign.
            renamed: What a parameter of the installed text is called instead, since somebody has edited it.

        Raises:
            BadParametersError: A parameter is unknown or missing, or its value can't be read.
        """
        wanted = {name: renamed.get(name, name) for name in definition.translated.parameters}
        if unknown := sorted(given.keys() - set(wanted.values())):
            raise BadParametersError(f"Parameter '@{unknown[0]}' is not defined.")
        if missing := sorted(set(wanted.values()) - given.keys()):
            raise BadParametersError(f"Must declare the scalar variable '@{missing[0]}'.")
        values = {name: _bound(given[called]) for name, called in wanted.items()}
        try:
            rows = self._database.rows(definition.translated.sql, values)
        except sqlite3.Error as error:
            raise BadParametersError(f"The export definition can't be run: {error}") from None
        return _with_flags(rows, definition.translated.flags)


def read_parameters(body: Any) -> dict[str, Any]:
    """Parameters as they are posted: a list of `{"name": "@since", "value": ...}`, one without a name being none.

    Raises:
        BadParametersError: It is no such list.
    """
    if not isinstance(body, Sequence) or isinstance(body, str):
        raise BadParametersError("An array of parameters is expected.")
    given: dict[str, Any] = {}
    for one in body:
        if not isinstance(one, dict) or set(one) != {"name", "value"} or not isinstance(one["name"], str):
            raise BadParametersError("A parameter has a name and a value.")
        if one["name"] and not one["name"].startswith("@"):
            raise BadParametersError(f"Parameter '{one['name']}' is not defined.")
        if one["name"]:
            given[one["name"][1:].lower()] = one["value"]
    return given


def _bound(value: Any) -> Any:
    """A value as it is compared with columns: what looks like a time must be one."""
    if isinstance(value, list | dict):
        raise BadParametersError("A parameter's value is a text, a number or null.")
    if isinstance(value, str) and dates.looks_like_time(value):
        try:
            return dates.read(value)
        except ValueError:
            raise BadParametersError(
                "Conversion failed when converting date and/or time from character string."
            ) from None
    return value


def _with_flags(rows: list[Row], flags: frozenset[str]) -> list[Row]:
    for row in rows if flags else ():
        row.update((name, bool(row[name])) for name in flags if row[name] is not None)
    return rows
