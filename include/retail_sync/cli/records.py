"""`trace` and `exceptions`: what became of a record, and what is wrong at the moment."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import open_entries
from retail_sync.operate.trace import trace as trace_record
from retail_sync.steps.connections import environment_dsn

from .failures import told_plainly

_out = Console()


def trace(
    asked: Annotated[str, typer.Argument(metavar="EMAIL-OR-ORDER", help="An address or an order number.")],
) -> None:
    """Show the whole way of a record: when it was read, what failed or passed, what was sent, what came back."""
    with told_plainly():
        found = trace_record(Database(environment_dsn()), asked)
    if not found:
        _out.print("Nothing is known of it.")
        raise typer.Exit(1)
    table = Table("when (UTC)", "step", "where", "record", "what")
    for item in found:
        table.add_row(f"{item.at:%Y-%m-%d %H:%M:%S}", item.step, item.where, item.subject, item.what)
    _out.print(table)


def exceptions(
    pair: Annotated[str | None, typer.Option(help="Only those of this pair.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only those of this owner.")] = None,
) -> None:
    """List what is wrong now: which record, why, whose turn it is, and what to do."""
    with told_plainly(), Database(environment_dsn()).connection() as connection:
        entries = open_entries(connection, pair, owner)
    table = Table("since (UTC)", "pair", "record", "cause", "owner", "next step", title=f"{len(entries)} open")
    for entry in entries:
        opened = f"{entry.opened_at:%Y-%m-%d %H:%M}"
        table.add_row(opened, entry.pair, entry.record, entry.cause, entry.owner, entry.next_step)
    _out.print(table)
