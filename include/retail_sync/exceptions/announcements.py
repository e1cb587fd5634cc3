"""Telling owners what waits for them: one mail to each, about every exception that they have not been told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.pairs.config import Mail, Owners

#: How many exceptions of one subject a mail spells out; the rest it counts.
SPELT_OUT = 20

# What was escalated is told anew, to whom it went.
_UNTOLD = """
    select exception_id, subject, record, cause, owner, next_step, run_id, opened_at, told_to, is_escalated,
           case split_part(subject, '.', 1) when 'run' then 'failed' when 'stopped' then 'stopped'
                                            when 'deadline' then 'late' else '' end as urgency
      from exceptions.entry
     cross join lateral (
           values (owner, false, told_at is null and coalesce(snoozed_until <= %(now)s, true)),
                  (escalated_to, true, escalated_at is not null and escalation_told_at is null)
           ) as turn (told_to, is_escalated, is_due)
     where pair = %(pair)s and closed_at is null and is_due
     order by told_to, is_escalated, urgency desc, subject, opened_at, exception_id
"""
_TOLD = "update exceptions.entry set told_at = %s where exception_id = any (%s)"
_ESCALATION_TOLD = "update exceptions.entry set escalation_told_at = %s where exception_id = any (%s)"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A mail that is to be sent once.

    Attributes:
        to: Addresses.
        subject: Its subject line.
        lines: What it says, a paragraph each, as plain text without any address.
        entries: The exceptions that count as told once it has been sent.
        is_escalated: Whether it goes to somebody else than their owner, since they have been open for too long.
        run_id: The run that it is about, where that is a failed one.
    """

    to: tuple[str, ...]
    subject: str
    lines: tuple[str, ...]
    entries: tuple[int, ...]
    is_escalated: bool = False
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Untold:
    exception_id: int
    subject: str
    record: str
    cause: str
    owner: str
    next_step: str
    run_id: str | None
    opened_at: datetime
    told_to: str
    is_escalated: bool
    urgency: str


class Addressed(Protocol):
    """A pair as far as mails need it: its file, or what is left of one that can't be used."""

    @property
    def pair(self) -> str:
        """Its name."""
        ...

    @property
    def owners(self) -> Owners:
        """Addresses by role."""
        ...

    @property
    def mail(self) -> Mail:
        """Through which connection, from whom, and who else is told."""
        ...


def announcements(connection: Connection[Any], pair: Addressed, now: datetime) -> list[Announcement]:
    """The mails that are due: one to each owner of open exceptions that were not told, each sort of alarm by itself.

    What was escalated since is told to whom it went, in a mail of its own. What is snoozed waits.

    Args:
        connection: The database.
        pair: The pair. Its file names the addresses of its owners; who has none is served by those of the pair's mails.
        now: The time (aware UTC).

    Returns:
        The mails; none to an owner whom the pair file gives no way to reach.
    """
    with connection.cursor(row_factory=class_row(_Untold)) as cursor:
        untold = cursor.execute(_UNTOLD, {"pair": pair.pair, "now": now}).fetchall()
    batches = groupby(untold, key=lambda one: (one.told_to, one.is_escalated, one.is_escalated or one.urgency))
    found = [_announcement(pair, owner, list(batch)) for (owner, *_), batch in batches]
    return [one for one in found if one.to]


def told(connection: Connection[Any], announcement: Announcement, now: datetime) -> None:
    """Note that a mail has been sent."""
    statement = _ESCALATION_TOLD if announcement.is_escalated else _TOLD
    connection.execute(statement, [now, list(announcement.entries)])


def addresses(pair: Addressed, owner: str) -> tuple[str, ...]:
    """Who is written to about what is an owner's: their own addresses; operations are told by the pair's mails too."""
    own: list[str] = getattr(pair.owners, owner, [])
    shared = pair.mail.to if owner == "operations" or not own else []
    return tuple(dict.fromkeys([*own, *shared]))


def _announcement(pair: Addressed, owner: str, untold: Sequence[_Untold]) -> Announcement:
    return Announcement(
        to=addresses(pair, owner),
        subject=f"[{pair.pair}] {_subject(owner, untold)}",
        lines=tuple(_lines(pair, owner, untold)),
        entries=tuple(one.exception_id for one in untold),
        is_escalated=untold[0].is_escalated,
        run_id=untold[0].run_id if untold[0].urgency == "failed" else None,
    )


def _subject(owner: str, untold: Sequence[_Untold]) -> str:
    about = untold[0].record if len(untold) == 1 else f"{len(untold)} records"
    if untold[0].is_escalated:
        return f"open for too long: {about}"
    return f"{untold[0].urgency or f'for {owner}'}: {about}"


def _lines(pair: Addressed, owner: str, untold: Sequence[_Untold]) -> Iterator[str]:
    yield f"Pair: {pair.pair}. {'Escalated to' if untold[0].is_escalated else 'Owner'}: {owner}."
    for subject, group in groupby(untold, key=lambda one: one.subject):
        same = list(group)
        yield from (f"{one.record}: {one.cause} What to do: {one.next_step}{_open(one)}" for one in same[:SPELT_OUT])
        if len(same) > SPELT_OUT:
            yield f"And {len(same) - SPELT_OUT} more of {subject}."


def _open(one: _Untold) -> str:
    """Since when an escalated exception has been waiting, and for whom."""
    return f" Open since {one.opened_at:%Y-%m-%d %H:%M} UTC, with {one.owner}." if one.is_escalated else ""
