"""`retail-sync pairs`: pair files, looked at before they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape

from retail_sync.errors import RetailSyncError
from retail_sync.exceptions.announcements import addresses
from retail_sync.operate import unconnected
from retail_sync.pairs import schema as schemas
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import read_all
from retail_sync.pairs.overlaps import contradictions
from retail_sync.pairs.part import Owner
from retail_sync.people.aliases import listed
from retail_sync.quality.catalogue import rules_of
from retail_sync.vendors.registry import place_of

app = typer.Typer(help="Pair files: are they right, and what may stand in them?", no_args_is_help=True)
_out = Console(soft_wrap=True)


@app.command()
def validate() -> None:
    """Check every pair file, and whether two of them contradict each other about an account that they share.

    Ends with 2 where anything is wrong; that nobody would be told of something is a warning. No vendor is asked; that
    is what `check` does.
    """
    good, broken = read_all()
    wrong = [item.error for item in broken] + contradictions(good, place_of)
    for pair in good:
        found = _wrong_with(pair)
        wrong += found
        if not found:
            _out.print(
                f"[green]right[/] {pair.pair}: {pair.source.system} to {pair.destination.system}", highlight=False
            )
        for owners in _untold(pair):
            _out.print(f"[yellow]warning[/] {owners}", highlight=False)
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


def _untold(pair: Pair) -> Iterator[str]:
    """What a pair's file gives nobody to write to about."""
    silent = [owner for owner in get_args(Owner) if not addresses(pair, owner)]
    if silent:
        yield (
            f"{pair.pair}: nobody would be told what is the turn of {', '.join(silent)}; name addresses under owners, "
            "or mail.to for all of them"
        )


def _wrong_with(pair: Pair) -> list[str]:
    """What the types can't see: what both systems don't take, rules that there are not, bad lines of an alias list."""
    wrong: list[str] = []
    checks: tuple[Callable[[], object], ...] = (
        lambda: unconnected.source_of(pair),
        lambda: unconnected.destination_of(pair),
        lambda: rules_of(pair),
        lambda: listed(pair),
    )
    for check in checks:
        try:
            check()
        except RetailSyncError as error:
            text = str(error)
            wrong.append(text if pair.pair in text else f"{pair.pair}: {text}")
    return wrong
