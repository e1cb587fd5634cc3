"""`retail-sync pairs`: pair files, looked at before they are used."""

from __future__ import annotations

import json

import typer
from rich.console import Console

from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import read_all
from retail_sync.pairs.overlaps import overlaps

app = typer.Typer(help="Pair files: are they right, and what may stand in them?", no_args_is_help=True)
_out = Console(soft_wrap=True)


@app.command()
def validate() -> None:
    """Check every pair file, and whether two of them claim the same field of one audience."""
    good, broken = read_all()
    for pair in good:
        _out.print(f"[green]right[/] {pair.pair}: {pair.source.system} to {pair.destination.system}", highlight=False)
    wrong = [item.error for item in broken] + overlaps(good)
    for error in wrong:
        _out.print(f"[red]wrong[/] {error}", highlight=False)
    raise typer.Exit(2 if wrong else 0)


@app.command()
def schema() -> None:
    """Print the JSON schema of pair files, for editors."""
    typer.echo(json.dumps(Pair.model_json_schema(by_alias=True), indent=2))
