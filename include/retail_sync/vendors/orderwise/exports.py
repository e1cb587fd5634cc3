"""The export definitions that are shipped: what the header of each says of its key, its parameters and its columns.

The header is the one source of truth. It is what whoever installs a definition reads, what `retail-sync check` compares
live columns with, and what a row is refused for where one of them is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retail_sync.vendors.orderwise.facts import ExportName

#: Columns of every definition: how many rows an answer holds, and how many keys are left from where it begins.
ROWS_HERE, KEYS_LEFT = "rows_here", "keys_left"
#: Further columns that an installation may add: facts for channel rules, attributes of customers.
LABELS = ("channel_", "attribute_")

_FOLDER = Path(__file__).parent / "definitions"
_SECTION = re.compile(r"^-- (\w+)")
_KEY = re.compile(r"^--   (\w+)$")
_ENTRY = re.compile(r"^--   (@?\w+) +[A-Z]+(?:\([\w,]+\))?(?: |$)")


@dataclass(frozen=True, slots=True)
class Definition:
    """An export definition, as its header has it.

    Attributes:
        name: Its file's.
        key: The column by which it is paged.
        parameters: With their sign, such as `@since`.
        columns: In their order.
        sql: The whole text.
    """

    name: ExportName
    key: str
    parameters: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str


@cache
def definition(name: ExportName) -> Definition:
    """The definition of that name."""
    sql = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    sections: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        if title := _SECTION.match(line):
            entries = sections.setdefault(title[1], [])
        elif found := _ENTRY.match(line) or _KEY.match(line):
            entries.append(found[1])
    (key,) = sections["Key"]
    return Definition(name, key, tuple(sections["Parameters"]), tuple(sections["Columns"]), sql)


def is_label(column: str) -> bool:
    """Whether a column is one that an installation may add."""
    return column.startswith(LABELS)
