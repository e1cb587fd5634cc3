"""`retail-sync requirements`: which requirement has a test that proves it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retail_sync.operate.house import ROOT
from retail_sync.operate.requirements import declared, proofs

from .failures import told_plainly

_out = Console()


def requirements(
    file: Annotated[
        Path | None, typer.Option(help="A Markdown table of requirements: those without a test show too.")
    ] = None,
    tests: Annotated[Path, typer.Option(help="Where the tests are.")] = ROOT / "tests",
) -> None:
    """List every requirement id with the tests that are marked with it."""
    with told_plainly():
        proved = proofs(tests)
        wanted = declared(file) if file else dict.fromkeys(proved, "")
    bare = [name for name in wanted if name not in proved]
    table = Table(
        "requirement", "tests", title=f"{len(wanted) - len(bare)} of {len(wanted)} have a test", title_justify="left"
    )
    for name in dict.fromkeys([*wanted, *proved]):
        table.add_row(name, escape("\n".join(proved.get(name, []))) or "[red]none[/]")
    _out.print(table)
