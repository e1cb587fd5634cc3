"""Escalation: an exception that is open for too long becomes somebody else's affair too, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.pairs.config import Pair

from .entries import Entry

# The clock of one that was snoozed begins anew when the snooze ends.
_ESCALATE = """
    update exceptions.entry
       set escalated_at = %(now)s, escalated_to = limits.goes_to
      from unnest(%(owners)s::text[], %(lengths)s::interval[], %(goes_to)s::text[]) as limits (owner, length, goes_to)
     where pair = %(pair)s and closed_at is null and escalated_at is null and entry.owner = limits.owner
       and greatest(opened_at, snoozed_until) + limits.length <= %(now)s
 returning exception_id, pair, subject, record, cause, entry.owner, next_step, opened_at, closed_at, escalated_at,
           escalated_to, snoozed_until
"""


def escalations(connection: Connection[Any], pair: Pair, now: datetime) -> list[Entry]:
    """Mark the exceptions of a pair that have been open for as long as its file allows; each is escalated once.

    Args:
        connection: The transaction.
        pair: The pair. Its file says after which time, and to whom; an owner's own time goes before the common one.
        now: The time (aware UTC).

    Returns:
        Those that have just been escalated. Whom they went to is told by the next mails (`announcements`).
    """
    lengths = {owner: pair.escalation.after_of(owner) for owner in type(pair.owners).model_fields}
    parameters = {
        "pair": pair.pair,
        "now": now,
        "owners": list(lengths),
        "lengths": list(lengths.values()),
        "goes_to": [pair.escalation.to] * len(lengths),
    }
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(_ESCALATE, parameters).fetchall()
