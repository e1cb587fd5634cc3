"""Going live: while a pair's past is loaded its destination keeps still; once that is over it may mail people."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from retail_sync.delivery.again import plan_again
from retail_sync.delivery.queue import Queueing, queue_differences
from retail_sync.delivery.rows import Bearer
from retail_sync.model.delivery import PRIORITY

from .context import Road
from .live_pairs import is_live

# A plan that is under way was made for a destination that keeps still.
_PLAN_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('retail_sync.plan.' || %s, 0))"

# What waits for a person's approval belongs to the first load; what a rule or a refusal holds does not, nor what waits
# for something that is not to come.
_UNFINISHED = """
    select 1 from delivery.outbox
     where account = %(account)s and pair = %(pair)s and closed_at is null
       and (state = 'claimed'
            or state = 'pending' and priority < %(history)s and delivery.all_stand(account, needs)
            or state = 'held' and code = 'brake')
     limit 1
"""

_GO = "insert into road.live_pair (pair, run_id, live_at) values (%(pair)s, %(run_id)s, %(now)s) on conflict do nothing"

# What was to be said to a destination that keeps still would be heard now.
_LEFT_OVER = """
    select row_id from delivery.outbox
     where account = %(account)s and pair = %(pair)s and closed_at is null and state in ('pending', 'held') and sets_off
"""


def go_live(road: Road, run_id: str) -> bool:
    """Queue what ends the silence, if the pair is not live and nothing of its first load is left to send.

    Rows that are held, or that a history has left for later, are planned again: what they say was meant for a
    destination that writes to nobody.

    Returns:
        Whether it went live just now.
    """
    with road.database.connection() as connection:
        return queue(connection, road, run_id)


def queue(connection: Connection[Any], road: Road, run_id: str) -> bool:
    """Do what `go_live` does, in a transaction of the caller's."""
    now = road.clock()
    parameters: dict[str, Any] = {
        "account": road.pair.destination.account,
        "pair": road.pair.pair,
        "run_id": run_id,
        "now": now,
        "history": PRIORITY["history"],
    }
    if is_live(connection, road.pair.pair) or not _is_finished(connection, parameters):
        return False
    connection.execute(_GO, parameters)
    left_over = [row_id for (row_id,) in connection.execute(_LEFT_OVER, parameters)]
    plan_again(connection, left_over, "gone live", now)
    queueing = Queueing(parameters["account"], road.pair.pair, run_id, now, PRIORITY["structure"], contact_kind=None)
    queue_differences(connection, map(Bearer, road.destination.structure(live=True)), queueing)
    return True


def _is_finished(connection: Connection[Any], parameters: dict[str, Any]) -> bool:
    planning = connection.execute(_PLAN_LOCK, (parameters["pair"],)).fetchone() != (True,)
    return not planning and connection.execute(_UNFINISHED, parameters).fetchone() is None
