"""`exceptions`: what is wrong now, and what people decide about it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.exceptions import acts
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.steps.clock import system_clock

from . import connections
from .deciding import Because, Who, named
from .failures import told_plainly
from .tables import AsJson, print_json, table

app = typer.Typer(help="List what is wrong now: which record, why, whose turn it is, and what to do.")

_out = Console()

ExceptionId = Annotated[int, typer.Argument(metavar="ID", help="The exception's number, as the list shows it.")]


@app.callback(invoke_without_command=True)
def listed(
    context: typer.Context,
    pair: Annotated[str | None, typer.Option(help="Only those of this pair.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only those of this owner.")] = None,
    *,
    closed: Annotated[bool, typer.Option("--all", help="Those that are closed by now, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is wrong now: which record, why, whose turn it is, and what to do."""
    if context.invoked_subcommand is not None:
        return
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        found = entries(connection, pair, owner, closed=closed)
    if as_json:
        print_json([asdict(entry) for entry in found])
        return
    heads = (
        "no", "since (UTC)", "pair", "record", "cause", "owner", "next step", *(("closed (UTC)",) if closed else ()),
    )  # fmt: skip
    still = sum(entry.closed_at is None for entry in found)
    _out.print(table(heads, [_cells(entry, closed=closed) for entry in found], f"{still} open"))


@app.command()
def close(exception: ExceptionId, *, because: Because, who: Who = None) -> None:
    """Close an exception that is none. It is not opened again as long as its cause stays the same."""
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        record = acts.close(connection, _word(exception, who, because), system_clock())
    _out.print(f"Closed: {record}.")


@app.command()
def snooze(
    exception: ExceptionId,
    *,
    until: Annotated[str, typer.Option(help="Until when, such as 2026-05-01T08:00Z.")],
    because: Because,
    who: Who = None,
) -> None:
    """Let an exception rest: nobody is written to about it until then, and it is not escalated."""
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        record = acts.snooze(connection, _word(exception, who, because), _moment(until), system_clock())
    _out.print(f"Snoozed: {record}.")


def _word(exception_id: int, who: str | None, because: str) -> acts.Word:
    return acts.Word(exception_id, because, named(who))


def _cells(entry: Entry, *, closed: bool) -> list[str]:
    cells = [
        str(entry.exception_id), f"{entry.opened_at:%Y-%m-%d %H:%M}", entry.pair, entry.record, entry.cause,
        _owner(entry), entry.next_step,
    ]  # fmt: skip
    return [*cells, f"{entry.closed_at:%Y-%m-%d %H:%M}" if entry.closed_at else ""] if closed else cells


def _owner(entry: Entry) -> str:
    escalated = f", escalated to {entry.escalated_to}" if entry.escalated_at else ""
    snoozed = f", snoozed until {entry.snoozed_until:%Y-%m-%d %H:%M}" if entry.snoozed_until else ""
    return f"{entry.owner}{escalated}{snoozed}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{text} is no time", fix="Write it as 2026-05-01T08:00Z.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
