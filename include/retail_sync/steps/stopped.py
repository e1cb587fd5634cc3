"""Pairs that have stopped since their file can't be used or is gone, and DAGs that no longer run on their schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.types.json import Jsonb

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.exceptions.announcements import Addressed
from retail_sync.exceptions.entries import gather, settle
from retail_sync.model.ports import Clock
from retail_sync.pairs.config import Mail, Owners, Pair
from retail_sync.pairs.files import BrokenPair, find, read_all

from .announce import Desk
from .deadlines import limit_of
from .requests import Dag

#: First part of the subjects that are opened and closed here.
FAMILY = "stopped"

_REMEMBER = """
    insert into road.known_pair as known (pair, owners, mail) values (%(pair)s, %(owners)s, %(mail)s)
        on conflict (pair) do update set owners = excluded.owners, mail = excluded.mail
     where (known.owners, known.mail) is distinct from (excluded.owners, excluded.mail)
"""
_KNOWN = "select pair, owners, mail from road.known_pair"
# What a person has closed waits for its cause to be gone.
_SAID = """
    select distinct pair from exceptions.entry
     where split_part(subject, '.', 1) = %s
       and (closed_at is null or closed_by <> 'cause gone' and gone_at is null)
"""
_STOPPED = """
    insert into wrong (subject, record, cause, owner, next_step)
    values ('stopped.file', %(record)s, %(cause)s, 'operations', %(next_step)s)
"""
_MEND = "Mend it as `retail-sync pairs validate` says; the pair goes on where it stood."
_GONE = "Its file is gone, so that it has no DAGs and nothing of it runs."
_RESTORE = "Put the file back; if the pair was given up, close this with `retail-sync exceptions close`."

# When a sort of run was begun last by the scheduler. One that never was counts from the first of its pair's that were:
# a pair that nobody has switched on has not stopped. What is at work, never began or could not be opened is told of as
# that.
_BEGUN = """
    select wanted.dag, coalesce(max(run.opened_at) filter (where run.dag = wanted.dag), min(run.opened_at))
      from unnest(%(dags)s::text[]) as wanted (dag)
      join road.run on run.pair = %(pair)s and run.trigger = 'scheduled'
     where not exists (select from road.run as open
                        where open.pair = %(pair)s and open.dag = wanted.dag and open.state = 'open')
       and not exists (select from road.unbegun where unbegun.pair = %(pair)s and unbegun.dag = wanted.dag)
       and not exists (select from road.unopened where unopened.pair = %(pair)s and unopened.dag = wanted.dag)
     group by wanted.dag
     order by wanted.dag
"""
_UNSCHEDULED = """
    insert into wrong (subject, record, cause, owner, next_step)
    values ('deadline.schedule', %(record)s, %(cause)s, 'operations', %(next_step)s)
"""
_UNPAUSE = (
    "See in Airflow whether it is paused, and unpause it. If it rests on purpose, say until when with "
    "`retail-sync exceptions snooze`, or `close` this."
)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a pair's file named when it could last be read. See `Addressed`."""

    pair: str
    owners: Owners
    mail: Mail


def watch_files(database: Database, clock: Clock) -> list[Desk]:
    """Open an exception for every pair whose file can't be used any more or is gone; close those that are mended.

    Args:
        database: The product's database.
        clock: The time.

    Returns:
        The pairs that have stopped so, for whose owners mails may be due: those whom the file named when it could last
        be read, or, where it never could, the operations of the other pairs.
    """
    good, broken = read_all()
    names = {pair.pair for pair in good}
    with database.connection() as connection:
        connection.cursor().executemany(_REMEMBER, [_whom(pair) for pair in good])
        known = _known(connection)
        wrong = {item.path.stem: _cause(item) for item in broken}
        wrong |= {name: (_GONE, _RESTORE) for name in known if name not in names | wrong.keys()}
        said = {name for (name,) in connection.execute(_SAID, [FAMILY])}
    for name in sorted(wrong.keys() | said):
        _settle(database, name, wrong.get(name), clock())
    return [Desk(known.get(name) or _anybody(name, good), database, clock) for name in wrong]


def addressed(database: Database, name: str) -> Addressed:
    """Whom mails about a pair go to: as its file says or, where it can't be used, as it said when it last could.

    Raises:
        ConfigurationError: There is no such pair, and never was one whose file could be read.
    """
    try:
        return find(name)
    except ConfigurationError:
        with database.connection() as connection:
            known = _known(connection)
        if name not in known:
            raise
        return known[name]


def gather_unscheduled(connection: Connection[Any], pair: Pair, now: datetime) -> None:
    """Put among what is wrong the DAGs of a pair whose schedule has asked in vain for a run.

    A DAG has the time of one run beyond the moment at which its next was due.
    """
    crons: dict[Dag, str] = {dag: cron for dag in get_args(Dag) if (cron := getattr(pair.schedule, dag)) is not None}
    begun = connection.execute(_BEGUN, {"pair": pair.pair, "dags": list(crons)}).fetchall()
    for dag, last in begun:
        if _next(crons[dag], pair.schedule.timezone, last) + limit_of(pair, dag) > now:
            continue
        cause = f"Its schedule has begun no run since {last:%Y-%m-%d %H:%M} UTC, as if it were paused."
        connection.execute(_UNSCHEDULED, {"record": f"{dag} DAG", "cause": cause, "next_step": _UNPAUSE})


def _next(cron: str, timezone: str, after: datetime) -> datetime:
    from croniter import croniter  # type: ignore[import-untyped]

    found: datetime = croniter(cron, after.astimezone(ZoneInfo(timezone))).get_next(datetime)
    return found


def _settle(database: Database, pair: str, wrong: tuple[str, str] | None, now: datetime) -> None:
    with database.connection() as connection:
        gather(connection)
        if wrong is not None:
            cause, next_step = wrong
            connection.execute(_STOPPED, {"record": f"{pair}.yaml", "cause": cause, "next_step": next_step})
        settle(connection, pair, (FAMILY,), run_id="upkeep", now=now)


def _cause(item: BrokenPair) -> tuple[str, str]:
    return f"Its file can't be used, so that it has no DAGs and nothing of it runs: {item.error}", _MEND


def _whom(pair: Pair) -> dict[str, Any]:
    return {"pair": pair.pair, "owners": Jsonb(pair.owners.model_dump()), "mail": Jsonb(pair.mail.model_dump())}


def _known(connection: Connection[Any]) -> dict[str, Known]:
    rows = connection.execute(_KNOWN).fetchall()
    return {name: Known(name, Owners(**owners), Mail(**mail)) for name, owners, mail in rows}


def _anybody(name: str, others: Sequence[Pair]) -> Known:
    """Whom to tell of a file that never could be read: who looks after the other pairs."""
    way = next((pair.mail for pair in others if any(_operations(pair))), Mail())
    everybody = [address for pair in others if pair.mail.connection == way.connection for address in _operations(pair)]
    return Known(name, Owners(operations=list(dict.fromkeys(everybody))), way.model_copy(update={"to": []}))


def _operations(pair: Pair) -> Iterator[str]:
    yield from (*pair.owners.operations, *pair.mail.to)
