"""`trace`: what became of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.operate.trace import SECTIONS, Trace
from retail_sync.operate.trace import trace as trace_record

from . import connections
from .failures import told_plainly
from .tables import AsJson, print_json, table

_out = Console()

_HEADS = ("when (UTC)", "step", "where", "record", "what")


def trace(
    asked: Annotated[
        str,
        typer.Argument(
            metavar="EMAIL|ORDER|PRODUCT|SKU|PARCEL",
            help="An address, an order's number, a product's key, number or SKU, or a parcel's number.",
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show the whole way of a record: when it was read, what failed or passed, what was sent, what came back.

    Ends with 1 where nothing is known of it.
    """
    with told_plainly():
        found = trace_record(Database(connections.dsn()), asked)
    if as_json:
        print_json([asdict(item) for item in found])
    elif found:
        for title, steps in SECTIONS.items():
            _print_section(title, [item for item in found if item.step in steps])
    else:
        _out.print("Nothing is known of it.")
    raise typer.Exit(0 if found else 1)


def _print_section(title: str, found: Sequence[Trace]) -> None:
    if found:
        rows = [(f"{item.at:%Y-%m-%d %H:%M:%S}", item.step, item.where, item.subject, item.what) for item in found]
        _out.print(table(_HEADS, rows, title))
