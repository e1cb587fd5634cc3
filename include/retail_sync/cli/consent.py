"""`retail-sync consent`: how it stands with an address, and the proof of every opt-in that was acted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from retail_sync.consent.by_hand import Leaving, to_take_off
from retail_sync.db.database import Database
from retail_sync.operate.consent import Proof, proofs
from retail_sync.operate.consent import status as status_of
from retail_sync.pairs.files import find

from . import connections
from .failures import told_plainly
from .tables import table, write_csv

app = typer.Typer(help="Who said yes, who left, and what proves it.", no_args_is_help=True)
_out = Console(soft_wrap=True)
_HEADS = [field.name for field in fields(Proof)]
_LEAVING_HEADS = [field.name for field in fields(Leaving)]


@app.command()
def proof(
    pair: Annotated[str, typer.Argument(help="The pair, as its file is called.")],
    *,
    into: Annotated[Path | None, typer.Option("--csv", help="Write it as CSV into this file.")] = None,
) -> None:
    """Show where and when and by which record each opt-in was seen that made a subscriber."""
    with told_plainly():
        found = proofs(Database(connections.dsn()), find(pair).pair)
    _show(_HEADS, [astuple(one) for one in found], "proofs", into)


@app.command("list")
def list_(
    pair: Annotated[str, typer.Argument(help="The pair, as its file is called.")],
    *,
    into: Annotated[Path | None, typer.Option("--csv", help="Write it as CSV into this file.")] = None,
) -> None:
    """List the customers whom the source's own users are to take off its mailing list.

    Whoever was taken off goes from the list once the source is read again.
    """
    with told_plainly():
        chosen = find(pair)
        with Database(connections.dsn()).connection() as connection:
            found = to_take_off(connection, chosen)
    _show(_LEAVING_HEADS, [astuple(one) for one in found], "customers to take off", into)


@app.command()
def status(
    email: Annotated[str, typer.Argument(help="The address.")],
) -> None:
    """Show everything that is known of an address's consent, on both sides. Ends with 1 where nothing is."""
    with told_plainly():
        turns = status_of(Database(connections.dsn()), email)
    for turn in turns:
        _out.print(f"{turn.at:%Y-%m-%d %H:%M}  {turn.where}  {turn.what}", highlight=False, markup=False)
    if not turns:
        _out.print("Nothing is known of it.")
    raise typer.Exit(0 if turns else 1)


def _show(heads: list[str], found: Sequence[tuple[Any, ...]], what: str, into: Path | None) -> None:
    rows = [[_cell(value) for value in one] for one in found]
    if into:
        write_csv(into, heads, rows)
        _out.print(f"Written: {len(rows)} {what} into {into}", highlight=False, markup=False)
    else:
        _out.print(table(heads, rows, f"{len(rows)} {what}"))


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
