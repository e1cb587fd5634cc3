"""Lifetime facts: a new pair tells none before its history has been read, delivered and found to be right (DAG-4)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import chain
from typing import Any

from psycopg import Connection

from retail_sync.delivery.load import empty
from retail_sync.delivery.queue import Queueing, queue_differences
from retail_sync.delivery.rows import Bearer
from retail_sync.model.delivery import PRIORITY
from retail_sync.model.ports import Destination
from retail_sync.model.records import Stream
from retail_sync.people.facts import compute_facts
from retail_sync.people.scope import Scope
from retail_sync.stage.windows import BEGINNING

from .context import Road
from .live_pairs import is_live, withheld_facts
from .load import destination_door
from .wanted import contacts

#: The streams of which a person's lifetime is made.
_HISTORY: tuple[Stream, ...] = ("customers", "orders")

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.plan.' || %(pair)s, 0))"

# A pair may begin with what is recent; then its history is whole once somebody has had it read from the beginning.
_IS_READ = """
    select count(*) = cardinality(%(streams)s::text[])
      from unnest(%(streams)s::text[], %(from_beginning)s::boolean[]) as wanted (stream, from_beginning)
     where from_beginning and exists (select from stage.watermark
                                       where watermark.account = %(source)s and watermark.stream = wanted.stream)
        or exists (select from road.stream_read join road.run using (run_id)
                    where run.pair = %(pair)s and (not run.dry_run or run.run_id = %(run_id)s)
                      and stream_read.stream = wanted.stream
                      and stream_read.state = 'complete' and stream_read.window_since <= %(beginning)s)
"""

# What the vendor has put off, one by one, keeps nobody else waiting.
_IS_DELIVERED = """
    select not exists (
        select from delivery.outbox
         where account = %(account)s and pair = %(pair)s and closed_at is null
           and (state in ('claimed', 'unknown')
                or state = 'pending' and available_at <= %(now)s and delivery.all_stand(account, needs)
                or state = 'held' and code = 'brake'))
"""

_EVERYBODY = """
    create temporary table touched_person on commit drop as
    select person_id from people.person where pair = %(pair)s
"""

_PUBLISHED = "update road.live_pair set published_at = %(now)s where pair = %(pair)s"

#: What `notice` asks: which pair has been keeping its facts to itself for longer than a history takes to reconcile.
WITHHELD = """
    insert into wrong
    select 'lifetime.withheld', 'lifetime facts',
           'They are not told to ' || initcap(%(destination_system)s) || ' as yet: the pair''s history is not read to '
               || 'its end, not delivered, or differs from what was sent.',
           'operations',
           'See what is refused, held, missing or different; the facts follow with the run that finds all of it right.'
      from road.live_pair
     where pair = %(pair)s and published_at is null and live_at < %(now)s - interval '1 day'
"""


def publish(road: Road, run_id: str) -> dict[str, dict[str, int]] | None:
    """Tell the lifetime facts of everybody, if they were withheld and the history is whole and delivered.

    Args:
        road: What to work on.
        run_id: The run that has just found the destination to hold what was sent.

    Returns:
        By kind, how many rows ended with each verdict; None where there was nothing to publish, or not yet.
    """
    with road.database.connection() as connection:
        if queue(connection, road, run_id) is None:
            return None
    # From here on the pair owns the fields that it left alone before.
    road.forget_destination()
    return empty(road.database, destination_door(road), road.clock)


def queue(connection: Connection[Any], road: Road, run_id: str) -> Destination | None:
    """Queue the lifetime facts of everybody, if they were withheld and the history is whole and delivered.

    Args:
        connection: A transaction in which no plan was made.
        road: What to work on.
        run_id: The run that has found the destination to hold what was sent.

    Returns:
        The destination that is told everything; None where there was nothing to queue, or not yet.
    """
    parameters = {**_parameters(road), "run_id": run_id}
    connection.execute(_LOCK, parameters)
    if not _is_time(connection, parameters):
        return None
    connection.execute(_PUBLISHED, parameters)
    destination = road.open_destination(frozenset())
    _queue(connection, road, destination, Scope(road.pair, run_id, parameters["now"]))
    return destination


def _queue(connection: Connection[Any], road: Road, destination: Destination, scope: Scope) -> None:
    """Queue what everybody is told from now on, and the fields that hold it."""
    connection.execute(_EVERYBODY, scope.parameters())
    compute_facts(connection, scope)
    structure = map(Bearer, destination.structure(live=True))
    queueing = Queueing(
        account=road.pair.destination.account,
        pair=road.pair.pair,
        run_id=scope.run_id,
        now=scope.now,
        priority=PRIORITY["state"],
        contact_kind=destination.capabilities.contact_kind,
    )
    queue_differences(connection, chain(structure, contacts(connection, destination, scope, set())), queueing)


def _is_time(connection: Connection[Any], parameters: dict[str, Any]) -> bool:
    if not is_live(connection, parameters["pair"]) or not withheld_facts(connection, parameters["pair"]):
        return False
    asked = (connection.execute(statement, parameters).fetchone() for statement in (_IS_READ, _IS_DELIVERED))
    return all(answer == (True,) for answer in asked)


def _parameters(road: Road) -> dict[str, Any]:
    streams = [stream for stream in _HISTORY if stream in road.pair.streams]
    begins = road.pair.history.begins
    return {
        "pair": road.pair.pair,
        "source": road.pair.source.account,
        "account": road.pair.destination.account,
        "streams": streams,
        "from_beginning": [road.pair.streams[stream].first_read is None for stream in streams],
        "beginning": datetime.combine(begins, time.min, UTC) if begins else BEGINNING,
        "now": road.clock(),
    }
