"""How far histories have come: the slots in which a pair's orders were read, and what became of their orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

# Of each span the run that read it last. What stands for a source's record ends with that record's key.
_PROGRESS = """
    select slot.since, slot.until, slot.state, slot.run_id, slot.extracted as read,
           coalesce(sent.queued, 0) as queued, coalesce(sent.delivered, 0) as delivered
      from (select distinct on (slot.since, slot.until) slot.*
              from road.slot join road.run using (run_id)
             where run.pair = %(pair)s and slot.stream = 'orders' and slot.since < slot.until
               and slot.until > coalesce(%(since)s, '-infinity') and slot.since < coalesce(%(until)s, 'infinity')
             order by slot.since, slot.until, run.opened_at desc) as slot
      left join lateral (
           select count(*) as queued, count(*) filter (where outbox.state = 'delivered') as delivered
             from delivery.outbox
             join people.order_value as value
               on value.pair = outbox.pair and value.key = substring(outbox.object_id from '^[^:]*:[^:]*:(.*)$')
            where outbox.run_id = slot.run_id and outbox.pair = %(pair)s
              and value.placed_at >= slot.since and value.placed_at < slot.until) as sent on true
     order by slot.since, slot.until
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """One span of a history.

    Attributes:
        state: `waiting`, `reading` or `complete`.
        read: Orders that the source gave.
        queued: Rows that the run queued of these orders, and how many of them were `delivered`.
    """

    since: datetime
    until: datetime
    state: str
    run_id: str
    read: int
    queued: int
    delivered: int


def progress(
    connection: Connection[Any], pair: str, since: datetime | None = None, until: datetime | None = None
) -> list[Progress]:
    """How far the histories of a pair have come, span by span, the oldest first."""
    with connection.cursor(row_factory=class_row(Progress)) as cursor:
        return cursor.execute(_PROGRESS, {"pair": pair, "since": since, "until": until}).fetchall()
