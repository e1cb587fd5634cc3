"""The table of exceptions: one vocabulary for everything that waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

_GATHER = """
    create temporary table wrong (subject text, record text, cause text, owner text, next_step text) on commit drop
"""

# Causes repeat what vendors say, and everybody may read them: an address that slipped through is taken out here. What a
# person has closed is not opened again for the same cause before that was gone once.
_OPEN = """
    insert into exceptions.entry as kept
        (pair, subject, record, cause, owner, next_step, run_id, opened_at, seen_at)
    select %(pair)s, subject, record, masked.cause, owner, next_step, %(run_id)s, %(now)s, %(now)s
      from (select distinct on (subject, record) * from wrong order by subject, record, cause) as wrong
     cross join lateral (select regexp_replace(cause, '[^[:space:]@]+@[^[:space:]@]+', '…', 'g')) as masked (cause)
     where not exists (select from exceptions.entry as judged
                        where judged.pair = %(pair)s and judged.subject = wrong.subject
                          and judged.record = wrong.record and judged.cause = masked.cause
                          and judged.closed_at is not null and judged.closed_by <> 'cause gone'
                          and judged.gone_at is null)
        on conflict (pair, subject, record) where closed_at is null do update
       set cause = excluded.cause, owner = excluded.owner, next_step = excluded.next_step, seen_at = excluded.seen_at
 returning (xmax = 0)::integer as is_new
"""
_COUNT = f"with said as ({_OPEN}) select count(*), coalesce(sum(is_new), 0) from said"  # noqa: S608 - constants

_CLOSE = """
    update exceptions.entry as kept
       set closed_at = %(now)s, closed_by = 'cause gone'
     where pair = %(pair)s and closed_at is null and split_part(subject, '.', 1) = any (%(families)s)
       and not exists (select from wrong where wrong.subject = kept.subject and wrong.record = kept.record)
"""

_GONE = """
    update exceptions.entry as judged
       set gone_at = %(now)s
     where pair = %(pair)s and closed_at is not null and closed_by <> 'cause gone' and gone_at is null
       and split_part(subject, '.', 1) = any (%(families)s)
       and not exists (select from wrong where wrong.subject = judged.subject and wrong.record = judged.record)
"""

_LIST = """
    select exception_id, pair, subject, record, cause, owner, next_step, opened_at, closed_at, escalated_at,
           escalated_to, snoozed_until
      from exceptions.entry
     where (closed_at is null or %(closed)s)
       and (%(pair)s::text is null or pair = %(pair)s)
       and (%(owner)s::text is null or owner = %(owner)s)
     order by opened_at, exception_id
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many exceptions of a pair are open now, and how many of them have just been opened; how many were closed."""

    open: int
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An exception.

    Attributes:
        subject: What sort of thing is wrong, by its family first: `rule.order_email`, `outbox.rejected`.
        record: Which record, such as `order 10231`, `customer 77`, `member 17`. Never an address.
        escalated_at: Since when it is the affair of `escalated_to` too, as it was open for too long.
        snoozed_until: Until when a person wants to hear nothing of it.
    """

    exception_id: int
    pair: str
    subject: str
    record: str
    cause: str
    owner: str
    next_step: str
    opened_at: datetime
    closed_at: datetime | None
    escalated_at: datetime | None = None
    escalated_to: str | None = None
    snoozed_until: datetime | None = None


def gather(connection: Connection[Any]) -> None:
    """Make this transaction's table `wrong`, for everything that is wrong now.

    Its columns are subject, record, cause, owner and next_step, all text; whoever sees a cause inserts there.
    """
    connection.execute(_GATHER)


def settle(connection: Connection[Any], pair: str, families: Sequence[str], *, run_id: str, now: datetime) -> Settled:
    """Make the exceptions of a pair say what stands in `wrong`: new ones open, known ones stay, others close.

    Args:
        connection: In whose transaction `wrong` was gathered.
        pair: The pair.
        families: The first parts of the subjects that were looked at; exceptions of others are left alone.
        run_id: The run that saw it.
        now: The time (aware UTC).
    """
    parameters = {"pair": pair, "families": list(families), "run_id": run_id, "now": now}
    row = connection.execute(_COUNT, parameters).fetchone()
    still, opened = row or (0, 0)
    closed = connection.execute(_CLOSE, parameters).rowcount
    connection.execute(_GONE, parameters)
    return Settled(open=still, opened=opened, closed=closed)


def entries(
    connection: Connection[Any], pair: str | None = None, owner: str | None = None, *, closed: bool = False
) -> list[Entry]:
    """The open exceptions, the oldest first; of a pair or an owner only where one is given.

    Args:
        connection: The database.
        pair: Only those of this pair.
        owner: Only those of this owner.
        closed: Whether those that are closed are listed too.
    """
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(_LIST, {"pair": pair, "owner": owner, "closed": closed}).fetchall()
