"""`run`, `plan`, `check` and `migrate`: the road from the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from retail_sync.db.database import Database
from retail_sync.db.migrations import migrate as migrate_database
from retail_sync.model.proof import IN_WORDS
from retail_sync.operate.check import check_pair
from retail_sync.operate.foreseen import Foreseen, foreseen
from retail_sync.pairs.files import find, read_all
from retail_sync.steps.requests import Dag, read_request
from retail_sync.steps.run import run_pair

from . import connections
from .failures import told_plainly

_out = Console()
_HEADINGS = ("kind", "what", "object", "key there", "pair", "sent", "from and to")
_SENT = {None: "at once", "history": "once the history is found right", "approval": "when approved"}

PairName = Annotated[str, typer.Argument(help="The pair, as its file is called.")]
Moment = Annotated[str | None, typer.Option(help="A time with its offset, such as 2026-05-01T00:00:00Z.")]
Streams = Annotated[list[str] | None, typer.Option("--stream", help="Only this stream; may be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")]


def run(
    pair: PairName,
    *,
    dag: Annotated[str, typer.Option(help="Which run: live, consent, catalogue, history or audit.")] = "live",
    since: Moment = None,
    until: Moment = None,
    stream: Streams = None,
    full_refresh: Annotated[bool, typer.Option(help="Look at every known record again.")] = False,
    run_id: Annotated[str | None, typer.Option(help="Do this earlier run again, with the window it had.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run a pair here and now, as its DAG would. What stands at the destination already is not sent again."""
    form = {"since": since, "until": until, "streams": stream, "full_refresh": full_refresh}
    _show(_run(pair, dag, form, run_id), as_json)


def plan(
    pair: PairName,
    *,
    since: Moment = None,
    until: Moment = None,
    stream: Streams = None,
    full_refresh: Annotated[bool, typer.Option(help="Look at every known record again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the next run would change at the destination, and change nothing there.

    Of what another pair has waiting for the same account the next run sends whatever is due, so that it is shown, too.
    """
    form = {"since": since, "until": until, "streams": stream, "full_refresh": full_refresh, "dry_run": True}
    report = _run(pair, "live", form, None)
    if as_json:
        _show(report, as_json=True)
        return
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        rows, _ = foreseen(connection, report["run_id"])
    _show_changes(rows, report["steps"]["plan"].get("held", "An earlier plan was held; see `retail-sync exceptions`."))


def check(
    pair: Annotated[str | None, typer.Argument(help="The pair; all of them if none.")] = None,
) -> None:
    """Ask both ends of a pair whether they are as expected: tokens, permissions, fields, limits."""
    with told_plainly():
        pairs, broken = ([find(pair)], []) if pair else read_all()
        wrong = len(broken)
        for item in broken:
            _out.print(f"[red]wrong[/] {item.error}")
        for found in pairs:
            wrong += _print_findings(found.pair)
    raise typer.Exit(2 if wrong else 0)


def migrate() -> None:
    """Bring the product's database to this version. Safe to call at any time, by several at once."""
    with told_plainly():
        done = migrate_database(connections.dsn())
        _out.print(f"Done: {', '.join(done)}" if done else "Nothing to do.")


def _print_findings(name: str) -> int:
    wrong = 0
    for finding in check_pair(connections.road(name)):
        wrong += not finding.ok
        mark = "[green]right[/]" if finding.ok else "[red]wrong[/]"
        _out.print(f"{mark} {name} {finding.subject}: {finding.detail} {finding.fix}".rstrip(), highlight=False)
    return wrong


def _show_changes(rows: Sequence[Foreseen], why: str) -> None:
    table = Table(*_HEADINGS, title=f"{len(rows)} changes", title_justify="left")
    for row in rows:
        changed = "\n".join(f"{one.field}: {one.old or 'nothing'} → {one.new}" for one in row.changes)
        cells = (row.kind, row.operation, row.object_id, row.vendor_key, row.pair, _SENT[row.waits_for], changed)
        table.add_row(*map(Text, cells))
    _out.print(table)
    if waiting := sum(row.waits_for == "approval" for row in rows):
        _out.print(f"{waiting} of these wait for approval: {why}", highlight=False, markup=False)


def _run(pair: str, dag: str, form: dict[str, Any], run_id: str | None) -> dict[str, Any]:
    given = {key: value for key, value in form.items() if value not in (None, [], False)}
    with told_plainly():
        request = read_request({"dag": dag, "trigger": "cli", **given})
        return run_pair(connections.road(pair), run_id or _name(pair, request.dag), request)
    raise AssertionError


def _name(pair: str, dag: Dag) -> str:
    return f"{pair}/{dag}/cli__{datetime.now(UTC).isoformat(timespec='milliseconds')}"


def _show(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report, indent=2, default=str))
        return
    table = Table("", "", title=f"{report['run_id']}: {report['state']}", title_justify="left")
    for stream, found in report["streams"].items():
        table.add_row(f"{stream} read", f"{found['extracted']}, of these {found['new_versions']} new")
    for rule, found in report["verdicts"].items():
        table.add_row(f"{rule} ({found['effect']})", str(found["count"]))
    table.add_row("people looked at", str(report["people"]))
    for kind, found in report["outbox"].items():
        proof = report["proof"].get(kind)
        proved = f" ({IN_WORDS[proof]})" if proof else ""
        table.add_row(f"{kind} queued", f"{found['queued']}, of these {found.get('delivered', 0)} delivered{proved}")
    for verdict, count in report["reconciliation"].items():
        table.add_row(verdict, str(count))
    _out.print(table)
