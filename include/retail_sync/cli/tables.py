"""How commands show rows: as a table, as JSON, or as a CSV file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from retail_sync.operate.spreadsheet import as_csv

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


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
    """Write a CSV file that a spreadsheet can open without harm."""
    path.write_text(as_csv(heads, rows), encoding="utf-8", newline="")
