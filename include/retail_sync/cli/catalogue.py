"""`retail-sync catalogue`: the file that a destination takes products from, and what becomes of one that is held."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer
from rich.console import Console

from retail_sync.db.acts import Object, note
from retail_sync.db.database import Database
from retail_sync.delivery.catalogue import Shelf
from retail_sync.errors import ConfigurationError
from retail_sync.pairs.files import find

from . import connections
from .deciding import Because, Who, act
from .failures import told_plainly

app = typer.Typer(help="Catalogues that destinations take whole, as a file.", no_args_is_help=True)
_out = Console()

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]


@app.command()
def show(pair: PairName) -> None:
    """Print the file that stands, as the destination gets it."""
    with told_plainly(), _shelf(pair) as shelf:
        if (found := shelf.published()) is None:
            raise ConfigurationError(
                "has published no catalogue",
                record=f"pair {pair}",
                fix=f"Run {pair}__catalogue; see how its step ended.",
            )
        sys.stdout.write(gzip.decompress(found[0]).decode())


@app.command()
def approve(pair: PairName, *, because: Because, who: Who = None) -> None:
    """Let a file that is held, or was refused, go with the pair's next catalogue run."""
    _decide(pair, "approve", who, because)


@app.command()
def reject(pair: PairName, *, because: Because, who: Who = None) -> None:
    """Drop a file that is held, or was refused: the one before it stands until the products say something else."""
    _decide(pair, "reject", who, because)


def _decide(pair: str, what: Literal["approve", "reject"], who: str | None, because: str) -> None:
    with told_plainly():
        said, of = act(what, who, because), find(pair)
        with Database(connections.dsn()).connection() as connection:
            shelf = Shelf(connection, of.pair, of.destination.account)
            rows = shelf.decide(approved=what == "approve", by=said.who, now=said.at)
            note(connection, said, Object(of.pair, "catalogue", {"rows": rows}))
    _out.print(f"{'Approved' if what == 'approve' else 'Rejected'}: a catalogue of {rows:,} rows.", highlight=False)


@contextmanager
def _shelf(pair: str) -> Iterator[Shelf]:
    account = find(pair).destination.account
    with Database(connections.dsn()).connection() as connection:
        yield Shelf(connection, pair, account)
