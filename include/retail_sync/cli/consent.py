"""`retail-sync consent`: how it stands with an address, and the proof of every opt-in that was acted on."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.operate.consent import Proof, proofs
from retail_sync.operate.consent import status as status_of
from retail_sync.pairs.files import find
from retail_sync.steps.connections import environment_dsn

from .failures import told_plainly
from .tables import table, write_csv

app = typer.Typer(help="Who said yes, who left, and what proves it.", no_args_is_help=True)
_out = Console(soft_wrap=True)
_HEADS = [field.name for field in fields(Proof)]


@app.command()
def proof(
    pair: Annotated[str, typer.Argument(help="The pair, as its file is called.")],
    *,
    into: Annotated[Path | None, typer.Option("--csv", help="Write it as CSV into this file.")] = None,
) -> None:
    """Show where and when and by which record each opt-in was seen that made a subscriber."""
    with told_plainly():
        found = proofs(Database(environment_dsn()), find(pair).pair)
    rows = [[_cell(value) for value in astuple(one)] for one in found]
    if into:
        write_csv(into, _HEADS, rows)
        _out.print(f"Written: {len(rows)} proofs into {into}", highlight=False, markup=False)
    else:
        _out.print(table(_HEADS, rows, f"{len(rows)} proofs"))


@app.command()
def status(
    email: Annotated[str, typer.Argument(help="The address.")],
) -> None:
    """Show everything that is known of an address's consent, on both sides. Ends with 1 where nothing is."""
    with told_plainly():
        turns = status_of(Database(environment_dsn()), email)
    for turn in turns:
        _out.print(f"{turn.at:%Y-%m-%d %H:%M}  {turn.where}  {turn.what}", highlight=False, markup=False)
    if not turns:
        _out.print("Nothing is known of it.")
    raise typer.Exit(0 if turns else 1)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
