"""`retail-sync pairs`: pair files, looked at before they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from retail_sync.errors import RetailSyncError
from retail_sync.pairs import schema as schemas
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import read_all
from retail_sync.pairs.overlaps import contradictions
from retail_sync.people.aliases import listed
from retail_sync.quality.catalogue import rules_of
from retail_sync.vendors.registry import vendor

app = typer.Typer(help="Pair files: are they right, and what may stand in them?", no_args_is_help=True)
_out = Console(soft_wrap=True)


@app.command()
def validate() -> None:
    """Check every pair file, and whether two of them contradict each other about an account that they share.

    Ends with 2 where anything is wrong. No vendor is asked; that is what `check` does.
    """
    good, broken = read_all()
    wrong = [item.error for item in broken] + contradictions(good)
    for pair in good:
        found = _wrong_with(pair)
        wrong += found
        if not found:
            _out.print(
                f"[green]right[/] {pair.pair}: {pair.source.system} to {pair.destination.system}", highlight=False
            )
    for error in wrong:
        _out.print(f"[red]wrong[/] {escape(error)}", highlight=False)
    raise typer.Exit(2 if wrong else 0)


@app.command()
def schema(
    write: Annotated[bool, typer.Option("--write", help="Write it beside the pair files instead.")] = False,
) -> None:
    """Print the JSON schema of pair files, for editors."""
    if write:
        _out.print(f"Written: {schemas.write()}", highlight=False)
    else:
        typer.echo(schemas.schema(), nl=False)


def _wrong_with(pair: Pair) -> list[str]:
    """What the types can't see: systems and rules that there are not, and bad lines of an alias list."""
    wrong: list[str] = []
    checks: tuple[Callable[[], object], ...] = (
        lambda: vendor(pair.source.system),
        lambda: vendor(pair.destination.system),
        lambda: rules_of(pair),
        lambda: listed(pair),
    )
    for check in checks:
        try:
            check()
        except RetailSyncError as error:
            text = str(error)
            wrong.append(text if error.record else f"{pair.pair}: {text}")
    return wrong
