"""`audit` and `totals`: the destination read whole, and both sides' figures for finance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.model.proof import Proof
from retail_sync.pairs.files import find
from retail_sync.reconcile.findings import Found, findings, newest_audit
from retail_sync.reconcile.totals import By, OrderDifference, Sum, order_differences, stated, sums
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.run import run_pair

from . import connections
from .failures import told_plainly
from .tables import AsJson, print_json, table, write_csv

_out = Console()

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]
_SUM_HEADS = (
    "period", "currency", "orders", "gross", "reduced", "net", "orders there", "total there", "difference", "proof",
)  # fmt: skip
_ORDER_HEADS = ("record", "day", "currency", "net", "total there", "difference", "why", "proof")


def audit(
    pair: PairName,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what differs, put nothing right.")] = False,
    last: Annotated[
        bool, typer.Option("--last", help="Show what the newest audit found and put right, and start none.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the destination whole, compare it with what was sent, put right what may be and name the rest."""
    if last:
        _show_last(pair, as_json=as_json)
        return
    run_id = f"{pair}/audit/cli__{datetime.now(UTC).isoformat(timespec='milliseconds')}"
    with told_plainly():
        road = connections.road(pair)
        report = run_pair(road, run_id, RunRequest(dag="audit", trigger="cli", dry_run=dry_run))
        with road.database.connection() as connection:
            found = findings(connection, run_id, road.pair.source.account)
    read = sum(kind["objects"] for kind in report["steps"]["audit"]["by_kind"].values())
    _print_findings(found, f"{read} objects read", as_json=as_json)


def _show_last(pair: str, *, as_json: bool) -> None:
    with told_plainly():
        of = find(pair)
        with Database(connections.dsn()).connection() as connection:
            if (run_id := newest_audit(connection, of.pair)) is None:
                raise ConfigurationError("no audit has ended yet", record=of.pair, fix="Start one, without --last.")
            found = findings(connection, run_id, of.source.account)
    _print_findings(found, run_id, as_json=as_json)


def _print_findings(found: Sequence[Found], title: str, *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) | {"outcome": one.outcome} for one in found])
    else:
        _out.print(table(("record", "what", "fields", "outcome"), [_found(one) for one in found], title))


def totals(
    pair: PairName,
    *,
    by: Annotated[str, typer.Option(help="`day` or `month`.")] = "day",
    since: Annotated[str | None, typer.Option(help="Only from this day on, such as 2026-05-01.")] = None,
    orders: Annotated[
        bool, typer.Option("--orders", help="List the orders that the two sides count differently.")
    ] = False,
    file: Annotated[Path | None, typer.Option("--csv", help="Write a CSV file instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show both sides' orders by day or month and currency, as the newest audit found them, and how that is known.

    Ends with 1 where orders differ for no reason that is known here.
    """
    with told_plainly():
        name, first = find(pair).pair, _day(since)
        with Database(connections.dsn()).connection() as connection:
            lines = sums(connection, name, _by(by), first)
            differing = order_differences(connection, name, first)
            figures = stated(connection, name)
    shown: Sequence[Sum] | Sequence[OrderDifference] = differing if orders else lines
    heads = _ORDER_HEADS if orders else _SUM_HEADS
    rows = [_order(one) for one in differing] if orders else [_sum(one) for one in lines]
    if file is not None:
        write_csv(file, heads, rows)
        _out.print(f"{len(rows)} lines in {file}")
    elif as_json:
        print_json([asdict(one) for one in shown])
    else:
        title = f"{name}, orders that differ" if orders else f"{name} by {by}"
        _out.print(table(heads, [[_text(cell) for cell in row] for row in rows], title))
        _out.print(f"{len(differing)} orders differ, of these {_unexplained(differing)} for no known reason.")
        for proof, heading in (("counted", "Stated there"), ("read_back", "Read there")):
            if known := [f"{one.name} {one.value}" for one in figures.values() if one.proof == proof]:
                _out.print(f"{heading}: " + ", ".join(known))
    raise typer.Exit(1 if _unexplained(differing) else 0)


def _found(one: Found) -> list[str]:
    return [one.record, one.verdict, ", ".join(one.fields), one.outcome]


def _sum(one: Sum) -> list[Any]:
    difference = one.net - one.held_total
    return [
        one.period, one.currency, one.orders, _cents(one.gross), _cents(one.reduced), _cents(one.net), one.held,
        _cents(one.held_total), _cents(difference), _plainly(one.proof),
    ]  # fmt: skip


def _order(one: OrderDifference) -> list[Any]:
    difference = (one.net or Decimal(0)) - (one.held_total or Decimal(0))
    return [
        one.record, one.day, one.currency, _cents(one.net), _cents(one.held_total), _cents(difference), one.why,
        _plainly(one.proof),
    ]  # fmt: skip


def _plainly(proof: Proof) -> str:
    return proof.replace("_", " ")


def _unexplained(differing: Sequence[OrderDifference]) -> int:
    return sum(one.why is None for one in differing)


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal("0.01"))


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _by(text: str) -> By:
    if text == "day":
        return "day"
    if text == "month":
        return "month"
    raise ConfigurationError(f"there are no totals by {text}", fix="Say day or month.")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{text} is no day", fix="Write it as 2026-05-01.") from None
