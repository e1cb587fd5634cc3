"""What the pages of the interface show: how the pairs stand, what is set aside, and what a run did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.quality.docs import path_of

_Row = TypeVar("_Row")

# What runs most often comes first.
_RUNS = """
    select newest.*,
           (select count(*) from road.work where work.run_id = newest.run_id) as records,
           (select count(*) from quality.verdict where verdict.run_id = newest.run_id) as verdicts
      from (select distinct on (pair, dag) run_id, pair, dag, state, opened_at, closed_at
              from road.run
             where pair = any (%(pairs)s)
             order by pair, dag, opened_at desc) as newest
     order by pair, array_position('{live,consent,catalogue,history,audit}', dag)
"""

_ASIDE = """
    select pair, owner, stream, rule, effect, count(*) as records, min(opened_at) as since
      from quality.quarantine
     where pair = any (%(pairs)s) and released_at is null
     group by pair, owner, stream, rule, effect
     order by effect = 'exclude', owner, pair, records desc, rule
"""

# The suite of a result is called after its pair and stream.
_VALIDATIONS = """
    select key, coalesce(run_id, '') as run_id, at, (body ->> 'success')::boolean as passed,
           coalesce((body -> 'statistics' ->> 'evaluated_expectations')::integer, 0) as rules,
           coalesce((body -> 'statistics' ->> 'unsuccessful_expectations')::integer, 0) as failing
      from quality.validation_result
     where (%(run_id)s::text is null or run_id = %(run_id)s)
       and regexp_replace(key[1], '-[^-]*$', '') = any (%(pairs)s)
     order by at desc, key
     limit %(limit)s
"""

_OPEN = """
    select pair, owner, count(*) as open, min(opened_at) as since
      from exceptions.entry
     where pair = any (%(pairs)s) and closed_at is null
     group by pair, owner
     order by pair, owner
"""

_RUN = """
    select run_id, pair, dag, trigger, state, dry_run, window_since, window_until, opened_at, closed_at,
           coalesce(report, '{}') as report
      from road.run
     where run_id = %(run_id)s
"""
_STEPS = """
    select step, state, started_at, finished_at, coalesce(report ->> 'why', '') as why
      from road.step
     where run_id = %(run_id)s
     order by started_at, finished_at
"""
_JUDGED_BEFORE = """
    select coalesce(sum(rows), 0) from quality.judged_before where run_id = %(run_id)s and stream <> 'attributes'
"""


@dataclass(frozen=True, slots=True)
class NewestRun:
    """The newest run of a sort: how many records it worked on, and how many verdicts rules gave."""

    run_id: str
    pair: str
    dag: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    records: int
    verdicts: int


@dataclass(frozen=True, slots=True)
class Aside:
    """How many records a rule sets aside now, since when, and whose turn it is."""

    pair: str
    owner: str
    stream: str
    rule: str
    effect: str
    records: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Validation:
    """A result of Great Expectations, and how many of its rules fail."""

    key: list[str]
    run_id: str
    at: datetime
    passed: bool
    rules: int
    failing: int

    @property
    def path(self) -> str:
        """Its page on the data-quality site."""
        return path_of(tuple(self.key))

    @property
    def suite(self) -> str:
        """What was judged: pair and stream."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Open:
    """How many exceptions of a pair wait for an owner, and since when."""

    pair: str
    owner: str
    open: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run as the books have it."""

    step: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run. Its report is that of `close_run`, empty while it is open."""

    run_id: str
    pair: str
    dag: str
    trigger: str
    state: str
    dry_run: bool
    window_since: datetime | None
    window_until: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    report: dict[str, Any]


def newest_runs(connection: Connection[Any], pairs: Collection[str]) -> list[NewestRun]:
    """The newest run of each DAG of these pairs."""
    return _rows(connection, NewestRun, _RUNS, pairs=list(pairs))


def set_aside(connection: Connection[Any], pairs: Collection[str]) -> list[Aside]:
    """What rules set aside now, by owner; what is merely excluded comes last."""
    return _rows(connection, Aside, _ASIDE, pairs=list(pairs))


def validations(
    connection: Connection[Any], pairs: Collection[str], run_id: str | None = None, limit: int = 40
) -> list[Validation]:
    """The newest results of these pairs, or those of one run."""
    return _rows(connection, Validation, _VALIDATIONS, pairs=list(pairs), run_id=run_id, limit=limit)


def open_by_owner(connection: Connection[Any], pairs: Collection[str]) -> list[Open]:
    """How many exceptions are open, by pair and owner."""
    return _rows(connection, Open, _OPEN, pairs=list(pairs))


def run_of(connection: Connection[Any], run_id: str) -> RunPage | None:
    """A run by its name in the books, or None."""
    return next(iter(_rows(connection, RunPage, _RUN, run_id=run_id)), None)


def steps_of_run(connection: Connection[Any], run_id: str) -> list[Step]:
    """The steps of a run, in the order in which they began."""
    return _rows(connection, Step, _STEPS, run_id=run_id)


def judged_before(connection: Connection[Any], run_id: str) -> int:
    """How many records a run read again just as they had been judged; 0 where it had anything new to judge."""
    row = connection.execute(_JUDGED_BEFORE, {"run_id": run_id}).fetchone()
    return int(row[0]) if row else 0


def _rows(connection: Connection[Any], kind: type[_Row], statement: str, **given: Any) -> list[_Row]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement, given).fetchall()
