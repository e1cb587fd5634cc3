"""`unknown`: what was sent and never answered, and a person's word on whether it has arrived."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.pairs.files import find, read_all
from retail_sync.reconcile import by_hand
from retail_sync.reconcile.by_hand import Unanswered, unanswered
from retail_sync.steps.clock import system_clock

from . import connections
from .deciding import Because, Who, act
from .failures import told_plainly
from .tables import AsJson, print_json, table

app = typer.Typer(
    help="What was sent and never answered: see it, and say whether it has arrived.", no_args_is_help=True
)

_out = Console()
_HEADS = ("no", "since (UTC)", "pair", "record", "what", "key there", "why")


@app.command("list")
def listed(
    pair: Annotated[str | None, typer.Argument(help="Only those of this pair.")] = None, *, as_json: AsJson = False
) -> None:
    """List what was sent and never answered. What can be read back is settled by the next run."""
    with told_plainly():
        pairs = [find(pair)] if pair else read_all()[0]
        with Database(connections.dsn()).connection() as connection:
            found = [row for one in pairs for row in unanswered(connection, one, system_clock())]
    if as_json:
        print_json([asdict(row) for row in found])
        return
    _out.print(table(_HEADS, [_cells(row) for row in found], f"{len(found)} unanswered"))


@app.command()
def settle(
    pair: Annotated[str, typer.Argument(help="The pair, as its file is called.")],
    rows: Annotated[list[int] | None, typer.Argument(metavar="[NO]...", help="The rows, by their numbers.")] = None,
    *,
    arrived: Annotated[
        bool, typer.Option("--arrived/--lost", help="Whether it was found at the destination.", show_default=False)
    ],
    because: Because,
    every: Annotated[bool, typer.Option("--all", help="Everything of the pair that is unanswered.")] = False,
    who: Who = None,
) -> None:
    """Say how unanswered rows ended: what has arrived counts as delivered, what was lost goes with the next run."""
    with told_plainly():
        if bool(rows) == every:
            raise ConfigurationError("it is not said which", fix="Name numbers of `unknown list`, or say --all.")
        deed = act("settle", who, because)
        with Database(connections.dsn()).connection() as connection:
            word: by_hand.Word = "arrived" if arrived else "lost"
            settled = by_hand.settle(connection, find(pair), None if every else rows, word, deed)
    said = "Delivered" if arrived else "Goes again"
    _out.print(f"{said}: {len(settled)} rows.", highlight=False)
    for row in settled:
        _out.print(f"  {row.record} ({row.kind} {row.operation})", highlight=False, markup=False)


def _cells(row: Unanswered) -> list[str]:
    why = f"{row.words} It may still be on its way." if row.under_way else row.words
    what = f"{row.kind} {row.operation}".replace("_", " ")
    return [str(row.row_id), f"{row.since:%Y-%m-%d %H:%M}", row.pair, row.record, what, row.vendor_key, why]
