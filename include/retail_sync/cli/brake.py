"""`approve` and `reject`: what becomes of a plan that was held since it is far from the usual."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.delivery.brake import Decision, decide
from retail_sync.steps.clock import system_clock
from retail_sync.steps.connections import environment_dsn

from .failures import told_plainly

_out = Console()

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run whose plan was held, as the exception names it.")]


def approve(pair: PairName, run: RunId) -> None:
    """Release what a held plan would send: it goes out with the pair's next run."""
    _decide(pair, run, "approved")


def reject(pair: PairName, run: RunId) -> None:
    """Drop what a held plan would send. It stays away until its records, or the pair file, say something else."""
    _decide(pair, run, "rejected")


def _decide(pair: str, run: str, decision: Decision) -> None:
    with told_plainly(), Database(environment_dsn()).connection() as connection:
        outline = decide(connection, pair, run, decision, by=getpass.getuser(), now=system_clock())
    _out.print(f"{decision.capitalize()}: {sum(outline.values())} rows.", highlight=False)
    for what, count in outline.items():
        _out.print(f"  {count} x {what}", highlight=False)
