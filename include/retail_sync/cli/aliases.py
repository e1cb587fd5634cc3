"""`retail-sync aliases`: addresses and customers that are somebody else's, added and removed by people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.pairs.files import find
from retail_sync.people import alias_commands

from . import connections
from .deciding import Because, Who, act
from .failures import told_plainly
from .tables import AsJson, print_json, table

app = typer.Typer(help="Aliases of a pair: which addresses and customers are somebody else's.", no_args_is_help=True)
_out = Console()

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]
AliasName = Annotated[str, typer.Argument(metavar="ALIAS", help="An address, or a customer as customer:<key>.")]


@app.command("list")
def show(pair: PairName, *, as_json: AsJson = False) -> None:
    """List the aliases of a pair: who said so, what each leads to, and which are overruled by the file."""
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        said = alias_commands.listing(connection, find(pair))
    if as_json:
        print_json([asdict(one) for one in said])
        return
    rows = [
        (
            one.alias,
            one.stands_for,
            "overruled by the file" if one.overruled else one.leads_to or "with the next run",
            one.origin,
            f"{one.since:%Y-%m-%d %H:%M}",
            one.said_by or "",
        )
        for one in said
    ]
    _out.print(table(("alias", "primary", "leads to", "origin", "since (UTC)", "by"), rows, f"{len(rows)} aliases"))


@app.command()
def add(
    pair: PairName,
    alias: AliasName,
    primary: Annotated[str, typer.Argument(help="Whose it is.")],
    *,
    because: Because,
    who: Who = None,
) -> None:
    """Say that an address or a customer is somebody else's; the pair's next run makes the two one."""
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        new = alias_commands.add(connection, find(pair), alias, primary, act("alias", who, because))
    _out.print("Added: in force with the pair's next run." if new else "It is there already.", highlight=False)


@app.command()
def remove(pair: PairName, alias: AliasName, *, because: Because, who: Who = None) -> None:
    """Take an alias back that `add` has added; the pair's next run parts the two."""
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        alias_commands.remove(connection, find(pair), alias, act("unalias", who, because))
    _out.print("Removed: out of force with the pair's next run.", highlight=False)
