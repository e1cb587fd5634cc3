"""`approve` and `reject`: what becomes of a plan that was held since it is far from the usual."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.acts import Object, note
from retail_sync.db.database import Database
from retail_sync.delivery.brake import Decision, decide

from . import connections
from .deciding import Because, Who, act
from .failures import told_plainly

_out = Console()

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run whose plan was held, as the exception names it.")]


def approve(pair: PairName, run: RunId, *, because: Because, who: Who = None) -> None:
    """Release what a held plan would send: it goes out with the pair's next run."""
    _decide(pair, run, "approved", who, because)


def reject(pair: PairName, run: RunId, *, because: Because, who: Who = None) -> None:
    """Drop what a held plan would send. It stays away until its records, or the pair file, say something else."""
    _decide(pair, run, "rejected", who, because)


def _decide(pair: str, run: str, decision: Decision, who: str | None, because: str) -> None:
    with told_plainly():
        said = act("approve" if decision == "approved" else "reject", who, because)
        with Database(connections.dsn()).connection() as connection:
            outline = decide(connection, pair, run, decision, by=said.who, now=said.at)
            note(connection, said, Object(pair, f"run {run}", {"rows": sum(outline.values())}))
    _out.print(f"{decision.capitalize()}: {sum(outline.values())} rows.", highlight=False)
    for what, count in outline.items():
        _out.print(f"  {count} x {what}", highlight=False)
