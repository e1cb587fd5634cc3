"""Sending what owners are to be told: each mail once, however many workers come by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from retail_sync.db.database import Database
from retail_sync.errors import UnreachableError
from retail_sync.exceptions.announcements import Addressed, Announcement, announcements, told
from retail_sync.model.ports import Clock

Send: TypeAlias = Callable[[Announcement], None]

_TURN = "select pg_try_advisory_xact_lock(hashtextextended('retail_sync.announce.' || %s, 0))"


class Told(Protocol):
    """What owners are told on behalf of: a road, or what is left of one."""

    @property
    def pair(self) -> Addressed:
        """The pair, with its addresses."""
        ...

    @property
    def database(self) -> Database:
        """Where its exceptions stand."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """A pair that mails are sent for, whether or not it can be worked on. See `Told`."""

    pair: Addressed
    database: Database
    clock: Clock


def announce(road: Told, send: Send) -> int:
    """Write to every owner of the pair about what they have not been told of.

    One worker at a time sends; whoever comes meanwhile leaves it to that one. A mail counts as sent only once it has
    been, and one that can't be sent keeps no other back: it is due again the next time.

    Args:
        road: The pair, the database and the time.
        send: Sends a mail, or raises.

    Returns:
        How many were sent.

    Raises:
        UnreachableError: Some could not be sent.
    """
    with road.database.connection() as turn:
        if turn.execute(_TURN, [road.pair.pair]).fetchone() != (True,):
            return 0
        with road.database.connection() as connection:
            due = announcements(connection, road.pair, road.clock())
        failures = [failure for one in due if (failure := _sent(road, one, send))]
    if failures:
        raise UnreachableError(
            f"{len(failures)} of {len(due)} mails could not be sent ({', '.join(sorted(set(failures)))})",
            record=f"pair {road.pair.pair}",
            fix=f"Look at the connection {road.pair.mail.connection}; they are tried again.",
        )
    return len(due)


def _sent(road: Told, announcement: Announcement, send: Send) -> str:
    """Send a mail and note it; the kind of what went wrong, or nothing."""
    try:
        send(announcement)
    except Exception as error:  # noqa: BLE001 - whatever a mail server does to one mail, the others are sent
        return type(error).__name__
    with road.database.connection() as connection:
        told(connection, announcement, road.clock())
    return ""
