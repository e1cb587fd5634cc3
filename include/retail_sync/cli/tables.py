"""How commands show rows: as a table, as JSON, or as a CSV file that a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

#: What makes a spreadsheet take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> Table:
    """A table of texts."""
    shown = Table(*heads, title=title, title_justify="left")
    for row in rows:
        # A vendor's words may hold brackets, which are no markup of ours.
        shown.add_row(*map(escape, row))
    return shown


def print_json(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as JSON."""
    typer.echo(json.dumps(rows, indent=2, default=str, ensure_ascii=False))


def write_csv(path: Path, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a CSV file; texts that a spreadsheet would take for a formula are quoted with an apostrophe."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
