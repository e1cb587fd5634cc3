"""What a dry run shows: the rest of the run, rehearsed in plan's transaction before that is rolled back.

All that goes out is taken as delivered and as found right afterwards. What only the destination's answers can tell is
not foreseen: who has left meanwhile, what it refuses, what of a moved object stays behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from psycopg import Connection

from retail_sync.delivery.rehearsal import rehearse

from . import going_live, lifetime
from .context import Road
from .load import destination_door, door_of
from .runs import Run

#: Why a row is not sent at once: a person has to approve it, or the history has to be found right first (DAG-4).
WaitsFor = Literal["approval", "history"]

_COLUMNS = ("pair", "kind", "operation", "object_id", "vendor_key", "payload")
_SENT = """
    select pair, kind, operation, object_id, vendor_key, payload
      from unnest(%(rows)s::bigint[]) with ordinality as sent (row_id, position)
      join delivery.outbox using (row_id)
     order by position
"""
# Those of earlier plans, too: whoever is to approve them has to see them.
_HELD = """
    select pair, kind, operation, object_id, vendor_key, payload
      from delivery.outbox
     where account = %(account)s and pair = %(pair)s and state = 'held' and code = 'brake' and closed_at is null
     order by priority, row_id
"""


def rest_of_run(connection: Connection[Any], road: Road, run: Run) -> list[dict[str, Any]]:
    """Say what follows from a plan, in the order in which it is sent.

    Args:
        connection: Plan's transaction, in which all is queued and which is rolled back.
        road: What to work on.
        run: The dry run.

    Returns:
        The rows: `pair` (those of others, which wait for the same account, are sent as well), `kind`, `operation`,
        `object_id`, `vendor_key`, `payload`, and `waits_for`: None where the next run sends it at once, `history` where
        the same run does so once it has found the pair's history right, `approval` where it does not before a person
        has approved it.
    """
    pair = road.pair
    held = connection.execute(_HELD, {"account": pair.destination.account, "pair": pair.pair}).fetchall()
    now = road.clock()
    at_once = rehearse(connection, road.database, door_of(road, run), now)
    if going_live.queue(connection, road, run.run_id):
        at_once += rehearse(connection, road.database, door_of(road, run), now)
    # Plan has tables of the same names, and is done with them.
    connection.execute("drop table touched_person, owned_order")
    later: list[int] = []
    if told := lifetime.queue(connection, road, run.run_id):
        later = rehearse(connection, road.database, destination_door(road, told), now)
    return [
        *_rows(_read(connection, at_once), None),
        *_rows(_read(connection, later), "history"),
        *_rows(held, "approval"),
    ]


def _read(connection: Connection[Any], rows: Sequence[int]) -> list[tuple[Any, ...]]:
    return connection.execute(_SENT, {"rows": list(rows)}).fetchall()


def _rows(found: Sequence[tuple[Any, ...]], waits_for: WaitsFor | None) -> Iterator[dict[str, Any]]:
    for row in found:
        yield {**dict(zip(_COLUMNS, row, strict=True)), "waits_for": waits_for}
