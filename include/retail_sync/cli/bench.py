"""`retail-sync bench`: what the product does in a second, each beside a plain floor and what it is held to."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from retail_sync.bench.figures import Extent, Figure

from .failures import told_plainly

_out = Console()
_VERDICTS = {True: "[green]holds[/]", False: "[red]missed[/]", None: ""}


def bench(
    *,
    only: Annotated[list[str] | None, typer.Option(help="Only this measurement; may be repeated.")] = None,
    scale: Annotated[float, typer.Option(min=0.0001, help="Multiplies every size; marks are meant for 1.")] = 1.0,
    repeat: Annotated[int, typer.Option(min=1, help="How often what can be repeated is; the median counts.")] = 3,
    full: Annotated[
        bool, typer.Option(help="Measure the longest sizes too: a first read of a million orders.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the server keeps its data and the report goes.")] = Path(
        "var/bench"
    ),
) -> None:
    """Measure the hot paths on an embedded Postgres, fsync on. Figures as measured go to report.json, too."""
    from retail_sync.bench.suite import measure

    # What runs beside us has to be ended, also where we are told to end ourselves.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with told_plainly():
        figures: list[Figure] = []
        try:
            for figure in measure(folder, only or [], Extent(scale, full, repeat)):
                figures.append(figure)
                _out.print(f"measured {figure.what.strip()}, {figure.size}", style="dim", highlight=False)
        finally:
            _out.print(_table(figures))


def _table(figures: list[Figure]) -> Table:
    title = "CPU seconds: our own processes, and Postgres. Memory: peak over base."
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("what", ratio=3, overflow="fold")
    for name in ("seconds", "rate", "CPU", "Postgres", "memory"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("held to", ratio=4, overflow="fold")
    for figure in figures:
        table.add_row(*_cells(figure), style="dim" if figure.floor else None)
    return table


def _cells(figure: Figure) -> list[str]:
    usage = figure.usage
    held_to = (
        _VERDICTS[figure.holds],
        figure.mark,
        ", ".join(f"{name} {value}" for name, value in figure.notes.items()),
    )
    return [
        "\n".join(text for text in (figure.what, figure.size) if text),
        f"{usage.seconds:.2f}",
        f"{figure.rate:,.0f}/s" if figure.count else "",
        f"{usage.own_cpu + usage.children_cpu:.2f}",
        f"{usage.postgres_cpu:.2f}",
        f"{usage.peak_mb:.0f} MB",
        "\n".join(text for text in held_to if text),
    ]
