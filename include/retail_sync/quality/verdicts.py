"""The SQL pass: which sealed row of a run fails which rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from retail_sync.errors import StopError
from retail_sync.model.records import STREAMS

from .rule import Rule, Sheet

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

# A version that was accepted or set aside was judged when it was new, and any other reason asks for a new judgement; so
# does a row that is set aside and was not, or the other way round, since something beside it has changed.
_UNJUDGED = """
    select exists (
        select from road.work
         cross join lateral (
               select exists (select from people.accepted
                               where accepted.pair = %(pair)s and accepted.stream = work.stream
                                 and accepted.key = work.key and accepted.version_id = work.version_id) as accepted,
                      exists (select from quality.quarantine
                               where quarantine.pair = %(pair)s and quarantine.account = %(account)s
                                 and quarantine.stream = work.stream and quarantine.key = work.key
                                 and quarantine.version_id = work.version_id) as aside,
                      exists (select from quality.verdict
                               where verdict.run_id = work.run_id and verdict.stream = work.stream
                                 and verdict.key = work.key and verdict.effect <> 'warn') as aside_now) as state
         where run_id = %(run_id)s
           and (reason <> 'read' or not state.accepted and not state.aside or state.aside <> state.aside_now))
"""

_FORGET_BEFORE = "delete from quality.judged_before where run_id = %s"
_BEFORE = """
    insert into quality.judged_before (run_id, stream, rows)
    select %s, stream, rows from unnest(%s::text[], %s::bigint[]) as one (stream, rows)
"""

_EXCLUDED = """
    select stream, count(distinct key) from quality.verdict where run_id = %s and effect = 'exclude' group by stream
"""

_HELD = """
    select stream, count(distinct key)
      from quality.verdict as held
     where run_id = %(run_id)s and rule = any (%(rules)s)
       and not exists (select from quality.verdict as excluded
                        where excluded.run_id = held.run_id and excluded.stream = held.stream
                          and excluded.key = held.key and excluded.effect = 'exclude')
     group by stream
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows fail a rule: all of them, and those among the rows that no rule excludes."""

    failing: int = 0
    relevant: int = 0


def sealed_rows(connection: Connection[Any], run_id: str) -> dict[Sheet, int]:
    """How many rows are sealed for the run, for each stream that has work, and for attributes if customers have any.

    Raises:
        StopError: Fewer rows are sealed than the run's work set has: they were pruned since.
    """
    work: dict[str, int] = dict(connection.execute(_WORK, [run_id]).fetchall())
    found: dict[Sheet, int] = {}
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
    if attributes := _rows(connection, "attributes", run_id):
        found["attributes"] = attributes
    return found


def _rows(connection: Connection[Any], stream: Sheet, run_id: str) -> int:
    statement = sql.SQL("select count(*) from {} where run_id = %s").format(_batch(stream))
    row = connection.execute(statement, [run_id]).fetchone()
    return int(row[0]) if row else 0


def write_verdicts(connection: Connection[Any], run_id: str, rules: Mapping[Sheet, Sequence[Rule]]) -> None:
    """Judge the sealed rows of a run anew, one statement per stream; earlier verdicts of the run are replaced."""
    connection.execute("delete from quality.verdict where run_id = %s", [run_id])
    for stream, judged_by in rules.items():
        if judged_by:
            connection.execute(_statement(run_id, stream, judged_by))


def _statement(run_id: str, stream: Sheet, rules: Sequence[Rule]) -> sql.Composed:
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


def _batch(stream: Sheet) -> sql.Composable:
    return sql.Identifier("quality", f"batch_{stream}")


def count_verdicts(connection: Connection[Any], run_id: str) -> dict[str, Count]:
    """How many rows of the run fail each rule; rules that no row fails are absent."""
    rows = connection.execute(_COUNTS, {"run_id": run_id}).fetchall()
    return {rule: Count(failing, relevant) for rule, failing, relevant in rows}


def held_rows(connection: Connection[Any], run_id: str, rules: Iterable[Rule]) -> dict[Sheet, int]:
    """How many rows of each stream are held back by those of the rules that stop a run from some share on."""
    stopping = [rule.id for rule in rules if rule.effect == "hold_record" and (rule.threshold or 1) < 1]
    return dict(connection.execute(_HELD, {"run_id": run_id, "rules": stopping}).fetchall())


def has_unjudged(connection: Connection[Any], run_id: str, *, pair: str, account: str) -> bool:
    """Whether the run has sealed anything but what was read again as it was judged before."""
    row = connection.execute(_UNJUDGED, {"run_id": run_id, "pair": pair, "account": account}).fetchone()
    return bool(row and row[0])


def note_judged_before(connection: Connection[Any], run_id: str, rows: Mapping[Sheet, int]) -> None:
    """Note of a run that it had nothing but rows which were judged before; without rows, that it was not so."""
    connection.execute(_FORGET_BEFORE, [run_id])
    connection.execute(_BEFORE, [run_id, list(rows), list(rows.values())])


def relevant_rows(connection: Connection[Any], run_id: str, rows: Mapping[Sheet, int]) -> dict[Sheet, int]:
    """How many of the sealed rows no rule excludes, by stream."""
    excluded: dict[str, int] = dict(connection.execute(_EXCLUDED, [run_id]).fetchall())
    return {stream: count - excluded.get(stream, 0) for stream, count in rows.items()}
