"""`trace` and `exceptions`: what became of a record, and what is wrong at the moment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.operate.trace import trace as trace_record
from retail_sync.steps.connections import environment_dsn

from .failures import told_plainly

_out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def trace(
    asked: Annotated[str, typer.Argument(metavar="EMAIL-OR-ORDER", help="An address or an order number.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show the whole way of a record: when it was read, what failed or passed, what was sent, what came back.

    Ends with 1 where nothing is known of it.
    """
    with told_plainly():
        found = trace_record(Database(environment_dsn()), asked)
    if as_json:
        _print_json([asdict(item) for item in found])
    elif found:
        rows = [(f"{item.at:%Y-%m-%d %H:%M:%S}", item.step, item.where, item.subject, item.what) for item in found]
        _out.print(_table(("when (UTC)", "step", "where", "record", "what"), rows, ""))
    else:
        _out.print("Nothing is known of it.")
    raise typer.Exit(0 if found else 1)


def exceptions(
    pair: Annotated[str | None, typer.Option(help="Only those of this pair.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only those of this owner.")] = None,
    *,
    closed: Annotated[bool, typer.Option("--all", help="Those that are closed by now, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is wrong now: which record, why, whose turn it is, and what to do."""
    with told_plainly(), Database(environment_dsn()).connection() as connection:
        found = entries(connection, pair, owner, closed=closed)
    if as_json:
        _print_json([asdict(entry) for entry in found])
        return
    heads = ("since (UTC)", "pair", "record", "cause", "owner", "next step", *(("closed (UTC)",) if closed else ()))
    still = sum(entry.closed_at is None for entry in found)
    _out.print(_table(heads, [_cells(entry, closed=closed) for entry in found], f"{still} open"))


def _cells(entry: Entry, *, closed: bool) -> list[str]:
    cells = [f"{entry.opened_at:%Y-%m-%d %H:%M}", entry.pair, entry.record, entry.cause, entry.owner, entry.next_step]
    return [*cells, f"{entry.closed_at:%Y-%m-%d %H:%M}" if entry.closed_at else ""] if closed else cells


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> Table:
    table = Table(*heads, title=title, title_justify="left")
    for row in rows:
        # A vendor's words may hold brackets, which are no markup of ours.
        table.add_row(*map(escape, row))
    return table


def _print_json(rows: list[dict[str, Any]]) -> None:
    typer.echo(json.dumps(rows, indent=2, default=str, ensure_ascii=False))
