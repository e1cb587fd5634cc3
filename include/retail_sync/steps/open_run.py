"""Opening a run: its window is decided here, once, and stays through every clear and retry."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from retail_sync.model.records import STREAMS, Stream
from retail_sync.pairs.config import Pair
from retail_sync.quality.catalogue import rules_of

from .context import Road
from .contradicted import refuse_contradicted
from .perform import Report, note
from .requests import Dag, RunRequest

#: The parts of a pair file that decide what a record becomes at the destination. A new schedule makes nothing due.
_DECIDING = {
    "source", "destination", "channels", "value", "segments", "mapping", "triggers", "identity", "consent", "rules",
}  # fmt: skip

#: What a DAG reads if nobody asked for certain streams.
_STREAMS: dict[Dag, tuple[Stream, ...]] = {
    "live": ("customers", "products", "orders", "returns", "carts", "browses"),
    "history": ("customers", "orders", "returns"),
    "catalogue": ("products", "signups"),
    "consent": (),
    "audit": (),
}

_FIND = "select request from road.run where run_id = %s for update"

_REOPEN = """
    update road.run
       set state = 'open', closed_at = null, report = null, fingerprint = %(fingerprint)s,
           recheck = coalesce(%(recheck)s, recheck), working_since = %(working_since)s
     where run_id = %(run_id)s
"""

# The pair may have fewer workers for its load by now: those it has note themselves again.
_FORGET_SHARDS = "delete from road.step where run_id = %s and step like 'load:%%'"

_FORGET = (
    "delete from road.key_read where run_id = %s",
    "delete from road.work where run_id = %s",
    "delete from road.run where run_id = %s",
)

_INSERT = """
    insert into road.run
        (run_id, pair, dag, lane, trigger, window_since, window_until, window_by, streams, dry_run, full_refresh,
         fingerprint, recheck, opened_at, request)
    values
        (%(run_id)s, %(pair)s, %(dag)s, %(lane)s, %(trigger)s, %(since)s, %(until)s, %(by)s, %(streams)s, %(dry_run)s,
         %(full_refresh)s, %(fingerprint)s, %(recheck)s, %(opened_at)s, %(request)s)
"""

# What an earlier run has made due stays on the books until it is planned, so the newest run is the one to compare with:
# where that is the one that is opened again, with what it was before.
_LAST_FINGERPRINT = """
    select fingerprint from road.run
     where pair = %(pair)s and not dry_run
     order by opened_at desc, run_id desc
     limit 1
"""

_MAKE_DUE = """
    insert into road.due (pair, stream, key, reason, due_at)
    select %(pair)s, stream, key, %(recheck)s, %(opened_at)s from people.accepted where pair = %(pair)s
     union
    select %(pair)s, stream, key, %(recheck)s, %(opened_at)s
      from quality.quarantine
     where pair = %(pair)s and account = %(account)s and released_at is null
        on conflict (pair, stream, key, reason) do update set due_at = least(due.due_at, excluded.due_at)
"""


_READ = """
    select pair, dag, lane, streams, window_since, window_until, dry_run, recheck from road.run where run_id = %s
"""


def open_run(road: Road, run_id: str, request: RunRequest) -> Report:
    """Open a run, or open it again after a clear.

    A run that was opened before keeps its window and its place in time, unless it is now asked for something else.
    Where the pair file has changed since the pair's newest run was last opened, or a full refresh is asked for, every
    record that was accepted or set aside becomes due. The step is noted as done here, since there are no books before
    it.

    Returns:
        What the run is about: pair, DAG, lane, streams, window, and whether it was open before.

    Raises:
        ConfigurationError: The pair's file contradicts another's, or overrides a rule that there is not.
    """
    if not request.dry_run:
        refuse_contradicted(road.pair)
    fingerprint = fingerprint_of(road.pair)
    asked = request.model_dump(mode="json")
    with road.database.connection() as connection:
        found = connection.execute(_FIND, [run_id]).fetchone()
        if found is not None and found[0] == asked:
            _reopen(connection, road, run_id, fingerprint)
        else:
            for statement in _FORGET if found is not None else ():
                connection.execute(statement, [run_id])
            _insert(connection, road.pair, _row(road, run_id, request, fingerprint))
        report = {**_report(connection, run_id), "opened_before": found is not None}
    note(road, run_id, "open_run", "done", report)
    return report


def fingerprint_of(pair: Pair) -> str:
    """A short hash of what a pair file says about the content of records, and of the rules that judge them.

    Raises:
        ConfigurationError: The file overrides a rule that there is not.
    """
    content = pair.model_dump(mode="json", by_alias=True, include=_DECIDING)
    del content["source"]["peak"]
    content["judged_by"] = [(rule.id, rule.fails, rule.effect) for rule in rules_of(pair)]
    return blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).hexdigest()


def streams_of(pair: Pair, dag: Dag) -> list[Stream]:
    """What a DAG of a pair reads if nobody asks for certain streams."""
    return [stream for stream in STREAMS if stream in _STREAMS[dag] and stream in pair.streams]


def _row(road: Road, run_id: str, request: RunRequest, fingerprint: str) -> dict[str, Any]:
    now = road.clock()
    since, until = _window(road.pair, request, now)
    wanted = _STREAMS[request.dag] if request.streams is None else request.streams
    history = request.dag == "history"
    return {
        "run_id": run_id,
        "pair": road.pair.pair,
        "dag": request.dag,
        "lane": "history" if history else "live",
        "trigger": request.trigger,
        "since": since,
        "until": until,
        "by": "created" if history else request.by,
        "streams": [stream for stream in STREAMS if stream in wanted and stream in road.pair.streams],
        "dry_run": request.dry_run,
        "full_refresh": request.full_refresh,
        "fingerprint": fingerprint,
        "opened_at": now,
        "request": Jsonb(request.model_dump(mode="json")),
    }


def _window(pair: Pair, request: RunRequest, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The window that a run is asked for, as (since, until); both None where it reads what is due."""
    since, until = request.since, request.until
    if request.dag == "history" and since is None and until is None:
        since = now - timedelta(days=pair.history.days)
    if since is None and until is None:
        return None, None
    return since, min(until or now, now)


def _insert(connection: Connection[Any], pair: Pair, row: dict[str, Any]) -> None:
    recheck = "full_refresh" if row["full_refresh"] else _changed(connection, row)
    parameters = {**row, "account": pair.source.account, "recheck": recheck}
    connection.execute(_INSERT, parameters)
    _make_due(connection, parameters)


def _reopen(connection: Connection[Any], road: Road, run_id: str, fingerprint: str) -> None:
    run = connection.execute("select opened_at, dry_run from road.run where run_id = %s", [run_id]).fetchone()
    assert run is not None  # noqa: S101 - it was just found
    row = {
        "run_id": run_id,
        "pair": road.pair.pair,
        "account": road.pair.source.account,
        "fingerprint": fingerprint,
        "opened_at": run[0],
        "dry_run": run[1],
        "working_since": road.clock(),
    }
    row["recheck"] = _changed(connection, row)
    connection.execute(_REOPEN, row)
    connection.execute(_FORGET_SHARDS, [run_id])
    _make_due(connection, row)


def _make_due(connection: Connection[Any], row: dict[str, Any]) -> None:
    if row["recheck"] and not row["dry_run"]:
        connection.execute(_MAKE_DUE, row)


def _changed(connection: Connection[Any], row: dict[str, Any]) -> str | None:
    last = connection.execute(_LAST_FINGERPRINT, row).fetchone()
    return "pair_file" if last is not None and last[0] != row["fingerprint"] else None


def _report(connection: Connection[Any], run_id: str) -> Report:
    row = connection.execute(_READ, [run_id]).fetchone()
    assert row is not None  # noqa: S101 - it was just written
    pair, dag, lane, streams, since, until, dry_run, recheck = row
    return {
        "pair": pair,
        "dag": dag,
        "lane": lane,
        "streams": streams,
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "dry_run": dry_run,
        "recheck": recheck,
    }
