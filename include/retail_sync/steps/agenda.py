"""What a plan finds out beside what is wanted: when to look at a record again, and what must not be told any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.delivery.moves import Retired
from retail_sync.model.records import Stream
from retail_sync.people.parcels import Telling
from retail_sync.people.scope import Scope

# A record has one timer of a reason. Whoever looks at the record sets it anew, so that a clear changes nothing.
_SET = """
    insert into road.due (pair, stream, key, reason, due_at)
    select %(pair)s, stream, key, reason, due_at
      from unnest(%(streams)s::text[], %(keys)s::text[], %(reasons)s::text[], %(times)s::timestamptz[])
        as timer (stream, key, reason, due_at)
     where due_at is not null
        on conflict (pair, stream, key, reason) do update set due_at = excluded.due_at
"""
_STOP = """
    delete from road.due
     using unnest(%(streams)s::text[], %(keys)s::text[], %(reasons)s::text[], %(times)s::timestamptz[])
        as timer (stream, key, reason, due_at)
     where due.pair = %(pair)s and due.stream = timer.stream and due.key = timer.key and due.reason = timer.reason
       and timer.due_at is null
"""

# What has not left may still be taken back; what is under way or has ended may not.
_WITHDRAW = """
    update delivery.outbox
       set state = 'superseded', closed_at = %(now)s, code = null, words = null
     where outbox.account = %(destination)s and outbox.pair = %(pair)s and outbox.object_id = any (%(unsaid)s)
       and outbox.state in ('pending', 'held') and outbox.closed_at is null
"""

_PARCEL_NEWS = "parcel news"


class Agenda:
    """What is to be noted once everything wanted has been queued, in plan's transaction.

    Attributes:
        withdrawn: Objects that are to go from the destination at once, should they stand there.
    """

    def __init__(self) -> None:
        self.withdrawn: list[Retired] = []
        self._due: dict[tuple[Stream, str, str], datetime | None] = {}
        self._unsaid: list[str] = []

    def add(self, order_key: str, telling: Telling) -> None:
        """Note when an order is to be looked at again, and what of it is not to be told."""
        self.look_again("orders", order_key, _PARCEL_NEWS, telling.next_due)
        self._unsaid += telling.unsaid

    def look_again(self, stream: Stream, key: str, reason: str, due_at: datetime | None) -> None:
        """Note when a record is to be looked at again for a reason, or that it is not."""
        self._due[stream, key, reason] = due_at

    def withdraw(self, retired: Retired) -> None:
        """Note what is to go from the destination."""
        self.withdrawn.append(retired)

    def write(self, connection: Connection[Any], scope: Scope) -> None:
        """Set and stop timers, and withdraw what has not left and is not to be told."""
        timers = list(self._due)
        parameters = scope.parameters(
            streams=[stream for stream, _, _ in timers],
            keys=[key for _, key, _ in timers],
            reasons=[reason for _, _, reason in timers],
            times=list(self._due.values()),
            unsaid=self._unsaid,
        )
        if timers:
            connection.execute(_STOP, parameters)
            connection.execute(_SET, parameters)
        if self._unsaid:
            connection.execute(_WITHDRAW, parameters)
