"""Going live: while a pair's past is loaded its destination keeps still; once that is over it may mail people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from retail_sync.delivery import queue
from retail_sync.delivery.queue import Bearer, Queueing
from retail_sync.model.delivery import PRIORITY
from retail_sync.model.ports import Destination

from .context import Road

_LIVE = "select 1 from road.live_pair where pair = %s"

_UNFINISHED = """
    select 1 from delivery.outbox
     where account = %s and pair = %s and state in ('pending', 'claimed') and closed_at is null and priority < %s
     limit 1
"""

_GO = "insert into road.live_pair (pair, run_id, live_at) values (%s, %s, %s) on conflict do nothing"


def is_live(connection: Connection[Any], pair: str) -> bool:
    """Whether the first load of this pair is over."""
    return connection.execute(_LIVE, (pair,)).fetchone() is not None


def go_live(road: Road, run_id: str) -> bool:
    """Queue what ends the silence, if the pair is not live and nothing of its first load is left to send.

    Returns:
        Whether it went live just now.
    """
    account, pair = road.pair.destination.account, road.pair.pair
    with road.database.connection() as connection:
        if is_live(connection, pair):
            return False
        if connection.execute(_UNFINISHED, (account, pair, PRIORITY["history"])).fetchone():
            return False
        connection.execute(_GO, (pair, run_id, road.clock()))
        queue.prepare(connection)
        queue.want(connection, (Bearer(wanted) for wanted in road.destination.structure(live=True)))
        queue.queue_differences(
            connection, Queueing(account, pair, run_id, road.clock(), PRIORITY["structure"], contact_kind=None)
        )
    return True


def what_going_live_changes(destination: Destination) -> Iterator[dict[str, Any]]:
    """What a first load ends with, as a dry run shows it."""
    before = {wanted.object_id: wanted.payload for wanted in destination.structure(live=False)}
    for wanted in destination.structure(live=True):
        if wanted.payload != before.get(wanted.object_id):
            yield {
                "kind": wanted.kind,
                "operation": "update",
                "object_id": wanted.object_id,
                "vendor_key": wanted.vendor_key,
                "payload": wanted.payload,
            }
