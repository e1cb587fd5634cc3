"""The SQL pass: which sealed row of a run fails which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from retail_sync.errors import StopError
from retail_sync.model.records import STREAMS, Stream

from .rule import Rule

# An order is known when it is staged, sealed in this very run, or was valued once (staged versions are pruned).
_ORDER_KNOWN = """
    update quality.batch_returns as batch
       set order_known = exists (
               select from stage.current
                where account = %(account)s and stream = 'orders' and key in (batch.order_key, batch.order_number))
            or exists (
               select from quality.batch_orders as sealed
                where sealed.run_id = batch.run_id and sealed.number = batch.order_number)
            or exists (
               select from people.order_value as valued
                where valued.pair = %(pair)s and valued.number = batch.order_number)
     where run_id = %(run_id)s and order_known is null
"""

_FAILING = """
    select {stream} as stream, key, {rule} as rule, {effect} as effect, {detail}::text as detail
      from {batch}
     where run_id = {run} and ({fails})
"""

_WORK = "select stream, count(*) from road.work where run_id = %s group by stream"

# Rows that are excluded from the destination say nothing about how bad the batch is for it.
_COUNTS = """
    with excluded as materialized (
         select distinct stream, key from quality.verdict where run_id = %(run_id)s and effect = 'exclude')
    select verdict.rule, count(*), count(*) filter (where excluded.key is null)
      from quality.verdict
      left join excluded using (stream, key)
     where run_id = %(run_id)s
     group by verdict.rule
"""

# A version that was accepted or set aside was judged when it was new, and any other reason asks for a new judgement.
_UNJUDGED = """
    select exists (
        select from road.work
         where run_id = %(run_id)s
           and (reason <> 'read'
                or not exists (
                    select from people.accepted
                     where accepted.pair = %(pair)s and accepted.stream = work.stream and accepted.key = work.key
                       and accepted.version_id = work.version_id)
               and not exists (
                    select from quality.quarantine
                     where quarantine.pair = %(pair)s and quarantine.account = %(account)s
                       and quarantine.stream = work.stream and quarantine.key = work.key
                       and quarantine.version_id = work.version_id)))
"""

_EXCLUDED = """
    select stream, count(distinct key) from quality.verdict where run_id = %s and effect = 'exclude' group by stream
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows fail a rule: all of them, and those among the rows that no rule excludes."""

    failing: int = 0
    relevant: int = 0


def sealed_rows(connection: Connection[Any], run_id: str) -> dict[Stream, int]:
    """How many rows are sealed for the run, for each stream that has work.

    Raises:
        StopError: Fewer rows are sealed than the run's work set has: they were pruned since.
    """
    work: dict[str, int] = dict(connection.execute(_WORK, [run_id]).fetchall())
    found: dict[Stream, int] = {}
    for stream in STREAMS:
        if not (expected := work.get(stream, 0)):
            continue
        found[stream] = _rows(connection, stream, run_id)
        if found[stream] < expected:
            raise StopError(
                f"of {expected} sealed {stream} only {found[stream]} are left; sealed rows are pruned after a time",
                record=f"run {run_id}",
                fix="Start a new run.",
            )
    return found


def _rows(connection: Connection[Any], stream: Stream, run_id: str) -> int:
    statement = sql.SQL("select count(*) from {} where run_id = %s").format(_batch(stream))
    row = connection.execute(statement, [run_id]).fetchone()
    return int(row[0]) if row else 0


def write_verdicts(
    connection: Connection[Any], run_id: str, rules: Mapping[Stream, Sequence[Rule]], *, pair: str, account: str
) -> None:
    """Judge the sealed rows of a run anew, one statement per stream; earlier verdicts of the run are replaced."""
    connection.execute("delete from quality.verdict where run_id = %s", [run_id])
    if "returns" in rules:
        connection.execute(_ORDER_KNOWN, {"run_id": run_id, "account": account, "pair": pair})
    for stream, judged_by in rules.items():
        if judged_by:
            connection.execute(_statement(run_id, stream, judged_by))


def _statement(run_id: str, stream: Stream, rules: Sequence[Rule]) -> sql.Composed:
    """One scan per rule costs less than one scan that computes every rule's detail for every row."""
    branches = sql.SQL(" union all ").join(
        sql.SQL(_FAILING).format(
            stream=sql.Literal(stream),
            rule=sql.Literal(rule.id),
            effect=sql.Literal(rule.effect),
            detail=sql.SQL(rule.detail),
            batch=_batch(stream),
            run=sql.Literal(run_id),
            fails=sql.SQL(rule.fails),
        )
        for rule in rules
    )
    head = sql.SQL("insert into quality.verdict (run_id, stream, key, rule, effect, detail) ")
    return head + sql.SQL("select {}, failing.* from ({}) as failing").format(sql.Literal(run_id), branches)


def _batch(stream: Stream) -> sql.Composable:
    return sql.Identifier("quality", f"batch_{stream}")


def count_verdicts(connection: Connection[Any], run_id: str) -> dict[str, Count]:
    """How many rows of the run fail each rule; rules that no row fails are absent."""
    rows = connection.execute(_COUNTS, {"run_id": run_id}).fetchall()
    return {rule: Count(failing, relevant) for rule, failing, relevant in rows}


def has_unjudged(connection: Connection[Any], run_id: str, *, pair: str, account: str) -> bool:
    """Whether the run has sealed anything but what was read again as it was judged before."""
    row = connection.execute(_UNJUDGED, {"run_id": run_id, "pair": pair, "account": account}).fetchone()
    return bool(row and row[0])


def relevant_rows(connection: Connection[Any], run_id: str, rows: Mapping[Stream, int]) -> dict[Stream, int]:
    """How many of the sealed rows no rule excludes, by stream."""
    excluded: dict[str, int] = dict(connection.execute(_EXCLUDED, [run_id]).fetchall())
    return {stream: count - excluded.get(stream, 0) for stream, count in rows.items()}
