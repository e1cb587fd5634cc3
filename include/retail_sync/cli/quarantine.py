"""`quarantine`: what rules set aside, looked at, let go and put right by people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from psycopg import Connection
from rich.console import Console

from retail_sync.db import acts
from retail_sync.db.acts import Object
from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.model.records import STREAMS
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.quality import aside
from retail_sync.quality.aside import Aside
from retail_sync.quality.shown import Shown, show_record
from retail_sync.stage import corrections
from retail_sync.stage.corrections import By, Place

from . import connections
from .deciding import Because, Who, act
from .failures import told_plainly
from .tables import AsJson, print_json, table

app = typer.Typer(help="What rules set aside: look at it, let it go, put it right.", no_args_is_help=True)

_out = Console()

PairName = Annotated[str, typer.Argument(metavar="PAIR", help="The pair, as its file is called.")]
StreamName = Annotated[str, typer.Argument(metavar="STREAM", help=f"One of {', '.join(STREAMS)}.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The record's key at the source; of an order, its number.")]

_HEADS = ("since (UTC)", "pair", "record", "key", "rule", "effect", "owner", "here", "released by")


@app.command("list")
def listed(
    pair: Annotated[str | None, typer.Argument(help="Only those of this pair.")] = None,
    *,
    rule: Annotated[str | None, typer.Option(help="Only those that this rule sets aside.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only those of this owner.")] = None,
    stream: Annotated[str | None, typer.Option(help="Only records of this stream.")] = None,
    excluded: Annotated[bool, typer.Option("--excluded", help="Also what is excluded, which is no failure.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is set aside, under which rule, and whose turn it is."""
    with _connected() as connection:
        asked = {"pair": pair, "rule": rule, "owner": owner, "stream": stream}
        found = aside.set_aside(connection, **asked, excluded=excluded)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    counts = Counter(one.rule for one in found)
    title = ", ".join(f"{rule} {count}" for rule, count in counts.most_common()) or "Nothing is set aside"
    _out.print(table(_HEADS, [_cells(one) for one in found], title))


@app.command()
def show(
    pair: PairName,
    stream: StreamName,
    key: Key,
    *,
    unmask: Annotated[bool, typer.Option("--unmask", help="Show what is personal, too; that is kept.")] = False,
    because: Annotated[str, typer.Option(help="Why it must be unmasked.")] = "",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Show a record as it is staged, what sets it aside, and what was corrected by hand."""
    with _connected() as connection:
        of, place = _place(connection, pair, stream, key)
        if unmask:
            acts.note(connection, act("unmask", who, because), Object(of.pair, aside.name_of(connection, place)))
        found = show_record(connection, of, place, unmask=unmask)
    if as_json:
        print_json([asdict(found)])
        return
    _print(found)


@app.command()
def release(
    pair: PairName,
    stream: Annotated[str | None, typer.Argument(metavar="[STREAM]", help="The record's stream.")] = None,
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="The record's key; of an order, its number.")
    ] = None,
    *,
    rule: Annotated[str, typer.Option(help="The rule that sets it aside.")],
    because: Because,
    every: Annotated[bool, typer.Option("--all", help="Everything that the rule sets aside.")] = False,
    who: Who = None,
) -> None:
    """Let a record go: this version of it counts as passed, and goes with the next run."""
    with _connected() as connection:
        word = act("release", who, because)
        if stream and key and not every:
            of, place = _place(connection, pair, stream, key)
            said = f"Released: {aside.release(connection, of, place, rule, word)}."
        elif every and not stream:
            said = f"Released: {len(aside.release_all(connection, find(pair), rule, word))} records."
        else:
            raise ConfigurationError("it is not said which", fix="Name a stream and a key, or say --all.")
    _out.print(f"{said} The next run takes it up.")


@app.command()
def correct(
    pair: PairName,
    stream: StreamName,
    key: Key,
    *,
    changes: Annotated[list[str], typer.Option("--set", metavar="PATH=VALUE", help="Such as address.city=Umeå.")],
    because: Because,
    who: Who = None,
) -> None:
    """Set values on a staged record. They stand until the source says something else of it; rules judge them too.

    Pairs that share the source account share the record, and so its correction.
    """
    with _connected() as connection:
        of, place = _place(connection, pair, stream, key)
        word, wanted = act("correct", who, because), dict(_change(change) for change in changes)
        aside_now = aside.set_aside(connection, pair=of.pair, stream=stream, key=place.key)
        owner = next((one.owner for one in aside_now), "operations")
        corrections.correct(connection, place, wanted, By(word.who, word.because, word.at, owner))
        record = aside.name_of(connection, place)
        acts.note(connection, word, Object(of.pair, record, {"key": place.key, "paths": sorted(wanted)}))
    _out.print(f"Corrected: {record}, {', '.join(sorted(wanted))}. The next run judges it.")


@app.command()
def uncorrect(pair: PairName, stream: StreamName, key: Key, *, because: Because, who: Who = None) -> None:
    """Take a correction back: the record says again what the source says. Forgets one that has ended."""
    with _connected() as connection:
        of, place = _place(connection, pair, stream, key)
        word = act("uncorrect", who, because)
        taken_back = corrections.uncorrect(connection, place)
        record = aside.name_of(connection, place)
        acts.note(connection, word, Object(of.pair, record, {"key": place.key, "paths": sorted(taken_back.changes)}))
    _out.print(f"As the source says it again: {record}.")


@contextmanager
def _connected() -> Iterator[Connection[Any]]:
    with told_plainly(), Database(connections.dsn()).connection() as connection:
        yield connection


def _place(connection: Connection[Any], pair: str, stream: str, key: str) -> tuple[Pair, Place]:
    of = find(pair)
    if stream not in STREAMS:
        raise ConfigurationError(f"there are no {stream}", fix=f"Say one of {', '.join(STREAMS)}.")
    return of, aside.place_of(connection, of, stream, key)


def _change(text: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise ConfigurationError(f"{path} is not set to anything", fix="Write --set path=value.")
    return path.strip(), value


def _cells(one: Aside) -> list[str]:
    detail = "; ".join(filter(None, (one.detail, "changed since" if one.is_old else "")))
    since = f"{one.opened_at:%Y-%m-%d %H:%M}"
    return [since, one.pair, one.record, one.key, one.rule, one.effect, one.owner, detail, one.released_by or ""]


def _print(found: Shown) -> None:
    _out.print(table(("path", "value"), [[path, value] for path, value in found.lines()], found.record))
    _out.print(table(_HEADS, [_cells(one) for one in found.aside], "Set aside by"))
    if found.correction:
        state = "in force" if found.correction["in_force"] else "ended: the source has changed the record since"
        _out.print(f"Corrected by {found.correction['who']}: {', '.join(found.correction['paths'])}; {state}.")
