"""`history`: how far the past of a pair has been read, span by span."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.operate.history import Progress, progress
from retail_sync.pairs.files import find

from . import connections
from .failures import told_plainly
from .tables import AsJson, print_json, table

_out = Console()

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]
Moment = Annotated[str | None, typer.Option(help="A day or a time, such as 2026-05-01 or 2026-05-01T00:00:00Z.")]


def history(pair: PairName, *, since: Moment = None, until: Moment = None, as_json: AsJson = False) -> None:
    """Show how far the past was read: days done, orders read, rows queued and delivered.

    `retail-sync run PAIR --dag history --since ... --until ...` reads it, and goes on where an earlier try of that run
    was broken off.
    """
    with told_plainly():
        name, begins, ends = find(pair).pair, _moment(since), _moment(until)
        with Database(connections.dsn()).connection() as connection:
            found = progress(connection, name, begins, ends)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    done = sum(one.state == "complete" for one in found)
    heads = ("from (UTC)", "to (UTC)", "state", "orders read", "queued", "delivered", "run")
    title = (
        f"{done} of {len(found)} slots done, {sum(one.read for one in found)} orders read, "
        f"{sum(one.queued for one in found)} rows queued, {sum(one.delivered for one in found)} delivered"
    )
    _out.print(table(heads, [_cells(one) for one in found], title))


def _cells(one: Progress) -> list[str]:
    return [
        f"{one.since:%Y-%m-%d %H:%M}", f"{one.until:%Y-%m-%d %H:%M}", one.state, str(one.read), str(one.queued),
        str(one.delivered), one.run_id,
    ]  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{text} is no time", fix="Write it as 2026-05-01T00:00:00Z.") from None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
