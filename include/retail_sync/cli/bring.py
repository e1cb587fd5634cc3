"""`bring`: carts and browse events from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from retail_sync.model.records import BROUGHT, Stream
from retail_sync.steps.bring import bring as bring_records

from . import connections
from .failures import told_plainly

_out = Console()


def bring(
    pair: Annotated[str, typer.Argument(help="The pair, as its file is called.")],
    stream: Annotated[str, typer.Argument(metavar="STREAM", help=f"One of {', '.join(sorted(BROUGHT))}.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines, a record each.")],
) -> None:
    """Bring in what the source can't be asked for; the next run takes it up. What is there already changes nothing."""
    with told_plainly(), file.open("rb") as lines:
        changed = bring_records(connections.road(pair), cast(Stream, stream), lines)
        _out.print(f"{changed} {stream} are new or have changed.")
